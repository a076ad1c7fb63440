#include "probes/host/let_out.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace whylink::probes {
namespace {

/// SO_ORIGINAL_DST of linux/netfilter_ipv4.h and IP6T_SO_ORIGINAL_DST of linux/netfilter_ipv6/ip6_tables.h,
/// which do not go together with netinet/in.h.
constexpr int original_destination = 80;

}  // namespace

bool let_out(int fd, bool v6) {
    sockaddr_storage address{};
    socklen_t size = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    return ::getsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, original_destination, &address, &size) == 0;
}

}  // namespace whylink::probes
