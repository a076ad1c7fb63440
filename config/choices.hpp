// The words that the config and the command line use for each enumeration.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "config/config.hpp"

namespace whylink::config {

/// In the enumeration's order, so that a value is its word's index.
template <class E>
struct Words;

template <>
struct Words<Family> {
    static constexpr std::array<std::string_view, 3> all{"any", "ipv4", "ipv6"};
};
template <>
struct Words<App> {
    static constexpr std::array<std::string_view, 8> all{"none", "http",     "clickhouse", "redis",
                                                         "mqtt", "postgres", "mysql",      "expect"};
};
template <>
struct Words<ProxyProtocol> {
    static constexpr std::array<std::string_view, 3> all{"none", "v1", "v2"};
};
template <>
struct Words<TlsVersion> {
    static constexpr std::array<std::string_view, 4> all{"1.0", "1.1", "1.2", "1.3"};
};
template <>
struct Words<LogLevel> {
    static constexpr std::array<std::string_view, 5> all{"trace", "debug", "info", "warn", "error"};
};
template <>
struct Words<LogFormat> {
    static constexpr std::array<std::string_view, 2> all{"text", "json"};
};
template <>
struct Words<Direction> {
    static constexpr std::array<std::string_view, 2> all{"inbound", "outbound"};
};

template <class E>
concept Worded = requires {
    Words<E>::all;
};

template <Worded E>
constexpr std::string_view word(E value) {
    return Words<E>::all[static_cast<std::size_t>(value)];
}

template <Worded E>
constexpr std::optional<E> from_word(std::string_view text) {
    const auto found = std::ranges::find(Words<E>::all, text);
    if (found == Words<E>::all.end()) {
        return std::nullopt;
    }
    return static_cast<E>(found - Words<E>::all.begin());
}

}  // namespace whylink::config
