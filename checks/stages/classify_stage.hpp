// The parts of classify(), one for each stage, and what they share.
#pragma once

#include <optional>
#include <string>

#include "checks/stages/classify.hpp"

namespace whylink::checks {

Classification classify_dns(const probes::DnsFacts& facts, const Expectation& expectation);
Classification classify_tcp(const probes::TcpFacts& facts, probes::Nanoseconds took);
Classification classify_tls(const probes::TlsFacts& facts, probes::Nanoseconds took,
                            const Expectation& expectation);

Classification classify_app(const probes::AppFacts& facts, probes::Nanoseconds took);
Classification classify_hold(const probes::HoldFacts& facts);

Classification classify_listener(const probes::ListenerFacts& facts);
bool is_loopback(const IpAddress& address);
Classification classify_traffic(const probes::TrafficFacts& facts, const Expectation& expectation);

/// What an ICMP error to a SYN or a query says; nothing for those that end no connection (fragmentation
/// needed, packet too big, source quench). RFC 792, RFC 1812 section 5.2.7.1, RFC 4443 section 3.
std::optional<Outcome> icmp_outcome(const probes::IcmpError& icmp);

/// What an errno of connect(), read(), write() or sendto() says of the network; nothing for those that say
/// something of this VM. ECONNREFUSED is `refused` and ECONNRESET `reset_by_peer` here.
std::optional<Outcome> errno_outcome(int error);

/// EPERM and EACCES of connect() and sendto(): a netfilter or BPF rule, or a `prohibit` route (ip-route(8)).
bool is_rule_errno(int error);

Classification said(Outcome outcome, Detail detail);
Classification local_fault(Detail detail);
/// `outcome`, or a fault of this host where there is none.
Classification said_or_local(std::optional<Outcome> outcome, Detail detail);

}  // namespace whylink::checks
