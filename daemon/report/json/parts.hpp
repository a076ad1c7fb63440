// What the objects of the JSON report have in common: members that are left out when there is nothing to say.
#pragma once

#include <chrono>
#include <concepts>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "config/vocabulary.hpp"
#include "daemon/report/human/text.hpp"
#include "probes/observation.hpp"

namespace whylink::daemon::json {

using Json = nlohmann::ordered_json;

template <class Rep, class Period>
double seconds(std::chrono::duration<Rep, Period> duration) {
    return std::chrono::duration<double>(duration).count();
}

inline void add_if(Json& object, const char* key, const std::string& text) {
    if (!text.empty()) {
        object[key] = valid_utf8(text);
    }
}

inline void add_if(Json& object, const char* key, bool value) {
    if (value) {
        object[key] = true;
    }
}

template <std::integral T>
requires(!std::same_as<T, bool>) void add_if(Json& object, const char* key, T number) {
    if (number != 0) {
        object[key] = number;
    }
}

template <std::integral T>
void add_if(Json& object, const char* key, std::optional<T> number) {
    if (number) {
        object[key] = *number;
    }
}

inline void add_if(Json& object, const char* key, const std::optional<probes::Nanoseconds>& time) {
    if (time) {
        object[key] = seconds(*time);
    }
}

/// The first of an enum stands for nothing.
template <Vocabulary E>
void add_if(Json& object, const char* key, E value) {
    if (value != E{}) {
        object[key] = slug(value);
    }
}

Json icmp_json(const probes::IcmpError& icmp);

}  // namespace whylink::daemon::json
