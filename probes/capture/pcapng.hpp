// Packets as a pcapng file (draft-ietf-opsawg-pcapng): what Wireshark and tshark open. Pure: bytes out.
#pragma once

#include <string>
#include <vector>

#include "probes/capture/kept_frames.hpp"

namespace whylink::probes {

struct PcapngSection {
    std::string application;            ///< shb_userappl: "whylink 0.1.0"
    std::string operating_system;       ///< shb_os; may be empty
    std::vector<std::string> comments;  ///< opt_comment of the section, one each
    std::string interface = "any";      ///< if_name
    std::string filter;                 ///< if_filter, as pcap-filter(7); may be empty
    int snapshot_length = 0;
    std::uint64_t dropped = 0;  ///< isb_ifdrop; written when there are statistics
};

/// Section header, one interface with nanosecond times, a packet block for each, and statistics. Text is
/// written as valid UTF-8 and cut at what an option can hold.
std::string pcapng(const PcapngSection& section, const KeptFrames& frames);

}  // namespace whylink::probes
