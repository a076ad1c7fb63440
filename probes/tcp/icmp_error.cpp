#include "probes/tcp/icmp_error.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "probes/tcp/socket_address.hpp"

namespace whylink::probes {
namespace {

/// A flood of ICMP errors must not hold the loop: older entries than these are of no interest anyway.
constexpr int max_entries = 64;

bool is_own_address(int fd, const IpAddress& address) {
    if (local_address(fd).address() == address) {
        return true;
    }
    const auto own = interface_addresses();
    return std::ranges::find(own, address) != own.end();
}

bool is_port_unreachable(const IcmpError& error) {
    return error.v6 ? error.type == 1 && error.code == 4 : error.type == 3 && error.code == 3;
}

bool is_datagram_socket(int fd) {
    int type = 0;
    socklen_t length = sizeof type;
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_DGRAM;
}

/// To a datagram "port unreachable" from the very address that it went to is the answer of that host, also
/// where that host is this host (a resolver on 127.0.0.1 that is down). TCP answers a closed port with RST:
/// there it is a rule.
bool is_answer_of_destination(int fd, const IcmpError& error, const std::optional<IpAddress>& destination) {
    return is_port_unreachable(error) && error.sender == destination && is_datagram_socket(fd);
}

struct QueueEntry {
    sock_extended_err error;
    std::optional<IpAddress> offender;
    std::optional<IpAddress> destination;  ///< of the packet that the error is about
};

bool is_error_message(const cmsghdr& message) {
    return (message.cmsg_level == SOL_IP && message.cmsg_type == IP_RECVERR) ||
           (message.cmsg_level == SOL_IPV6 && message.cmsg_type == IPV6_RECVERR);
}

/// Nothing when the queue is empty. An entry of another kind (a time stamp) comes without an origin.
std::optional<QueueEntry> take_entry(int fd) {
    SocketAddress destination;
    std::array<char, 256> payload;  // the packet that the error is about; only its address is of use
    alignas(cmsghdr) std::array<char, 512> control;
    iovec part{payload.data(), payload.size()};
    msghdr message{};
    message.msg_name = destination.data();
    message.msg_namelen = destination.length();
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
        return std::nullopt;
    }
    QueueEntry entry{{}, std::nullopt, destination.address()};
    for (cmsghdr* part_of = CMSG_FIRSTHDR(&message); part_of != nullptr;
         part_of = CMSG_NXTHDR(&message, part_of)) {
        if (!is_error_message(*part_of) || part_of->cmsg_len < CMSG_LEN(sizeof(sock_extended_err))) {
            continue;
        }
        std::memcpy(&entry.error, CMSG_DATA(part_of), sizeof entry.error);
        // The offender's sockaddr follows the structure, as SO_EE_OFFENDER has it.
        SocketAddress offender;
        const auto room = part_of->cmsg_len - CMSG_LEN(sizeof(sock_extended_err));
        std::memcpy(offender.data(), CMSG_DATA(part_of) + sizeof(sock_extended_err),
                    room < offender.length() ? room : offender.length());
        entry.offender = offender.address();
    }
    return entry;
}

bool is_network_error(const sock_extended_err& error) {
    return error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6 ||
           error.ee_origin == SO_EE_ORIGIN_LOCAL;
}

IcmpError to_icmp_error(int fd, const QueueEntry& entry) {
    const auto origin = entry.error.ee_origin;
    IcmpError error;
    error.v6 = origin == SO_EE_ORIGIN_ICMP6;
    error.type = entry.error.ee_type;
    error.code = entry.error.ee_code;
    error.sender = entry.offender;
    error.local = origin == SO_EE_ORIGIN_LOCAL || (error.sender && is_own_address(fd, *error.sender) &&
                                                   !is_answer_of_destination(fd, error, entry.destination));
    return error;
}

}  // namespace

bool set_receive_errors(int fd, bool v6, bool on) {
    const int value = on ? 1 : 0;
    return ::setsockopt(fd, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &value, sizeof value) ==
           0;
}

std::optional<IcmpError> take_icmp_error(int fd) {
    std::optional<QueueEntry> newest;
    for (int i = 0; i < max_entries; ++i) {
        const auto entry = take_entry(fd);
        if (!entry) {
            break;
        }
        if (is_network_error(entry->error)) {
            newest = entry;
        }
    }
    return newest ? std::optional(to_icmp_error(fd, *newest)) : std::nullopt;
}

}  // namespace whylink::probes
