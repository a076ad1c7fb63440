// One thing worth a line in the log, before it is text or JSON.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "config/config.hpp"

namespace whylink::daemon {

/// As a record holds it: a term of a vocabulary by its slug, whole numbers as one type, all else as it is.
template <class T>
auto field_value(const T& value) {
    if constexpr (Vocabulary<T>) {
        return std::string(slug(value));
    } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
        return static_cast<std::int64_t>(value);
    } else {
        return value;
    }
}

/// An object in a list, such as one of several tests.
struct RecordRow {
    using Value = std::variant<bool, std::int64_t, double, std::string>;

    std::vector<std::pair<std::string_view, Value>> fields;  ///< keys are literals

    template <class T>
    RecordRow& add(std::string_view key, const T& value) {
        fields.emplace_back(key, field_value(value));
        return *this;
    }
    bool operator==(const RecordRow&) const = default;
};

struct Record {
    using Labels = std::map<std::string, std::string>;
    using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, Labels,
                               std::vector<RecordRow>>;

    config::LogLevel level = config::LogLevel::info;
    std::string_view event;  ///< a literal: "start", "change", "reminder", "summary", "reload" ...
    std::string message;     ///< one line that says it all
    /// For text only: further lines, each of which is written under the message. In JSON the fields have it.
    std::vector<std::string> details = {};
    std::vector<std::pair<std::string_view, Value>> fields = {};  ///< for JSON; keys are literals

    template <class T>
    void add(std::string_view key, const T& value) {
        fields.emplace_back(key, field_value(value));
    }
};

}  // namespace whylink::daemon
