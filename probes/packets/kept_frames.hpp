// Packets that are kept, with their bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "probes/packets/packet.hpp"

namespace whylink::probes {

struct KeptFrames {
    struct Entry {
        Nanoseconds time{};
        std::uint32_t wire_length = 0;
        std::size_t begin = 0;  ///< in `bytes`
        std::size_t size = 0;
    };
    LinkType link = LinkType::ethernet;
    std::vector<std::uint8_t> bytes;
    std::vector<Entry> entries;
    std::uint64_t left_out = 0;  ///< beyond the bound

    /// The first `size` bytes of the frame.
    void add(const Frame& frame, std::size_t size);
    /// Valid until the next change.
    Frame frame(std::size_t index) const;
    /// Takes the other's over; afterwards all are in the order of time.
    void merge(KeptFrames other);
};

}  // namespace whylink::probes
