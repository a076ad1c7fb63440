// How packets were captured: what a reader of them has to know.
#pragma once

#include <cstdint>
#include <string>

namespace whylink::daemon {

struct CaptureOrigin {
    std::string interface;
    std::string filter;       ///< pcap-filter(7), as it was last in force
    int snapshot_length = 0;  ///< bytes of each packet that were kept at most
    std::uint64_t dropped = 0;
};

}  // namespace whylink::daemon
