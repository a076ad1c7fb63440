#include "probes/host/neighbour.hpp"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "probes/host/netlink.hpp"

namespace whylink::probes {
namespace {

NextHop state_of(std::uint16_t state) {
    if ((state & (NUD_INCOMPLETE | NUD_FAILED)) != 0) {
        return NextHop::unresolved;
    }
    return state != NUD_NONE ? NextHop::known : NextHop::unknown;
}

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += text.empty() ? "" : ":";
        text += digits[byte >> 4U];
        text += digits[byte & 0xfU];
    }
    return text;
}

NetlinkRequest request_of(const IpAddress& address, int device, unsigned flags) {
    ndmsg message{};
    message.ndm_family = address.is_v4() ? AF_INET : AF_INET6;
    const bool one = (flags & NLM_F_DUMP) == 0;
    message.ndm_ifindex = one ? device : 0;
    NetlinkRequest request(RTM_GETNEIGH, flags, message);
    if (one) {
        request.add(NDA_DST, address.bytes());
    }
    return request;
}

}  // namespace

Neighbour neighbour(const IpAddress& address, int device) {
    Neighbour found;
    const auto read = [&](std::uint16_t type, const NetlinkReply& reply) {
        const auto entry = reply.structure<ndmsg>();
        if (type == RTM_NEWNEIGH && entry && entry->ndm_ifindex == device &&
            IpAddress::from_bytes(reply.attribute(sizeof(ndmsg), NDA_DST)) == address) {
            found.state = state_of(entry->ndm_state);
            found.link_address = hexadecimal(reply.attribute(sizeof(ndmsg), NDA_LLADDR));
        }
    };
    const int error = ask_netlink(NETLINK_ROUTE, request_of(address, device, 0), read);
    // Before Linux 5.0 the kernel gave all or none.
    if (error == EOPNOTSUPP) {
        ask_netlink(NETLINK_ROUTE, request_of(address, device, NLM_F_DUMP), read);
    }
    return found;
}

}  // namespace whylink::probes
