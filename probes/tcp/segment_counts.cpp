#include "probes/tcp/segment_counts.hpp"

// Not together with netinet/tcp.h, which Asio's headers include: both define tcp_info.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace whylink::probes {

namespace {

std::optional<tcp_info> info_of(int fd) {
    tcp_info info{};
    socklen_t length = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
        return std::nullopt;
    }
    return info;
}

}  // namespace

std::optional<SegmentCounts> segment_counts(int fd) {
    const auto info = info_of(fd);
    return info ? std::optional(SegmentCounts{info->tcpi_segs_out, info->tcpi_segs_in, info->tcpi_probes})
                : std::nullopt;
}

std::optional<Delivery> delivery_of(int fd) {
    const auto info = info_of(fd);
    if (!info) {
        return std::nullopt;
    }
    // The SYN counts as a byte that was acknowledged.
    const std::uint64_t acknowledged = info->tcpi_bytes_acked > 0 ? info->tcpi_bytes_acked - 1 : 0;
    return Delivery{acknowledged, info->tcpi_unacked, info->tcpi_retransmits, info->tcpi_snd_wnd};
}

}  // namespace whylink::probes
