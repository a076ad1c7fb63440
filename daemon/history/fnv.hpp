// FNV-1a (draft-eastlake-fnv): tells whether a text is another one; it protects nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace whylink::daemon {

inline constexpr std::uint64_t fnv_begin = 0xcbf29ce484222325;

constexpr std::uint64_t fnv(std::uint64_t hash, std::uint8_t byte) {
    return (hash ^ byte) * 0x100000001b3;
}

constexpr std::uint64_t fnv(std::uint64_t hash, std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) {
        hash = fnv(hash, byte);
    }
    return hash;
}

constexpr std::uint64_t fnv(std::uint64_t hash, std::string_view text) {
    for (const char character : text) {
        hash = fnv(hash, static_cast<std::uint8_t>(character));
    }
    return hash;
}

}  // namespace whylink::daemon
