// What errors of the network and of this host mean, whichever stage meets them.
#pragma once

#include <optional>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

/// What an ICMP error to a SYN or a query says; nothing for those that end no connection (fragmentation
/// needed, packet too big, source quench). RFC 792, RFC 1812 section 5.2.7.1, RFC 4443 section 3.
std::optional<Outcome> icmp_outcome(const probes::IcmpError& icmp);

/// What an errno of connect(), read(), write() or sendto() says of the network; nothing for those that say
/// something of this host. ECONNREFUSED is `refused` and ECONNRESET `reset_by_peer` here.
std::optional<Outcome> errno_outcome(int error);

/// EPERM and EACCES of connect() and sendto(): a netfilter or BPF rule, or a `prohibit` route (ip-route(8)).
bool is_rule_errno(int error);
/// The same errno of bind() or setsockopt() is a missing permission.
bool forbidden_here(const probes::LocalError& local);

/// A time-out, an ICMP error, no route: no reply to a query or to a SYN.
bool is_network_level(Outcome outcome);
/// A reply to a query, and no answer.
bool is_failure_reply(Outcome outcome);

/// A reset that a read or write met shows as its errno only.
probes::StreamEnd end_or_reset(probes::StreamEnd end, int error);

Classification said(Outcome outcome, Detail detail);
/// Must outlive the detail.
Classification local_fault(const probes::LocalError& local);
/// `outcome`, or a fault of this host where there is none.
Classification said_or_local(std::optional<Outcome> outcome, Detail detail);

}  // namespace whylink::checks
