// How the connections of a watch fared, as a whole and by peer.
#pragma once

#include <string>
#include <vector>

#include "probes/observation.hpp"

namespace whylink::checks {

/// Whether so many failures are one: when nothing succeeded, or from 3 of them on a tenth of all. A single
/// one among many that succeed is what networks do.
bool is_failing(unsigned failed, unsigned decided);

/// Attempts that were decided within the window. Those that got no answer count only when the kernel dropped
/// no captured packet: the answer may have been among them.
struct Attempts {
    unsigned established = 0;
    unsigned refused = 0;
    unsigned unanswered = 0;
    unsigned half_open = 0;
    unsigned icmp_failed = 0;
    unsigned failed() const { return refused + unanswered + half_open + icmp_failed; }
    unsigned decided() const { return established + failed(); }
};
Attempts attempts_of(const probes::TrafficFacts& facts);

/// How failed attempts failed: the way of the most, several where as many failed in each. A few that failed in another
/// way decide nothing.
struct FailedWays {
    bool refused = false;
    bool unanswered = false;
    bool half_open = false;
    bool icmp_failed = false;
    bool mixed = false;  ///< a tenth or more failed in another way than these
};
FailedWays failed_ways(const Attempts& attempts);

/// How bad it is.
struct Failing {
    bool any = false;
    /// Attempts at the failing peers succeed as well; with a peer at which none does it is false.
    bool partly = false;
    std::vector<probes::PeerTraffic> peers;    ///< those that fail; may be empty, for not all are listed
    std::vector<probes::PeerTraffic> working;  ///< those at which attempts succeed, and which do not fail
};
Failing failing_of(const probes::TrafficFacts& facts);

/// Every connection that was established ended before the server's first byte. Only outbound: a health check
/// from outside ends its connections so.
bool ends_before_data(const probes::TrafficFacts& facts);
/// This host ends the connections that begin with a PROXY header; a proxy's own health check (LOCAL) ends
/// without a byte by itself.
bool ends_at_proxy_header(const probes::TrafficFacts& facts);
/// From where Azure's load balancers probe the health of their backends, and where its DNS answers.
bool is_azure_probe(const IpAddress& address);
/// Who connected is Azure's health probe and nobody else, and nothing was said on older connections: all that
/// is seen of a link that is not approved. (A Network Load Balancer probes from the addresses that its
/// traffic comes from: there the two cannot be told apart.)
bool only_azure_probes(const probes::TrafficFacts& facts);
/// Every connection began with a PROXY header, and this host answered none with a byte: a health check that
/// ends there, or a service that knows no such header and waits for more (Redis does).
bool silent_at_proxy_header(const probes::TrafficFacts& facts);
/// Connections succeeded or carried data both ways, which are more than the two above, and the capture lost
/// nothing.
bool shows_that_it_works(const probes::TrafficFacts& facts);

/// "12 attempts in 10 s: 10 established, 2 unanswered"
std::string attempts_text(const probes::TrafficFacts& facts);

}  // namespace whylink::checks
