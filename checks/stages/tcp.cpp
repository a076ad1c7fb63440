#include "checks/stages/tcp.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <chrono>

#include "checks/explain/text.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/errors.hpp"
#include "config/first_bytes.hpp"

namespace whylink::checks {
namespace {

using probes::StreamEnd;
using probes::TcpFacts;

std::string after(probes::Nanoseconds took) {
    return " after " + duration_text(took);
}

/// Where the first was not enough.
std::string retransmits_text(const TcpFacts& facts) {
    return facts.info && facts.info->retransmits > 0
               ? fmt::format(", {} sent", count_text(facts.info->retransmits + 1, "SYN"))
               : std::string{};
}

/// "no SYN-ACK: 5 SYNs in 5 s"
std::string no_syn_ack_text(const TcpFacts& facts, probes::Nanoseconds took) {
    return facts.info ? fmt::format("no SYN-ACK: {} in {}", count_text(facts.info->retransmits + 1, "SYN"),
                                    duration_text(took))
                      : "no SYN-ACK within " + duration_text(took);
}

/// The kernel asks for a neighbour three times, a second apart, before it gives up (ARP, RFC 4861 section 7.2.2). A rule
/// that rejects with the same ICMP error does so at once, and so does a tunnel without a peer.
bool waited_for_a_neighbour(probes::Nanoseconds took) {
    return took >= std::chrono::milliseconds(500);
}

bool is_neighbour_missing(const probes::IcmpError& icmp, probes::Nanoseconds took) {
    return icmp.local && waited_for_a_neighbour(took) &&
           (icmp.v6 ? icmp.type == 1 && icmp.code == 3 : icmp.type == 3 && icmp.code == 1);
}

std::string icmp_detail(const TcpFacts& facts, Outcome outcome, probes::Nanoseconds took) {
    std::string detail = icmp_text(*facts.icmp) + after(took);
    if (is_neighbour_missing(*facts.icmp, took)) {
        detail += fmt::format(": no reply to {}", facts.icmp->v6 ? "neighbour discovery" : "ARP");
    } else if (facts.icmp->local && outcome == Outcome::prohibited) {
        detail += ": rejected by a rule of this host";
    }
    return detail + retransmits_text(facts);
}

std::string errno_detail(const TcpFacts& facts, std::optional<Outcome> outcome, probes::Nanoseconds took) {
    std::string error = errno_text(facts.error);
    switch (outcome.value_or(Outcome::local_error)) {
        case Outcome::local_error:
            return "connect: " + error;
        case Outcome::refused:
            return "RST to SYN" + after(took) + ", " + error;
        case Outcome::reset_by_peer:
            return "RST during connect()" + after(took) + ", " + error;
        case Outcome::prohibited:
            return "connect: " + error + ", blocked by a rule of this host";
        case Outcome::timeout:
            return no_syn_ack_text(facts, took) + ", " + error;
        default:
            return "connect: " + error + after(took);
    }
}

Classification from_errno(const TcpFacts& facts, probes::Nanoseconds took) {
    const std::optional<Outcome> seen = errno_outcome(facts.error);
    const auto detail = [=, &facts] { return errno_detail(facts, seen, took); };
    return said_or_local(seen == Outcome::reset_by_peer ? Outcome::pending_allowlist : seen, detail);
}

std::string no_route_text(const TcpFacts& facts) {
    std::string text = "no route on this host";
    append(text, facts.error == 0 ? "" : errno_text(facts.error), ", ");
    return text;
}

std::string no_answer_text(const TcpFacts& facts, probes::Nanoseconds took) {
    std::string detail = no_syn_ack_text(facts, took);
    if (facts.let_out) {
        detail += ", allowed out by this host's rules";
    }
    append(detail, facts.icmp ? icmp_text(*facts.icmp) : "", ", ");
    return detail;
}

Classification not_connected(const TcpFacts& facts, probes::Nanoseconds took) {
    if (facts.icmp) {
        if (const std::optional<Outcome> outcome = icmp_outcome(*facts.icmp)) {
            return said(*outcome, [=, &facts] { return icmp_detail(facts, *outcome, took); });
        }
    }
    if (facts.no_route) {
        return said(Outcome::unreachable, [&facts] { return no_route_text(facts); });
    }
    if (facts.error != 0) {
        return from_errno(facts, took);
    }
    return said(Outcome::timeout, [=, &facts] { return no_answer_text(facts, took); });
}

std::string ended_text(const TcpFacts& facts, bool reset) {
    return fmt::format("{} {} after connect, 0 bytes received", reset ? "RST" : "FIN",
                       duration_text(facts.watched));
}

/// What a server says to everybody that it does not serve now, or not from here.
config::Opening opening_of(const TcpFacts& facts) {
    const bool alone = !facts.has_tls && !facts.has_app;
    const config::FirstBytes* known = alone ? config::row_of(facts.first_bytes) : nullptr;
    return known == nullptr ? config::Opening::speaks : known->opening;
}

Outcome outcome_of(config::Opening opening) {
    switch (opening) {
        case config::Opening::refuses:
        case config::Opening::blocks:
            return Outcome::forbidden;
        case config::Opening::limits:
        case config::Opening::cannot_serve:
            return Outcome::unexpected_reply;
        case config::Opening::speaks:
            break;
    }
    return Outcome::ok;
}

Classification spoken(const TcpFacts& facts) {
    const Outcome outcome = outcome_of(opening_of(facts));
    return said(outcome, [=, &facts] {
        std::string text =
            (outcome == Outcome::ok ? "the server speaks first: " : "the server speaks first and refuses: ") +
            bytes_text(facts.first_bytes);
        append(text,
               outcome == Outcome::ok ? std::string_view() : config::app_by_first_bytes(facts.first_bytes),
               ", ");
        append(text, facts.ended_in_protocol
                         ? "closed by its own protocol: the server counts no error of this host"
                         : "");
        return text;
    });
}

/// The watch ends at the server's first byte, so what came afterwards was not this probe's to judge.
Classification connected(const TcpFacts& facts) {
    if (facts.bytes_received > 0) {
        return spoken(facts);
    }
    const bool reset =
        facts.end == StreamEnd::rst || errno_outcome(facts.end_error) == Outcome::reset_by_peer;
    if (reset || facts.end == StreamEnd::fin) {
        return said(Outcome::pending_allowlist, [=, &facts] { return ended_text(facts, reset); });
    }
    if (facts.end_error != 0) {
        return said_or_local(errno_outcome(facts.end_error), [&facts] {
            return "after connect: " + errno_text(facts.end_error) + after(facts.watched);
        });
    }
    return {};
}

/// What an application waits; the kernel's round-trip time leaves out what a lost SYN has cost.
std::string connected_text(const TcpFacts& facts, const JudgedProbe& probe) {
    std::string line = "connected in " + duration_text(probe.observation.took);
    if (facts.info && facts.info->retransmits > 0) {
        line += fmt::format(": {} sent (RTT {})", count_text(facts.info->retransmits + 1, "SYN"),
                            duration_text(facts.info->rtt));
    }
    return line;
}

FactSet facts_of(config::Opening opening) {
    using enum config::Opening;
    FactSet facts;
    facts.insert_if(opening == refuses || opening == blocks, Fact::app_forbidden);
    facts.insert_if(opening == blocks, Fact::app_host_blocked);
    facts.insert_if(opening == limits || opening == cannot_serve, Fact::app_cannot_serve);
    facts.insert_if(opening == limits, Fact::app_limits_clients);
    return facts;
}

}  // namespace

Classification classify(const TcpFacts& facts, probes::Nanoseconds took, const Expectation& /*expectation*/) {
    return facts.connected ? connected(facts) : not_connected(facts, took);
}

StreamEnd stream_end(const TcpFacts& facts) {
    return !facts.connected && facts.error == ECONNRESET ? StreamEnd::rst : facts.end;
}

bool forbidden_here(const TcpFacts& facts) {
    if (facts.connected) {
        return false;
    }
    if (facts.icmp && icmp_outcome(*facts.icmp)) {
        return facts.icmp->local && icmp_outcome(*facts.icmp) == Outcome::prohibited;
    }
    return is_rule_errno(facts.error);
}

FactSet facts_of(const TcpFacts& tcp, const JudgedProbe& probe, const probes::TlsFacts* /*handshake*/) {
    const bool prohibited = probe.outcome == Outcome::prohibited;
    const bool forbidden = prohibited && forbidden_here(probe.observation);
    FactSet facts;
    facts.insert_if(probe.outcome == Outcome::timeout, Fact::tcp_timeout);
    facts.insert_if(forbidden, Fact::tcp_forbidden_here);
    facts.insert_if(prohibited && !forbidden, Fact::tcp_prohibited);
    facts.insert_if(probe.outcome == Outcome::unreachable && tcp.no_route, Fact::tcp_no_route);
    facts.insert_if(probe.outcome == Outcome::unreachable && tcp.icmp && tcp.icmp->local &&
                        !waited_for_a_neighbour(probe.observation.took),
                    Fact::tcp_unreachable_here);
    facts.insert_if(probe.outcome == Outcome::refused && tcp.at_once, Fact::tcp_refused_at_once);
    if (tcp.connected && tcp.bytes_received > 0) {
        facts.insert_all(facts_of(opening_of(tcp)));
    }
    return facts;
}

std::string evidence_line(const TcpFacts& facts, const JudgedProbe& probe, const std::string& detail) {
    return address_line(probe, facts.connected ? connected_text(facts, probe) : std::string(), detail);
}

}  // namespace whylink::checks
