// How many segments the kernel has seen of one connection.
#pragma once

#include <optional>

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

}  // namespace whylink::probes
