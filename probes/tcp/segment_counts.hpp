// What this host's kernel knows of one connection beyond the C library's struct tcp_info.
#pragma once

#include <optional>

#include "probes/observation.hpp"

namespace whylink::probes {

/// Of getsockopt(TCP_INFO): tcpi_segs_out, tcpi_segs_in and tcpi_probes, which the C library's struct lacks
/// in part.
struct SegmentCounts {
    unsigned sent = 0;
    unsigned received = 0;
    unsigned unanswered_probes = 0;  ///< keep-alive segments since the last acknowledgement
};

/// Absent: errno says why.
std::optional<SegmentCounts> segment_counts(int fd);

/// How far what was sent has got, by tcpi_bytes_acked (Linux 4.1), tcpi_unacked and tcpi_retransmits. Absent as above.
std::optional<Delivery> delivery_of(int fd);

}  // namespace whylink::probes
