#include "probes/app/codecs/resp.hpp"

#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

namespace whylink::probes::resp {
namespace {

constexpr std::size_t max_line = 1024;  ///< of a length, a number or a simple string
constexpr std::size_t max_size = 64U << 10U;
constexpr int max_depth = 5;

class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    Framing read(Value& value, int depth) {
        std::string_view line;
        if (const Framing framing = read_line(line); framing != Framing::value) {
            return framing;
        }
        const std::string_view rest = line.substr(1);
        switch (line.front()) {
            case '+':
            case '-':
                value.kind = line.front() == '+' ? Value::Kind::text : Value::Kind::error;
                value.text = rest;
                return Framing::value;
            case ':':
                value.kind = Value::Kind::number;
                return read_number(rest, value.number) ? Framing::value : Framing::impossible;
            case '$':
                return read_bulk(rest, value);
            case '*':
                return depth == max_depth ? Framing::impossible : read_list(rest, value, depth);
            default:
                return Framing::impossible;
        }
    }

    std::size_t taken() const { return taken_; }

  private:
    /// Never empty.
    Framing read_line(std::string_view& line) {
        const std::string_view rest = bytes_.substr(taken_);
        const std::size_t end = rest.substr(0, max_line).find("\r\n");
        if (end == std::string_view::npos) {
            return rest.size() < max_line ? Framing::incomplete : Framing::impossible;
        }
        if (end == 0) {
            return Framing::impossible;
        }
        line = rest.substr(0, end);
        taken_ += end + 2;
        return Framing::value;
    }

    static bool read_number(std::string_view text, std::int64_t& number) {
        const char* const end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data(), end, number);
        return parsed.ec == std::errc() && parsed.ptr == end;
    }

    /// -1 is null, of a bulk string and of a list.
    static bool read_size(std::string_view text, std::int64_t& size) {
        return read_number(text, size) && size >= -1 && size <= static_cast<std::int64_t>(max_size);
    }

    Framing read_bulk(std::string_view length, Value& value) {
        std::int64_t size = 0;
        if (!read_size(length, size)) {
            return Framing::impossible;
        }
        value.kind = size < 0 ? Value::Kind::null : Value::Kind::text;
        if (size < 0) {
            return Framing::value;
        }
        const auto wanted = static_cast<std::size_t>(size);
        if (bytes_.size() - taken_ < wanted + 2) {
            return bytes_.size() < max_size ? Framing::incomplete : Framing::impossible;
        }
        value.text = bytes_.substr(taken_, wanted);
        taken_ += wanted + 2;
        return Framing::value;
    }

    Framing read_list(std::string_view length, Value& value, int depth) {
        std::int64_t size = 0;
        if (!read_size(length, size)) {
            return Framing::impossible;
        }
        value.kind = size < 0 ? Value::Kind::null : Value::Kind::list;
        for (std::int64_t i = 0; i < size; ++i) {
            Value item;
            if (const Framing framing = read(item, depth + 1); framing != Framing::value) {
                return framing;
            }
            value.items.push_back(std::move(item));
        }
        return Framing::value;
    }

    std::string_view bytes_;
    std::size_t taken_ = 0;
};

}  // namespace

Framing read_value(std::string_view bytes, Value& value, std::size_t& size) {
    Reader reader(bytes.substr(0, max_size));
    value = {};
    const Framing framing = reader.read(value, 0);
    size = reader.taken();
    return framing == Framing::incomplete && bytes.size() >= max_size ? Framing::impossible : framing;
}

std::string command(std::initializer_list<std::string_view> words) {
    std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string_view word : words) {
        bytes += "$" + std::to_string(word.size()) + "\r\n";
        bytes += word;
        bytes += "\r\n";
    }
    return bytes;
}

}  // namespace whylink::probes::resp
