// What comes and goes, and this host's own network.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr Row rows[]{
    // ---- what comes and goes ----
    // First, for what a round shows by itself changes from round to round; it becomes an alternative. As sure
    // when the round passes as when it fails, so that a target which flaps is one finding and not a new one
    // each round; the summary says how often it failed.
    {intermittent,
     {comes_and_goes, zone},
     {},
     medium,
     "Names of {zone} resolve correctly in some rounds and not in others."},
    {intermittent,
     {comes_and_goes, watch},
     {},
     medium,
     "The traffic of {name} passes in some rounds and fails in others."},
    {intermittent,
     {comes_and_goes},
     {zone, watch},
     medium,
     "{host} port {port} works in some rounds and fails in others."},

    // ---- this host's network ----
    {local_network_down,
     {siblings_down, only_names_tried},
     {resolvers_without_route, resolver_on_loopback},
     medium,
     "No DNS server replies to any target ({resolver}). The network of this host is down, or only the "
     "DNS servers are."},
    // That a resolver on this host itself gives no reply says nothing of the network.
    {local_network_down,
     {siblings_down},
     {only_names_tried},
     high,
     "No target is reachable and no DNS server replies: the network of this host is down."},
    {local_network_down,
     {resolvers_without_route},
     {address_works, sibling_reached},
     high,
     "This host has no route to any DNS server ({resolver}): its network is down."},
    {local_firewall,
     {resolver_forbidden_here},
     {},
     high,
     "A rule of this host blocks DNS queries to {resolver}."},
};

}  // namespace

std::span<const Row> own_network_rules() {
    return rows;
}

}  // namespace whylink::checks
