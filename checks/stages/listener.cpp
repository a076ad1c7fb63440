#include "checks/stages/listener.hpp"

#include <algorithm>

#include "checks/explain/text.hpp"
#include "checks/stages/errors.hpp"
#include "checks/stages/traffic/traffic.hpp"

namespace whylink::checks {
namespace {

using probes::ListenerFacts;
using probes::ListeningSocket;

std::string sockets_text(const ListenerFacts& facts) {
    std::vector<std::string> parts;
    for (const ListeningSocket& socket : facts.sockets) {
        parts.push_back(endpoint_text(socket.address, socket.port));
    }
    return join(parts);
}

}  // namespace

bool is_loopback(const IpAddress& address) {
    static const std::array loopback{*Cidr::parse("127.0.0.0/8"), *Cidr::parse("::1/128"),
                                     *Cidr::parse("::ffff:127.0.0.0/104")};
    return contains(loopback, address);
}

Classification classify(const ListenerFacts& facts, probes::Nanoseconds /*took*/,
                        const Expectation& /*expectation*/) {
    if (facts.sockets.empty()) {
        return said(Outcome::not_listening,
                    [] { return std::string("no TCP socket of this host listens on the port"); });
    }
    const bool elsewhere = std::ranges::any_of(
        facts.sockets, [](const ListeningSocket& socket) { return !is_loopback(socket.address); });
    return said(elsewhere ? Outcome::ok : Outcome::not_listening, [&facts, elsewhere] {
        return "listening on " + sockets_text(facts) + (elsewhere ? "" : " only (loopback)");
    });
}

FactSet facts_of(const ListenerFacts& listener, const JudgedProbe& probe,
                 const probes::TlsFacts* /*handshake*/) {
    const auto is_full = [](const ListeningSocket& socket) {
        return socket.waiting > socket.backlog;  // sk_acceptq_is_full() of the kernel
    };
    const bool missing = probe.outcome == Outcome::not_listening;
    FactSet facts;
    facts.insert_if(!missing, Fact::listening);
    facts.insert_if(missing && probe.counts, Fact::not_listening);
    facts.insert_if(missing && probe.counts && !listener.sockets.empty(), Fact::loopback_only);
    facts.insert_if(std::ranges::any_of(listener.sockets, is_full), Fact::backlog_full);
    return facts;
}

std::string evidence_line(const ListenerFacts& /*facts*/, const JudgedProbe& probe,
                          const std::string& detail) {
    return "listener: " + (detail.empty() ? std::string(slug(probe.outcome)) : detail);
}

void weigh_listener(std::vector<JudgedProbe>& probes) {
    const probes::TrafficFacts* traffic = traffic_facts(probes);
    const bool reached = traffic != nullptr && traffic->established > 0;
    for (JudgedProbe& probe : probes) {
        if (probe.observation.stage == probes::Stage::listener) {
            const bool translated = probe.outcome == Outcome::not_listening && reached;
            const bool unknown = probe.outcome == Outcome::local_error && traffic != nullptr;
            probe.counts = probe.counts && !translated && !unknown;
        }
    }
}

}  // namespace whylink::checks
