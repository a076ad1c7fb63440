// Packets that are kept, with their bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "probes/packets/packet.hpp"

namespace whylink::probes {

struct KeptFrames {
    struct Entry {
        Nanoseconds time{};
        std::uint32_t wire_length = 0;
        std::size_t begin = 0;  ///< in `bytes`
        std::size_t size = 0;
        std::string comment{};  ///< for people; may be empty
    };
    LinkType link = LinkType::ethernet;
    std::vector<std::uint8_t> bytes;
    std::vector<Entry> entries;
    std::uint64_t left_out = 0;  ///< beyond the bound

    /// The first `size` bytes of the frame.
    void add(const Frame& frame, std::size_t size);
    /// Valid until the next change.
    Frame frame(std::size_t index) const;
    /// Says what they are, in the first of them; nothing where there is none.
    void describe(std::string comment);
    /// A round may have many connections.
    static constexpr std::size_t max_merged_bytes = 1U << 20;
    /// Takes the other's over, as far as there is room for them; afterwards all are in the order of time.
    void merge(KeptFrames other);
};

}  // namespace whylink::probes
