#include "checks/stages/host.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include "checks/explain/text.hpp"
#include "checks/stages/listener.hpp"

namespace whylink::checks {
namespace {

using probes::AcceptorFacts;
using probes::NextHop;
using probes::PacketFacts;
using probes::RouteFacts;
using probes::TcpFacts;

/// What the packets or the socket leave open about the peer, which was not reached.
constexpr FactSet about_the_peer{
    Fact::syn_unseen,       Fact::syn_never_left,        Fact::syn_maybe_never_left,
    Fact::reset_unexamined, Fact::reset_maybe_by_device, Fact::reset_by_device,
    Fact::full_size_open,   Fact::large_maybe_lost,      Fact::tcp_refused_at_once};

/// No answer to the SYN, whatever is known of the reason.
constexpr FactSet unanswered{Fact::tcp_timeout, Fact::syn_never_left, Fact::syn_maybe_never_left,
                             Fact::neighbour_missing};

/// Likewise, or a router says that it does not reach it.
constexpr FactSet not_answered{Fact::tcp_timeout,       Fact::syn_never_left,  Fact::syn_maybe_never_left,
                               Fact::neighbour_missing, Fact::tcp_unreachable, Fact::tcp_prohibited};

const TcpFacts* tcp_of(const AddressState& state) {
    return state.tcp == nullptr ? nullptr : state.tcp->tcp();
}

// ---- who took the connection ----

/// Only then was what is not among the packets not on the wire either.
bool shows_absence(const PacketFacts& packets) {
    return packets.complete && packets.everywhere;
}

bool stayed_here(const PacketFacts* packets) {
    return packets != nullptr && shows_absence(*packets) && packets->only_on_loopback;
}

/// By the packets: our SYN had another destination.
bool was_translated(const PacketFacts* packets) {
    return packets != nullptr && packets->sent_to && !packets->only_on_loopback && packets->syn == 0;
}

bool left_for_the_address(const PacketFacts* packets) {
    return packets != nullptr && packets->syn > 0 && !packets->only_on_loopback;
}

/// The peer has shown a certificate that the settings accept, for the name that was asked for.
bool is_verified(const AddressState& state) {
    const auto* tls = state.tls == nullptr ? nullptr : state.tls->tls();
    return tls != nullptr && tls->progress == probes::TlsProgress::complete && tls->verified &&
           tls->verify_faults.empty();
}

/// A redirect to where nobody listens shows the SYN on its way there. Without one it was a rule that rejects (nftables
/// `reject with tcp reset`), which sees the SYN before any capture does.
bool was_rejected(const FactSet& facts, const PacketFacts& packets) {
    return facts.contains(Fact::tcp_refused) && packets.syn == 0 && packets.packets_sent == 0 &&
           !packets.sent_to;
}

/// By nature nothing of it leaves this host, whoever answers, and a published port of this host leads to a container.
bool is_to_ourselves(const AddressState& state, const TcpFacts& tcp) {
    return tcp.local_address == state.address || is_loopback(state.address) ||
           (tcp.route && tcp.route->local);
}

void weigh_interception(FactSet& facts, const AddressState& state, const TcpFacts& tcp) {
    const bool stayed = stayed_here(state.packets);
    if (stayed && was_rejected(facts, *state.packets)) {
        facts.erase_all(about_the_peer);
        facts.erase(Fact::tcp_refused);
        facts.insert(Fact::rejected_here);
        return;
    }
    if (is_to_ourselves(state, tcp) || (!stayed && !was_translated(state.packets))) {
        return;
    }
    facts.insert_if(!stayed, Fact::translated_here);
    if (is_verified(state)) {
        facts.insert(Fact::relayed_here);
        return;
    }
    const bool lost = facts.intersects(not_answered);
    facts.erase_all(about_the_peer);
    // Of what comes back from elsewhere the packets say little, and the socket knows.
    facts.erase_all(not_answered);
    facts.insert(lost ? Fact::lost_here : Fact::accepted_here);
}

/// Nothing of the endpoint was seen but that somebody accepted.
bool is_accepted_only(const AddressState& state, const TcpFacts& tcp) {
    return passes(state.last->outcome) && tcp.connected && !tcp.has_tls && !tcp.has_app &&
           tcp.bytes_received == 0;
}

/// The connection came up sooner than a packet goes anywhere, this host's NAT knows it, or the packets that were
/// captured say so: where some of them were lost they prove nothing, and they are still there.
bool may_be_translated(const TcpFacts& tcp, const PacketFacts* packets) {
    const bool seen_elsewhere = packets != nullptr && (packets->only_on_loopback || packets->sent_to);
    return tcp.at_once || tcp.translatable || seen_elsewhere;
}

void weigh_acceptance(FactSet& facts, const AddressState& state, const TcpFacts& tcp) {
    const bool only = is_accepted_only(state, tcp);
    const bool fails = !passes(state.last->outcome);
    const bool accepted = tcp.connected || state.tcp->outcome == Outcome::pending_allowlist;
    const bool unseen = accepted && (only || fails) && !left_for_the_address(state.packets) &&
                        !is_verified(state) && !facts.contains(Fact::accepted_here) &&
                        !is_to_ourselves(state, tcp);
    facts.insert_if(only, Fact::accepted_only);
    facts.insert_if(unseen, Fact::way_unseen);
    // The follow-up test settles it.
    facts.insert_if(unseen && may_be_translated(tcp, state.packets), Fact::translation_open);
}

// ---- the way out ----

bool is_tunnel(std::string_view kind) {
    constexpr std::array kinds{"wireguard", "tun",       "ppp", "ipip", "sit",  "gre",   "gretap", "ip6tnl",
                               "ip6gre",    "ip6gretap", "vti", "vti6", "xfrm", "vxlan", "geneve", "l2tp"};
    return std::ranges::find(kinds, kind) != kinds.end();
}

/// On-link, at a bridge whose ports all end on this host.
bool is_to_containers(const RouteFacts& route) {
    return route.internal_bridge && !route.gateway && !route.local;
}

void weigh_containers(FactSet& facts, const RouteFacts& route) {
    if (!is_to_containers(route)) {
        return;
    }
    if (route.next_hop == NextHop::known) {
        facts.insert(Fact::container_answers);
    } else if (route.next_hop == NextHop::unresolved && facts.intersects(unanswered)) {
        facts.erase_all(unanswered);
        facts.erase(Fact::syn_unseen);
        facts.insert(Fact::route_to_containers);
    } else if (facts.contains(Fact::tcp_unreachable)) {
        facts.insert(Fact::route_to_containers);
    }
}

/// While it is asked for the SYN waits in the kernel, captured or not.
void weigh_neighbour(FactSet& facts, const RouteFacts& route) {
    if (facts.contains(Fact::tcp_timeout) && route.next_hop == NextHop::unresolved) {
        facts.erase_all({Fact::tcp_timeout, Fact::syn_unseen});
        facts.insert(Fact::neighbour_missing);
    }
}

void weigh_link(FactSet& facts, const RouteFacts& route) {
    if (!route.link_up && !facts.contains(Fact::route_to_containers) &&
        (facts.intersects(unanswered) || facts.contains(Fact::tcp_unreachable))) {
        facts.erase_all(unanswered);
        facts.erase(Fact::syn_unseen);
        facts.insert(Fact::link_down);
    }
}

/// A router with its address on the loopback interface uses it everywhere.
bool has_source_of_other_interface(const RouteFacts& route) {
    return !route.local && !route.source_interface.empty() && route.source_interface != "lo" &&
           route.source_interface != route.interface;
}

bool drops_answers(const RouteFacts& route) {
    return !route.strict_interface.empty() && !route.back_interface.empty();
}

void weigh_route(FactSet& facts, const AddressState& state, const TcpFacts& tcp) {
    if (!tcp.route) {
        return;
    }
    const RouteFacts& route = *tcp.route;
    weigh_containers(facts, route);
    weigh_link(facts, route);
    weigh_neighbour(facts, route);
    facts.insert_if(
        facts.intersects({Fact::tcp_timeout, Fact::tcp_unreachable_here}) && is_tunnel(route.link_kind),
        Fact::route_to_tunnel);
    facts.insert_if(facts.contains(Fact::tcp_timeout) && has_source_of_other_interface(route),
                    Fact::source_elsewhere);
    facts.insert_if(facts.intersects({Fact::tcp_timeout, Fact::syn_ack_dropped}) && drops_answers(route),
                    Fact::reverse_path_strict);
    // Behind a gateway several routers may send what comes back.
    facts.insert_if(
        !route.gateway && !route.local && state.packets != nullptr && state.packets->peer_macs.size() > 1,
        Fact::two_machines);
}

// ---- the connection-tracking table ----

/// Of its entries, in percent, from which on it may have been full a moment before.
constexpr std::uint64_t nearly_full = 75;

void weigh_tracking(FactSet& facts, const AddressState& state, const TcpFacts& tcp) {
    // What has an entry was not dropped for want of one, nor was what left.
    if (!tcp.tracking || tcp.let_out || left_for_the_address(state.packets) ||
        !facts.intersects(unanswered)) {
        return;
    }
    const probes::TrackingFacts& table = *tcp.tracking;
    if (table.count >= table.max) {
        facts.erase_all(unanswered);
        facts.insert(Fact::tracking_full);
    } else if (table.dropped > 0 && table.count * 100 >= table.max * nearly_full) {
        facts.insert(Fact::tracking_drops);
    }
}

// ---- texts ----

std::string known_port_text(std::uint16_t port) {
    switch (port) {
        case 15001:
        case 15006:
            return ", a port of Istio's sidecar";
        case 4140:
            return ", a port of Linkerd's proxy";
        default:
            return {};
    }
}

std::string uid_text(std::uint32_t uid) {
    return fmt::format(" (uid {})", uid);
}

const AcceptorFacts* found_acceptor(const Assessment& round, Acceptor wanted) {
    for (const JudgedFollowUp& test : round.follow_ups) {
        if (test.kind == probes::FollowUp::local_acceptor && acceptor_of(test.probe) == wanted) {
            return &*test.probe.tcp()->acceptor;
        }
    }
    return nullptr;
}

const RouteFacts* route_of(const AddressState& state) {
    const auto* tcp = tcp_of(state);
    return tcp != nullptr && tcp->route ? &*tcp->route : nullptr;
}

std::string route_text(const RouteFacts& route) {
    std::string text = route.matched ? route.matched->to_string() : std::string();
    append(text, route.gateway ? "via " + route.gateway->to_string() : std::string(), " ");
    append(text, "dev " + route.interface, " ");
    append(text, route.link_kind.empty() ? "" : "(" + route.link_kind + ")", " ");
    return text;
}

std::string way_back_text(const RouteFacts& route) {
    return fmt::format("answers arrive on {} (strict rp_filter), the route back uses {}",
                       route.strict_interface, route.back_interface);
}

bool is_odd(const RouteFacts& route) {
    return is_tunnel(route.link_kind) || route.internal_bridge || !route.link_up ||
           has_source_of_other_interface(route) || drops_answers(route);
}

std::string odd_text(const RouteFacts& route) {
    std::string text = "route " + route_text(route);
    if (is_tunnel(route.link_kind)) {
        text += ", a tunnel";
    }
    if (route.internal_bridge) {
        text += ", a bridge of containers or VMs on this host";
    }
    if (!route.link_up) {
        text += ", no carrier";
    }
    if (has_source_of_other_interface(route)) {
        text += fmt::format(", source address of {}", route.source_interface);
    }
    if (drops_answers(route)) {
        text += "; " + way_back_text(route);
    }
    return text;
}

}  // namespace

FactSet weigh_host(FactSet facts, const AddressState& state) {
    const auto* tcp = tcp_of(state);
    if (tcp == nullptr || state.last->outcome == Outcome::local_error) {
        return facts;
    }
    facts.insert_if(is_to_ourselves(state, *tcp), Fact::to_this_host);
    weigh_interception(facts, state, *tcp);
    weigh_acceptance(facts, state, *tcp);
    weigh_route(facts, state, *tcp);
    weigh_tracking(facts, state, *tcp);
    return facts;
}

Acceptor acceptor_of(const JudgedProbe& probe) {
    const auto* tcp = probe.tcp();
    if (tcp == nullptr || !tcp->acceptor || tcp->acceptor->asked == 0 || tcp->acceptor->error != 0) {
        return Acceptor::unknown;
    }
    return tcp->acceptor->address        ? Acceptor::here
           : tcp->acceptor->connected_to ? Acceptor::elsewhere
                                         : Acceptor::not_here;
}

bool is_acceptor_known(const Assessment& round) {
    return std::ranges::any_of(round.follow_ups, [](const JudgedFollowUp& test) {
        return test.kind == probes::FollowUp::local_acceptor && acceptor_of(test.probe) != Acceptor::unknown;
    });
}

FactSet acceptor_facts(const Assessment& round) {
    FactSet facts;
    const bool here = found_acceptor(round, Acceptor::here) != nullptr;
    const bool elsewhere = found_acceptor(round, Acceptor::elsewhere) != nullptr;
    facts.insert_if(here || elsewhere, Fact::accepted_here);
    facts.insert_if(elsewhere, Fact::translated_here);
    for (const JudgedFollowUp& test : round.follow_ups) {
        const auto* tcp = test.probe.tcp();
        if (test.kind == probes::FollowUp::local_acceptor && tcp != nullptr && tcp->acceptor && !here &&
            !elsewhere) {
            facts.insert_if(tcp->acceptor->translatable || acceptor_of(test.probe) == Acceptor::unknown,
                            Fact::translation_open);
        }
    }
    return facts;
}

std::string acceptor_text(std::span<const AddressState> states, const Assessment& round) {
    if (const AcceptorFacts* acceptor = found_acceptor(round, Acceptor::here)) {
        return fmt::format("a socket of this host on port {}{}{}", acceptor->port, uid_text(acceptor->uid),
                           known_port_text(acceptor->port));
    }
    for (const AddressState& state : states) {
        if (stayed_here(state.packets) && state.packets->sent_to) {
            return fmt::format("this host ({}{})",
                               endpoint_text(*state.packets->sent_to, state.packets->sent_to_port),
                               known_port_text(state.packets->sent_to_port));
        }
    }
    return {};
}

std::string sent_to_text(std::span<const AddressState> states, const Assessment& round) {
    if (const AcceptorFacts* acceptor = found_acceptor(round, Acceptor::elsewhere)) {
        return endpoint_text(*acceptor->connected_to, acceptor->connected_port);
    }
    for (const AddressState& state : states) {
        if (state.packets != nullptr && state.packets->sent_to) {
            return endpoint_text(*state.packets->sent_to, state.packets->sent_to_port);
        }
    }
    return {};
}

std::string route_text(std::span<const AddressState> states) {
    for (const AddressState& state : states) {
        if (const RouteFacts* route = route_of(state)) {
            return route_text(*route);
        }
    }
    return {};
}

std::string way_back_text(std::span<const AddressState> states) {
    for (const AddressState& state : states) {
        const RouteFacts* route = route_of(state);
        if (route != nullptr && drops_answers(*route)) {
            return way_back_text(*route);
        }
    }
    return {};
}

std::string tracking_text(std::span<const AddressState> states) {
    for (const AddressState& state : states) {
        const auto* tcp = tcp_of(state);
        if (tcp != nullptr && tcp->tracking) {
            return fmt::format("{} of {} entries", tcp->tracking->count, tcp->tracking->max);
        }
    }
    return {};
}

std::string machines_text(std::span<const AddressState> states) {
    for (const AddressState& state : states) {
        if (state.packets != nullptr && state.packets->peer_macs.size() > 1) {
            return join(state.packets->peer_macs);
        }
    }
    return {};
}

std::vector<std::string> host_evidence(std::span<const AddressState> states) {
    std::vector<std::string> lines;
    for (const AddressState& state : states) {
        const RouteFacts* route = route_of(state);
        if (route != nullptr && is_odd(*route)) {
            add_once(lines, state.address.to_string() + ": " + odd_text(*route));
        }
    }
    return lines;
}

}  // namespace whylink::checks
