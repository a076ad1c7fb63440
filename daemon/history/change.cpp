#include "daemon/history/change.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace whylink::daemon {
namespace {

/// Of a value in a line: lists of addresses may be long.
constexpr std::size_t max_value = 60;

std::string short_value(const std::string& value) {
    const std::string shown = value_text(value);
    const std::size_t end = shown.rfind(',', max_value);
    return shown.size() <= max_value || end == std::string::npos ? shown : shown.substr(0, end) + ", …";
}

}  // namespace

std::string value_text(const std::string& value) {
    return value.empty() ? "none" : value;
}

std::string change_text(const Change& change) {
    const std::string_view name = title(change.what).empty() ? slug(change.what) : title(change.what);
    return fmt::format("{} {} → {}", name, short_value(change.from), short_value(change.to));
}

std::string changes_text(const std::vector<Change>& changes, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < std::min(most, changes.size()); ++i) {
        text += (i == 0 ? "" : "; ") + change_text(changes[i]);
    }
    return changes.size() <= most ? text : text + fmt::format("; {} more", changes.size() - most);
}

}  // namespace whylink::daemon
