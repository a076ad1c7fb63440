#include "probes/host/acceptor.hpp"

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <functional>
#include <span>
#include <string>

#include "probes/host/let_out.hpp"
#include "probes/host/netlink.hpp"
#include "probes/host/proc_file.hpp"
#include "probes/host/route.hpp"
#include "probes/tcp/socket_address.hpp"

namespace whylink::probes {
namespace {

/// A socket at one end of a connection, as the kernel tells of it.
struct DiagSocket {
    IpAddress address;
    std::uint16_t port = 0;
    IpAddress peer;
    std::uint16_t peer_port = 0;
    std::uint32_t uid = 0;
};

/// In network order, and of IPv4 the first word only. A dual-stack listener takes IPv4 as ::ffff:0:0/96.
IpAddress address_of(std::span<const __be32, 4> words, std::uint8_t family) {
    const auto bytes = std::as_bytes(words);
    const std::span all(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    return on_the_wire(IpAddress::from_bytes(family == AF_INET6 ? all : all.first(4)).value_or(IpAddress()));
}

/// Both ends of a connection, or an end that the other has left; TIME_WAIT belongs to an earlier one.
constexpr unsigned states() {
    unsigned mask = 0;
    for (const int state : {TCP_ESTABLISHED, TCP_SYN_RECV, TCP_FIN_WAIT1, TCP_FIN_WAIT2, TCP_CLOSE_WAIT,
                            TCP_LAST_ACK, TCP_CLOSING}) {
        mask |= 1U << static_cast<unsigned>(state);
    }
    return mask;
}

/// 0: any port.
struct Ports {
    std::uint16_t own = 0;
    std::uint16_t peer = 0;
};

NetlinkRequest connections(int family, Ports ports) {
    inet_diag_req_v2 request{};
    request.sdiag_family = static_cast<std::uint8_t>(family);
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = states();
    request.id.idiag_sport = htons(ports.own);
    request.id.idiag_dport = htons(ports.peer);
    request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return {SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, request};
}

std::optional<DiagSocket> read_socket(const NetlinkReply& reply) {
    const auto message = reply.structure<inet_diag_msg>();
    if (!message) {
        return std::nullopt;
    }
    DiagSocket socket;
    socket.address = address_of(std::span(message->id.idiag_src), message->idiag_family);
    socket.port = ntohs(message->id.idiag_sport);
    socket.peer = address_of(std::span(message->id.idiag_dst), message->idiag_family);
    socket.peer_port = ntohs(message->id.idiag_dport);
    socket.uid = message->idiag_uid;
    return socket;
}

/// An errno, or 0. An IPv4 connection may have been accepted by an IPv6 socket.
int for_each_socket(Ports ports, const std::function<void(const DiagSocket&)>& each) {
    for (const int family : {AF_INET, AF_INET6}) {
        const int error = ask_netlink(NETLINK_SOCK_DIAG, connections(family, ports),
                                      [&](std::uint16_t type, const NetlinkReply& reply) {
                                          if (type != SOCK_DIAG_BY_FAMILY) {
                                              return;
                                          }
                                          if (const auto socket = read_socket(reply)) {
                                              each(*socket);
                                          }
                                      });
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

/// The kernel's own record of where the socket goes: getpeername(2) may be rewritten like connect(2) (bpf(2),
/// BPF_CGROUP_INET4_GETPEERNAME).
int note_destination(const SocketAddress& own, const IpAddress& destination, std::uint16_t port,
                     AcceptorFacts& facts) {
    return for_each_socket({.own = own.port()}, [&](const DiagSocket& socket) {
        const bool is_own = socket.address == own.address() && socket.port == own.port();
        if (is_own && (socket.peer != destination || socket.peer_port != port)) {
            facts.connected_to = socket.peer;
            facts.connected_port = socket.peer_port;
        }
    });
}

int note_acceptor(const SocketAddress& own, AcceptorFacts& facts) {
    return for_each_socket({.peer = own.port()}, [&](const DiagSocket& socket) {
        if (socket.peer == own.address() && socket.peer_port == own.port()) {
            facts.address = socket.address;
            facts.port = socket.port;
            facts.uid = socket.uid;
        }
    });
}

/// By an RST: then the other end may be gone as well.
bool has_ended(int fd) {
    tcp_info info{};
    socklen_t length = sizeof info;
    return ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 || info.tcpi_state == TCP_CLOSE;
}

/// Whether a line of /proc/modules begins with the module's name.
bool is_loaded(std::string_view modules, std::string_view name) {
    const std::string line = std::string(name) + ' ';
    return modules.starts_with(line) || modules.find('\n' + line) != std::string_view::npos;
}

}  // namespace

bool may_translate(std::string_view modules) {
    // NAT builds on connection tracking: while that is a module, NAT is not in the kernel itself.
    return !is_loaded(modules, "nf_conntrack") || is_loaded(modules, "nf_nat");
}

AcceptorFacts ask_acceptor(int fd, const IpAddress& destination, std::uint16_t port) {
    AcceptorFacts facts;
    const SocketAddress own = local_address(fd);
    const IpAddress on_wire = on_the_wire(destination);
    if (!own.address() || is_own_address(on_wire)) {
        return facts;
    }
    facts.asked = 1;
    facts.error = note_acceptor(own, facts);
    if (facts.error == 0 && !facts.address) {
        facts.error = note_destination(own, on_wire, port, facts);
    }
    if (facts.error == 0 && !facts.address && !facts.connected_to && has_ended(fd)) {
        facts.error = ENOTCONN;
    }
    facts.translatable = let_out(fd, own.v6()) && may_translate(read_proc_file("/proc/modules"));
    return facts;
}

}  // namespace whylink::probes
