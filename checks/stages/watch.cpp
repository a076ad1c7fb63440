#include <algorithm>

#include "checks/explain/text.hpp"
#include "checks/stages/classify_stage.hpp"
#include "checks/stages/traffic.hpp"

namespace whylink::checks {
namespace {

using probes::ListenerFacts;
using probes::ListeningSocket;
using probes::TrafficFacts;

std::string sockets_text(const ListenerFacts& facts) {
    std::vector<std::string> parts;
    for (const ListeningSocket& socket : facts.sockets) {
        parts.push_back(endpoint_text(socket.address, socket.port));
    }
    return join(parts);
}

/// In the order in which they say most of the path.
Outcome outcome_of(const TrafficFacts& facts) {
    const Attempts attempts = attempts_of(facts);
    if (attempts.icmp_failed > 0) {
        return facts.icmp ? icmp_outcome(*facts.icmp).value_or(Outcome::unreachable) : Outcome::unreachable;
    }
    return attempts.refused > 0 ? Outcome::refused : Outcome::timeout;
}

std::string silence_text(const TrafficFacts& facts) {
    return std::string("no packet for ") + duration_text(facts.silent_for) +
           (facts.ever ? "" : ", and none since the watch began");
}

bool is_silent_too_long(const TrafficFacts& facts, const Expectation& expectation) {
    return expectation.expect_traffic && facts.complete && facts.silent_for > *expectation.expect_traffic;
}

std::string ends_text(const TrafficFacts& facts) {
    return attempts_text(facts) + "; " + std::to_string(facts.reset_before_data) + " reset and " +
           std::to_string(facts.closed_before_data) + " closed before the server's first byte";
}

std::string ends_at_header_text(const TrafficFacts& facts) {
    return std::to_string(facts.reset_after_proxy_header) + " of " +
           count_text(facts.with_proxy_header, "connection") +
           " that began with a PROXY header were ended by this VM without a byte";
}

}  // namespace

bool is_loopback(const IpAddress& address) {
    static const std::vector<Cidr> loopback{*Cidr::parse("127.0.0.0/8"), *Cidr::parse("::1/128"),
                                            *Cidr::parse("::ffff:127.0.0.0/104")};
    return contains(loopback, address);
}

Classification classify_listener(const ListenerFacts& facts) {
    if (facts.sockets.empty()) {
        return said(Outcome::not_listening,
                    [] { return std::string("no TCP socket of this VM listens on the port"); });
    }
    const bool elsewhere = std::ranges::any_of(
        facts.sockets, [](const ListeningSocket& socket) { return !is_loopback(socket.address); });
    return said(elsewhere ? Outcome::ok : Outcome::not_listening, [&facts, elsewhere] {
        return "listening on " + sockets_text(facts) + (elsewhere ? "" : " only, which is loopback");
    });
}

Classification classify_traffic(const TrafficFacts& facts, const Expectation& expectation) {
    if (failing_of(facts).any) {
        return said(outcome_of(facts), [&facts] {
            return attempts_text(facts) + (facts.icmp ? "; " + icmp_text(*facts.icmp) : "");
        });
    }
    if (ends_before_data(facts)) {
        return said(Outcome::pending_allowlist, [&facts] { return ends_text(facts); });
    }
    if (ends_at_proxy_header(facts)) {
        return said(Outcome::unexpected_reply, [&facts] { return ends_at_header_text(facts); });
    }
    if (is_silent_too_long(facts, expectation)) {
        return said(Outcome::timeout, [&facts] { return silence_text(facts); });
    }
    return said(Outcome::ok, [&facts] {
        return facts.packets == 0 ? silence_text(facts)
                                  : count_text(facts.packets, "packet") + ", " + attempts_text(facts);
    });
}

}  // namespace whylink::checks
