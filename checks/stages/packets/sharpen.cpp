#include "checks/stages/packets/sharpen.hpp"

#include <algorithm>

#include "checks/stages/dns/dns.hpp"
#include "checks/stages/errors.hpp"
#include "checks/stages/listener.hpp"
#include "checks/stages/packets/delivery.hpp"

namespace whylink::checks {
namespace {

using probes::PacketFacts;
using probes::ResetSeen;

constexpr FactSet silences{Fact::tls_silent, Fact::tls_stalled, Fact::app_silent, Fact::app_stalled};
/// What a silence becomes where nothing arrives.
constexpr FactSet undelivered{Fact::data_never_arrives, Fact::later_data_lost};
/// Every path carries packets of 576 bytes (RFC 791), which hold so much payload.
constexpr std::uint32_t always_passes = 536;

/// Only then was what is not among the packets not on the wire either.
bool shows_absence(const PacketFacts& packets) {
    return packets.complete && packets.everywhere;
}

void replace(FactSet& facts, Fact old, Fact by) {
    facts.erase(old);
    facts.insert(by);
}

// ---- the SYN ----

/// One that came when the check had given up was late, and not dropped.
bool in_time(const PacketFacts& packets, probes::Nanoseconds took) {
    return !packets.syn_ack_after || *packets.syn_ack_after < took;
}

/// Whoever answers is behind this host's own rules then.
bool is_to_ourselves(const PacketFacts& packets, const probes::Observation& observation) {
    return observation.address &&
           (packets.local == *observation.address || is_loopback(*observation.address));
}

/// A SYN that waits for the link-layer address of the next hop is in no capture either; a rule comes before
/// that, so where the address is known it was a rule.
Fact why_no_syn(probes::NextHop next_hop) {
    switch (next_hop) {
        case probes::NextHop::known:
            return Fact::syn_never_left;
        case probes::NextHop::unresolved:
            return Fact::neighbour_missing;
        default:
            return Fact::syn_maybe_never_left;
    }
}

/// Where our SYN came back to, or its answer came from, is what became of it.
std::optional<Fact> elsewhere(const PacketFacts& packets, const probes::Observation& observation) {
    if (packets.own_syn_returned > 0) {
        return packets.returned_to == observation.address ? Fact::syn_routed_back : Fact::own_syn_returns;
    }
    return packets.answered_by ? std::optional(Fact::answered_from_elsewhere) : std::nullopt;
}

void sharpen_timeout(FactSet& facts, const PacketFacts& packets, const probes::TcpFacts& tcp,
                     const probes::Observation& observation) {
    if (packets.sent_to) {
        return;
    }
    if (const auto seen = elsewhere(packets, observation); seen && packets.syn_ack == 0) {
        facts.erase(Fact::syn_unseen);
        replace(facts, Fact::tcp_timeout, *seen);
        return;
    }
    if (packets.syn_ack > 0) {
        if (packets.handshake_ack == 0 && in_time(packets, observation.took)) {
            facts.erase(Fact::syn_unseen);
            replace(facts, Fact::tcp_timeout, Fact::syn_ack_dropped);
        }
        return;
    }
    if (packets.syn > 0 && packets.syn_ack_foreign > 0) {
        facts.erase(Fact::syn_unseen);
        replace(facts, Fact::tcp_timeout,
                packets.syn_ack_damaged > 0 ? Fact::syn_ack_damaged : Fact::syn_ack_foreign);
        return;
    }
    if (packets.syn > 0) {
        // An answer that took a way that is not captured could have been dropped here.
        if (shows_absence(packets) && packets.packets_received == 0 &&
            !is_to_ourselves(packets, observation)) {
            facts.erase(Fact::syn_unseen);
        }
        return;
    }
    // What left although nothing of it is seen went to another address.
    if (shows_absence(packets) && packets.packets_sent == 0 && !tcp.let_out) {
        facts.erase(Fact::syn_unseen);
        replace(facts, Fact::tcp_timeout, why_no_syn(packets.next_hop));
    }
}

// ---- the RST ----

/// The one proof, for a TCP that has sent RST sends nothing but RSTs (RFC 9293 section 3.10.7). What the RST
/// may only have overtaken on the way is not counted there.
bool went_on_after(const PacketFacts& packets) {
    return packets.received_after_reset > 0;
}

/// At the end of the peer's stream, when what it had overtaken is there.
bool is_in_place(const ResetSeen& reset, const PacketFacts& packets) {
    return reset.in_sequence || reset.position == static_cast<std::int64_t>(packets.bytes_received);
}

/// In front of what the peer had sent. Behind it, something may have been lost.
bool is_misplaced(const ResetSeen& reset, const PacketFacts& packets) {
    return !reset.in_sequence && reset.position < static_cast<std::int64_t>(packets.bytes_received);
}

bool has_foreign_hop_limit(const ResetSeen& reset, const PacketFacts& packets) {
    return packets.syn_ack_hop_limit && reset.hop_limit != *packets.syn_ack_hop_limit &&
           std::ranges::find(packets.hop_limits, reset.hop_limit) == packets.hop_limits.end();
}

/// Sooner than a packet goes to the server and back. Not even a sign by itself, for the handshake may have
/// been slower than the path is: clouds set a flow up with its first packet, routers look for a neighbour,
/// and busy hosts answer late. It only keeps a RST from passing for the server's own. Below 2 ms it is noise.
bool came_too_soon(const ResetSeen& reset, const PacketFacts& packets) {
    constexpr probes::Nanoseconds least_rtt = std::chrono::milliseconds(2);
    return packets.handshake_rtt && *packets.handshake_rtt >= least_rtt && reset.after_acknowledged &&
           *reset.after_acknowledged < *packets.handshake_rtt / 2;
}

/// Like a server's own: it acknowledges, as a TCP does that ends a connection it has; the answer of whoever
/// does not know the connection, a firewall's `reject` among them, does not (RFC 9293 section 3.10.7.1).
bool is_like_the_servers(const ResetSeen& reset, const PacketFacts& packets) {
    return packets.syn_ack_hop_limit && is_in_place(reset, packets) && reset.acknowledged &&
           !has_foreign_hop_limit(reset, packets) && !came_too_soon(reset, packets);
}

/// The server had closed, and its RST only answers data that came afterwards.
bool closed_before_reset(const PacketFacts& packets) {
    return packets.fin_received_after && *packets.fin_received_after < packets.resets.front().after;
}

void sharpen_reset(FactSet& facts, const PacketFacts& packets) {
    if (packets.resets.empty()) {
        return;
    }
    const bool early = facts.contains(Fact::accepted_then_reset);
    const Fact seen = early ? Fact::accepted_then_reset : Fact::reset_after_bytes;
    const ResetSeen& reset = packets.resets.front();
    if (closed_before_reset(packets)) {
        facts.erase(Fact::reset_unexamined);
        replace(facts, seen, early ? Fact::accepted_then_closed : Fact::closed_after_bytes);
    } else if (went_on_after(packets)) {
        facts.erase(Fact::reset_unexamined);
        replace(facts, seen, Fact::reset_by_device);
    } else if (has_foreign_hop_limit(reset, packets) || is_misplaced(reset, packets)) {
        replace(facts, Fact::reset_unexamined, Fact::reset_maybe_by_device);
    } else if (is_like_the_servers(reset, packets)) {
        facts.erase(Fact::reset_unexamined);
    }
}

// ---- segments that die by their size ----

/// Bytes of payload in a segment that fills what both sides announced; 12 bytes of each are the timestamp's
/// (RFC 7323 appendix A). 0 when not known.
std::uint32_t full_size(const PacketFacts& packets) {
    const std::uint32_t mss = std::min(packets.mss_sent, packets.mss_received);
    const std::uint32_t options = packets.has_timestamp ? 12 : 0;
    return mss > options ? mss - options : 0;
}

/// The router that said so, and what it can pass is less than what was lost.
bool router_named_the_mtu(const PacketFacts& packets) {
    return packets.lost && std::ranges::any_of(packets.icmp, [&](const probes::IcmpSeen& seen) {
               const std::uint32_t headers = seen.error.v6 ? 60 : 40;
               return seen.mtu > 0 && packets.lost->size + headers > seen.mtu;
           });
}

/// Bytes of the peer are missing in front of a smaller segment that came later, and nothing full-sized ever
/// came.
bool misses_large(const PacketFacts& packets) {
    return shows_absence(packets) && packets.missing_received > packets.largest_after_missing &&
           packets.largest_after_missing > 0 && packets.largest_received < full_size(packets);
}

/// A peer sends again after 200 ms, 400 ms and so on at the latest, so that a gap which lasts this long is no
/// single loss (RFC 6298 section 2).
bool gap_lasted(const PacketFacts& packets, probes::Nanoseconds took) {
    constexpr probes::Nanoseconds long_enough = std::chrono::seconds(2);
    return packets.first_byte_after && took - *packets.first_byte_after >= long_enough;
}

bool loses_large(const PacketFacts& packets) {
    return shows_absence(packets) && packets.lost && packets.largest_acknowledged > 0 &&
           packets.lost->size > packets.largest_acknowledged;
}

/// Sent four times, and while it was lost smaller ones behind it arrived: what is acknowledged in front of
/// the lost segment is nothing, so what was acknowledged lies behind it (RFC 2018). Acknowledged in front of
/// it, the peer may have died since.
bool surely_loses_large(const PacketFacts& packets) {
    constexpr unsigned often = 4;
    return loses_large(packets) && packets.lost->times_sent >= often && packets.lost->position == 0;
}

/// Not even acknowledged, which the peer's kernel does for whatever server.
bool nothing_acknowledged(const PacketFacts& packets) {
    return shows_absence(packets) && packets.lost && packets.lost->position == 0 &&
           packets.bytes_acknowledged == 0 && packets.largest_acknowledged == 0 &&
           packets.segments_received == 0;
}

/// The first of what we sent is acknowledged, and what follows is not, though it is no larger.
bool loses_later(const PacketFacts& packets) {
    constexpr unsigned often = 3;
    return shows_absence(packets) && packets.lost && packets.lost->position > 0 &&
           packets.lost->size <= packets.largest_acknowledged && packets.lost->times_sent >= often &&
           packets.segments_received == 0;
}

/// What is small enough passes everywhere; and what came full-sized shows that it can come.
bool excludes_large_loss(const PacketFacts& packets) {
    const bool came_full = full_size(packets) > 0 && packets.largest_received >= full_size(packets);
    return (came_full && !packets.lost && packets.missing_received == 0) ||
           (nothing_acknowledged(packets) && packets.lost->size <= always_passes);
}

void not_delivered(FactSet& facts, Fact how) {
    facts.erase_all({Fact::app_silent, Fact::tls_silent});
    facts.insert(how);
}

/// By what the kernel of this host knows of the socket, captured or not.
void sharpen_delivery(FactSet& facts, const JudgedProbe& probe) {
    if (nothing_arrived(probe)) {
        not_delivered(facts, Fact::data_never_arrives);
        const auto* tls = probe.tls();
        const std::uint64_t sent = tls != nullptr ? tls->bytes_sent : probe.app()->bytes_sent;
        if (sent <= always_passes) {
            facts.erase(Fact::full_size_open);
        }
    } else if (partly_arrived(probe)) {
        not_delivered(facts, Fact::later_data_lost);
    } else if (is_kept_here(probe)) {
        not_delivered(facts, Fact::data_kept_here);
        facts.erase(Fact::full_size_open);
    } else if (nothing_left(probe)) {
        facts.insert(Fact::window_closed);
        facts.erase(Fact::full_size_open);
    }
}

void sharpen_silence(FactSet& facts, const PacketFacts& packets, probes::Nanoseconds took) {
    facts.insert_if(lost_handshake_ack(packets), Fact::handshake_ack_lost);
    const bool proven = router_named_the_mtu(packets) || (misses_large(packets) && gap_lasted(packets, took));
    if (proven || surely_loses_large(packets)) {
        // A device that drops the beginning of a long ClientHello lets its small end pass as well.
        facts.insert_if(!proven, Fact::large_of_ours_lost);
        facts.erase_all(silences);
        facts.erase_all(undelivered);
        replace(facts, Fact::full_size_open, Fact::large_lost);
        return;
    }
    if (loses_large(packets) || misses_large(packets)) {
        facts.insert(Fact::large_maybe_lost);
    } else if (nothing_acknowledged(packets)) {
        not_delivered(facts, Fact::data_never_arrives);
    } else if (loses_later(packets) && facts.contains(Fact::tls_silent)) {
        not_delivered(facts, Fact::later_data_lost);
    }
    if (excludes_large_loss(packets)) {
        facts.erase(Fact::full_size_open);
    }
}

// ---- ICMP ----

bool is_port_unreachable(const probes::IcmpError& error) {
    return error.v6 ? error.type == 1 && error.code == 4 : error.type == 3 && error.code == 3;
}

/// In a tunnel's packet the port is the tunnel's, and its other end is not there.
std::optional<Outcome> outcome_of(const probes::IcmpSeen& seen) {
    std::optional<Outcome> outcome = icmp_outcome(seen.error);
    if (seen.in_tunnel && is_port_unreachable(seen.error)) {
        outcome = Outcome::unreachable;
    }
    return seen.established && outcome != Outcome::prohibited ? std::nullopt : outcome;
}

const probes::IcmpSeen* decisive_icmp(const PacketFacts& packets) {
    const auto seen = std::ranges::find_if(
        packets.icmp, [](const probes::IcmpSeen& s) { return outcome_of(s).has_value(); });
    return seen == packets.icmp.end() ? nullptr : &*seen;
}

/// Where an ICMP error may be the reason: the socket knew of none, or only of an errno.
bool may_be_by_icmp(const JudgedProbe& probe, Outcome seen) {
    const auto* tcp = probe.tcp();
    if (probe.observation.local || (tcp != nullptr && (tcp->icmp || tcp->no_route))) {
        return false;
    }
    const bool connecting = tcp != nullptr && !tcp->connected;
    return seen == Outcome::timeout ||
           (!connecting && (seen == Outcome::unreachable || seen == Outcome::refused));
}

/// A rule of this host that refuses a SYN keeps it from leaving; only what goes to this host itself is refused
/// where it was seen.
void sharpen_refusal(FactSet& facts, const PacketFacts& packets, const probes::Observation& observation) {
    if (packets.syn > 0 && !packets.resets.empty() && observation.address != packets.local) {
        facts.erase(Fact::tcp_refused_at_once);
    }
}

}  // namespace

const PacketFacts* packets_of(const IpAddress& address, std::span<const probes::CapturedConnection> packets) {
    const auto found = std::ranges::find(packets, address, &probes::CapturedConnection::address);
    return found == packets.end() ? nullptr : &found->facts;
}

std::optional<CapturedReason> captured_reason(const JudgedProbe& probe, Outcome seen,
                                              std::span<const probes::CapturedConnection> packets) {
    const bool failed = probe.counts && !passes(seen) && probe.dns() == nullptr;
    if (!failed || !probe.observation.address || !may_be_by_icmp(probe, seen)) {
        return std::nullopt;
    }
    const PacketFacts* facts = packets_of(*probe.observation.address, packets);
    const probes::IcmpSeen* icmp = facts == nullptr ? nullptr : decisive_icmp(*facts);
    return icmp == nullptr ? std::nullopt : std::optional(CapturedReason{icmp, *outcome_of(*icmp)});
}

// The kernel of this host acknowledges each SYN-ACK that it gets.
bool lost_handshake_ack(const PacketFacts& packets) {
    return packets.syn_ack > 1 && packets.handshake_ack > 1 && packets.bytes_acknowledged == 0;
}

FactSet sharpen(FactSet facts, const JudgedProbe& probe, const PacketFacts* packets) {
    const FactSet resets{Fact::accepted_then_reset, Fact::reset_after_bytes};
    // A handshake that passed has carried the server's full-sized packets.
    const bool passed_before = facts.contains_all({Fact::app_silent, Fact::app_behind_tls});
    facts.insert_if(facts.contains(Fact::tcp_timeout), Fact::syn_unseen);
    facts.insert_if(facts.intersects(resets), Fact::reset_unexamined);
    const bool silent = facts.intersects(silences);
    facts.insert_if(silent && !passed_before, Fact::full_size_open);
    if (silent) {
        sharpen_delivery(facts, probe);
    }
    if (packets == nullptr) {
        return facts;
    }
    const auto* tcp = probe.tcp();
    const probes::IcmpSeen* seen = decisive_icmp(*packets);
    if (facts.contains(Fact::tcp_timeout) && seen == nullptr && tcp != nullptr && !tcp->connected) {
        sharpen_timeout(facts, *packets, *tcp, probe.observation);
    }
    if (facts.contains(Fact::tcp_refused_at_once)) {
        sharpen_refusal(facts, *packets, probe.observation);
    }
    if (facts.intersects(resets)) {
        sharpen_reset(facts, *packets);
    }
    if (silent) {
        sharpen_silence(facts, *packets, probe.observation.took);
    }
    if (facts.contains(Fact::tcp_prohibited) && seen != nullptr && seen->error.local) {
        replace(facts, Fact::tcp_prohibited, Fact::tcp_forbidden_here);
    }
    return facts;
}

}  // namespace whylink::checks
