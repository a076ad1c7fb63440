// Numbers in network byte order. The caller has made sure that the bytes are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace whylink::probes {

using ByteSpan = std::span<const std::uint8_t>;

inline std::uint16_t read_16(ByteSpan bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

inline std::uint32_t read_32(ByteSpan bytes, std::size_t at) {
    return std::uint32_t{read_16(bytes, at)} << 16 | read_16(bytes, at + 2);
}

/// The first `size` bytes, or all when there are fewer.
inline ByteSpan at_most(ByteSpan bytes, std::size_t size) {
    return bytes.first(size < bytes.size() ? size : bytes.size());
}

}  // namespace whylink::probes
