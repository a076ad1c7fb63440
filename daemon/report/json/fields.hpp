// What the JSON report shows of a struct of facts, by its description (probes/fields.hpp).
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "config/vocabulary.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/probe_view.hpp"
#include "probes/fields.hpp"

namespace whylink::daemon::json {

using Json = nlohmann::ordered_json;

template <class Rep, class Period>
double seconds(std::chrono::duration<Rep, Period> duration) {
    return std::chrono::duration<double>(duration).count();
}

Json alert_json(const probes::TlsAlert& alert);

template <class T>
bool is_set(const T& value) {
    if constexpr (probes::is_optional<T>) {
        return value.has_value();
    } else if constexpr (probes::is_vector<T> || std::is_same_v<T, std::string>) {
        return !value.empty();
    } else if constexpr (std::is_integral_v<T> || Vocabulary<T>) {
        return value != T{};
    } else {
        return true;
    }
}

template <probes::Described S>
void add_fields(Json& object, const S& facts, std::string_view prefix = {});

template <probes::Described S>
Json fields_json(const S& facts) {
    Json object = Json::object();
    add_fields(object, facts);
    return object;
}

template <class T>
Json value_json(const T& value, probes::Unit unit = probes::Unit::none) {
    if constexpr (std::is_integral_v<T>) {
        return value;
    } else if constexpr (std::is_same_v<T, std::string>) {
        return unit == probes::Unit::bytes ? escaped_bytes(value) : printable(value);
    } else if constexpr (Vocabulary<T>) {
        return slug(value);
    } else if constexpr (std::is_same_v<T, IpAddress> || std::is_same_v<T, Cidr>) {
        return value.to_string();
    } else if constexpr (std::is_same_v<T, probes::WallClock::time_point>) {
        return rfc3339(value);
    } else if constexpr (probes::is_optional<T>) {
        return value_json(*value, unit);
    } else if constexpr (probes::is_vector<T>) {
        Json array = Json::array();
        for (const auto& item : value) {
            array.push_back(value_json(item, unit));
        }
        return array;
    } else if constexpr (probes::is_duration<T>) {
        return seconds(value);
    } else if constexpr (std::is_same_v<T, probes::TlsAlert>) {
        return alert_json(value);
    } else {
        return fields_json(value);
    }
}

/// What the report calls it.
template <class T>
std::string key_of(std::string_view name, std::string_view shown_as, std::string_view prefix) {
    if constexpr (probes::is_optional<T>) {
        return key_of<typename T::value_type>(name, shown_as, prefix);
    } else {
        std::string key(prefix);
        key += shown_as.empty() ? name : shown_as;
        return probes::is_duration<T> ? key + "_seconds" : key;
    }
}

template <class S, class M, class W>
void add_field(Json& object, const S& facts, const probes::Field<M, W>& field, std::string_view prefix) {
    if (field.shown == probes::Shown::never || !field.condition(facts)) {
        return;
    }
    const auto& value = std::invoke(field.what, facts);
    using T = std::remove_cvref_t<decltype(value)>;
    if (field.shown == probes::Shown::always || is_set(value)) {
        object[key_of<T>(field.name, field.shown_as, prefix)] = value_json(value, field.unit);
    }
}

template <class S, class M>
void add_field(Json& object, const S& facts, const probes::Spread<M>& field, std::string_view /*prefix*/) {
    const auto& inner = facts.*field.what;
    if constexpr (probes::is_optional<std::remove_cvref_t<decltype(inner)>>) {
        if (inner) {
            add_fields(object, *inner, field.prefix);
        }
    } else {
        add_fields(object, inner, field.prefix);
    }
}

template <class S, class... F>
void add_field(Json& object, const S& facts, const probes::Group<F...>& group, std::string_view prefix) {
    Json inner = Json::object();
    std::apply([&](const auto&... field) { (add_field(inner, facts, field, prefix), ...); }, group.fields);
    object[std::string(group.name)] = std::move(inner);
}

/// Behind what `object` has already.
template <probes::Described S>
void add_fields(Json& object, const S& facts, std::string_view prefix) {
    std::apply([&](const auto&... field) { (add_field(object, facts, field, prefix), ...); },
               probes::fields_of<S>);
}

}  // namespace whylink::daemon::json
