// What a resolver answers to one name, by itself and by what was expected.
#pragma once

#include <vector>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

/// Of all types that were asked, in their order.
std::vector<IpAddress> addresses_of(const probes::DnsFacts& facts);
std::vector<probes::DnsAnswer> answers_of(const probes::DnsFacts& facts);

/// Of an SRV query, those that are hosts: "." says that there is no such service (RFC 2782).
std::vector<probes::SrvTarget> targets_of(const probes::DnsFacts& facts);

/// The hosts file gives addresses for the name, so that applications do not ask this resolver.
bool is_shadowed(const probes::DnsFacts& facts);

/// The outcome of one query on its own: `ok` when it has a record of the asked type, whichever.
Outcome classify_query(const probes::DnsQuery& query, const IpAddress& resolver);
/// One for each query.
std::vector<Outcome> query_outcomes(const probes::DnsFacts& facts);
/// Whether one of these has an address.
bool has_address(const std::vector<Outcome>& outcomes);

/// `ok`, `public_address` or `unexpected_address` for one address that DNS gave for the host or a name of the
/// zone.
Outcome judge_address(const IpAddress& address, probes::NameSource source, const Expectation& expectation);

/// The same of an answer, of which it is known whether it is this host's own.
Outcome judge_answer(const probes::DnsAnswer& answer, probes::NameSource source,
                     const Expectation& expectation);

/// An address that should not have been given.
struct BadAddress {
    IpAddress address;
    Outcome outcome = Outcome::ok;
    bool own = false;  ///< this host's
};
std::vector<BadAddress> bad_addresses(const probes::DnsFacts& facts, const Expectation& expectation);
/// Of a public host: the address is the private host's.
bool is_of_private_host(const IpAddress& address, const Expectation& expectation);

}  // namespace whylink::checks
