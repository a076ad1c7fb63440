#include "config/document.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#define TOML_EXCEPTIONS 0
// Bounds the recursion of the parser, of our copy and of the destructors; no config needs more than four.
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

namespace whylink::config {
namespace {

constexpr std::size_t max_dots = 16;
constexpr std::size_t max_found_text = 60;

Position position(const toml::source_region& region) {
    // A region that the library could not place starts at line 0.
    return {std::max<unsigned>(region.begin.line, 1), std::max<unsigned>(region.begin.column, 1)};
}

/// The library bounds the nesting of values but not of dotted keys, and every part of one is a table. This
/// walks the text just well enough to count the dots of a line that are outside strings and comments.
class DotCounter {
  public:
    explicit DotCounter(std::string_view text) : text_(text) {}

    std::optional<Position> too_many() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\n') {
                next_line();
            } else if (c == '#') {
                skip_to_line_end();
            } else if (c == '"' || c == '\'') {
                skip_string(c);
            } else {
                if (c == '.' && ++dots_ > max_dots)
                    return Position{line_, column()};
                ++at_;
            }
        }
        return std::nullopt;
    }

  private:
    unsigned column() const { return static_cast<unsigned>(at_ - line_start_) + 1; }

    void next_line() {
        ++at_;
        ++line_;
        line_start_ = at_;
        dots_ = 0;
    }

    void skip_to_line_end() { at_ = std::min(text_.find('\n', at_), text_.size()); }

    void skip_string(char quote) {
        const std::array<char, 3> three{quote, quote, quote};
        const std::string_view fence(three.data(), three.size());
        const bool multi_line = text_.substr(at_).starts_with(fence);
        const std::string_view end = fence.substr(0, multi_line ? 3 : 1);
        at_ += end.size();
        while (at_ < text_.size() && !text_.substr(at_).starts_with(end)) {
            if (text_[at_] == '\\' && quote == '"')
                ++at_;
            if (at_ >= text_.size())
                return;
            if (text_[at_] != '\n') {
                ++at_;
            } else if (multi_line) {
                next_line();
            } else {
                return;  // an unterminated string, which the parser reports
            }
        }
        at_ = std::min(at_ + end.size(), text_.size());
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_start_ = 0;
    unsigned line_ = 1;
    std::size_t dots_ = 0;
};

Value copy(const toml::node& node);

Array copy(const toml::array& array) {
    Array result;
    result.reserve(array.size());
    for (const toml::node& element : array)
        result.push_back(copy(element));
    return result;
}

Table copy(const toml::table& table) {
    Table result;
    result.reserve(table.size());
    for (const auto& [key, node] : table) {
        result.push_back({std::string(key.str()), position(key.source()), copy(node)});
    }
    std::ranges::stable_sort(result, {}, &Member::at);
    return result;
}

Value copy(const toml::node& node) {
    Value result{position(node.source()), Moment{}};
    if (const auto* table = node.as_table()) {
        result.data = copy(*table);
    } else if (const auto* array = node.as_array()) {
        result.data = copy(*array);
    } else if (const auto* text = node.as_string()) {
        result.data = text->get();
    } else if (const auto* integer = node.as_integer()) {
        result.data = integer->get();
    } else if (const auto* number = node.as_floating_point()) {
        result.data = number->get();
    } else if (const auto* boolean = node.as_boolean()) {
        result.data = boolean->get();
    }
    return result;
}

std::string escaped(char c) {
    switch (c) {
        case '"':
            return "\\\"";
        case '\\':
            return "\\\\";
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        default:
            break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F)
        return {c};
    std::array<char, 8> code{};
    std::snprintf(code.data(), code.size(), "\\u%04X", static_cast<unsigned>(byte));
    return code.data();
}

/// Cut between characters, not within one.
std::string_view shortened(std::string_view text) {
    if (text.size() <= max_found_text)
        return text;
    std::size_t end = max_found_text;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.substr(0, end);
}

struct FoundText {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%g", value);
        // 2.0 must not look like the integer that it is not.
        const std::string_view digits = text.data();
        const bool whole = digits.find_first_not_of("-0123456789") == std::string_view::npos;
        return std::string(digits) + (whole ? ".0" : "");
    }
    std::string operator()(const std::string& value) const {
        const std::string_view part = shortened(value);
        return toml_string(part) + (part.size() < value.size() ? "..." : "");
    }
    std::string operator()(const Moment& /*unused*/) const { return "a date or time"; }
    std::string operator()(const Array& /*unused*/) const { return "an array"; }
    std::string operator()(const Table& /*unused*/) const { return "a table"; }
};

}  // namespace

std::variant<Table, SyntaxError> parse_document(std::string_view text) {
    if (const auto at = DotCounter(text).too_many()) {
        return SyntaxError{*at, "syntax error: nested deeper than 16 tables"};
    }
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        return SyntaxError{position(parsed.error().source()),
                           "syntax error: " + std::string(parsed.error().description())};
    }
    return copy(parsed.table());
}

const Member* find(const Table& table, std::string_view key) {
    const auto found = std::ranges::find(table, key, &Member::key);
    return found == table.end() ? nullptr : &*found;
}

std::string found_text(const Value& value) {
    return std::visit(FoundText{}, value.data);
}

std::string toml_string(std::string_view text) {
    std::string result = "\"";
    for (const char c : text)
        result += escaped(c);
    return result + "\"";
}

}  // namespace whylink::config
