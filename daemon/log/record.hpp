// One thing worth a line in the log, before it is text or JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "config/config.hpp"

namespace whylink::daemon {

struct Record {
    using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

    config::LogLevel level = config::LogLevel::info;
    std::string_view event;  ///< a literal: "start", "change", "reminder", "summary", "reload" ...
    std::string message;     ///< one line that says it all
    /// For text only: further lines, each of which is written under the message. In JSON the fields have it.
    std::vector<std::string> details = {};
    std::vector<std::pair<std::string_view, Value>> fields = {};  ///< for JSON; keys are literals

    /// A field: whatever Value holds, a whole number of another type, or a term, by its slug.
    template <class T>
    void add(std::string_view key, const T& value) {
        if constexpr (Vocabulary<T>) {
            fields.emplace_back(key, std::string(slug(value)));
        } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
            fields.emplace_back(key, static_cast<std::int64_t>(value));
        } else {
            fields.emplace_back(key, value);
        }
    }
};

}  // namespace whylink::daemon
