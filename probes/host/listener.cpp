#include "probes/host/listener.hpp"

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "probes/host/netlink.hpp"
#include "probes/tcp/socket_options.hpp"

namespace whylink::probes {
namespace {

IpAddress address_of(const inet_diag_msg& message) {
    // In network order, and of IPv4 the first word only.
    const auto bytes = std::as_bytes(std::span(message.id.idiag_src));
    const std::span all(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    return IpAddress::from_bytes(message.idiag_family == AF_INET6 ? all : all.first(4)).value_or(IpAddress());
}

/// The kernel leaves out other ports by itself.
NetlinkRequest listeners(int family, std::uint16_t port) {
    inet_diag_req_v2 request{};
    request.sdiag_family = static_cast<std::uint8_t>(family);
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = 1U << static_cast<unsigned>(TCP_LISTEN);
    request.id.idiag_sport = htons(port);
    request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return {SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, request};
}

std::optional<ListeningSocket> read_socket(const NetlinkReply& reply, std::uint16_t port) {
    const auto message = reply.structure<inet_diag_msg>();
    if (!message || message->idiag_state != TCP_LISTEN || ntohs(message->id.idiag_sport) != port) {
        return std::nullopt;
    }
    const auto v6_only = reply.attribute_as<std::uint8_t>(sizeof(inet_diag_msg), INET_DIAG_SKV6ONLY);
    ListeningSocket socket;
    socket.address = address_of(*message);
    socket.port = port;
    socket.v6_only = v6_only.value_or(0) != 0;
    socket.waiting = message->idiag_rqueue;
    socket.backlog = message->idiag_wqueue;
    return socket;
}

int add_sockets(int family, std::uint16_t port, ListenerFacts& facts) {
    return ask_netlink(NETLINK_SOCK_DIAG, listeners(family, port),
                       [&](std::uint16_t type, const NetlinkReply& reply) {
                           if (type != SOCK_DIAG_BY_FAMILY || facts.sockets.size() >= max_listening_sockets) {
                               return;
                           }
                           if (const auto socket = read_socket(reply, port)) {
                               facts.sockets.push_back(*socket);
                           }
                       });
}

}  // namespace

Observation probe_listener(std::uint16_t port) {
    Observation observation;
    observation.stage = Stage::listener;
    observation.port = port;
    observation.started = WallClock::now();
    const auto begin = std::chrono::steady_clock::now();
    ListenerFacts facts;
    for (const int family : {AF_INET, AF_INET6}) {
        if (const int error = add_sockets(family, port, facts); error != 0) {
            observation.local = system_error("sock_diag", error);
            break;
        }
    }
    // The kernel's order is that of its hash tables.
    std::ranges::stable_sort(
        facts.sockets, [](const auto& left, const auto& right) { return left.address < right.address; });
    observation.facts = std::move(facts);
    observation.took = std::chrono::steady_clock::now() - begin;
    return observation;
}

}  // namespace whylink::probes
