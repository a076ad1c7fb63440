#include "probes/tcp/segment_counts.hpp"

// Not together with netinet/tcp.h, which Asio's headers include: both define tcp_info.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace whylink::probes {

std::optional<SegmentCounts> segment_counts(int fd) {
    tcp_info info{};
    socklen_t length = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
        return std::nullopt;
    }
    return SegmentCounts{info.tcpi_segs_out, info.tcpi_segs_in, info.tcpi_probes};
}

}  // namespace whylink::probes
