// Packets as a pcapng file (draft-ietf-opsawg-pcapng): what Wireshark and tshark open. Pure: bytes out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "probes/packets/kept_frames.hpp"

namespace whylink::probes {

struct PcapngSection {
    std::string application;       ///< shb_userappl: "whylink 0.1.0"
    std::string operating_system;  ///< shb_os; may be empty
    /// opt_comment of the section, one each; those beyond 768 KiB in all are left out.
    std::vector<std::string> comments;
    std::string interface = "any";  ///< if_name
    /// if_filter, as pcap-filter(7); may be empty. Left out when an option cannot hold it: part of a filter
    /// would be another filter.
    std::string filter;
    int snapshot_length = 0;    ///< bytes; 0: not known
    std::uint64_t dropped = 0;  ///< isb_ifdrop; written when there are statistics
};

/// Section header, one interface with nanosecond times, a packet block for each (with its comment), and statistics unless there
/// is nothing to count. Little endian on every machine. Text is written as valid UTF-8 (what is none, and
/// NUL, becomes U+FFFD) and cut at what an option can hold, 65,535 bytes, between two characters. Times
/// before the epoch are written as the epoch.
std::string pcapng(const PcapngSection& section, const KeptFrames& frames);

}  // namespace whylink::probes
