#include "daemon/http/accept.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "config/ascii.hpp"

namespace whylink::daemon::http {
namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// What stands before the next `separator` that is in no quoted string; it and the separator are taken off
/// `rest`.
std::string_view take_part(std::string_view& rest, char separator) {
    bool quoted = false;
    std::size_t at = 0;
    for (; at < rest.size() && (quoted || rest[at] != separator); ++at) {
        if (rest[at] == '"') {
            quoted = !quoted;
        } else if (quoted && rest[at] == '\\') {
            ++at;
        }
    }
    at = std::min(at, rest.size());
    const std::string_view part = rest.substr(0, at);
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return trimmed(part);
}

std::string unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
        return std::string(text);
    }
    std::string result;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '\\' && i + 2 < text.size()) {
            ++i;
        }
        result += text[i];
    }
    return result;
}

/// More digits than the three that the RFC allows are read as well.
std::optional<double> weight_of(std::string_view text) {
    double weight = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), weight, std::chars_format::fixed);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    // Written so that "nan" fails too.
    return whole && weight >= 0 && weight <= 1 ? std::optional(weight) : std::nullopt;
}

std::optional<Preference> preference(std::string_view element) {
    Preference result;
    result.value = lower_case(take_part(element, ';'));
    if (result.value.empty()) {
        return std::nullopt;
    }
    while (!element.empty()) {
        std::string_view value = take_part(element, ';');
        const std::string name = lower_case(take_part(value, '='));
        if (name == "q") {
            const auto weight = weight_of(value);
            if (!weight) {
                return std::nullopt;
            }
            result.weight = *weight;
        } else if (!name.empty()) {
            result.parameters.emplace_back(name, unquoted(value));
        }
    }
    return result;
}

}  // namespace

std::string_view Preference::parameter(std::string_view name) const {
    const auto found = std::ranges::find(parameters, name, &std::pair<std::string, std::string>::first);
    return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<Preference> preferences(std::string_view header) {
    std::vector<Preference> result;
    while (!header.empty()) {
        if (auto element = preference(take_part(header, ','))) {
            result.push_back(std::move(*element));
        }
    }
    return result;
}

}  // namespace whylink::daemon::http
