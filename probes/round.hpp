// Everything that one round of a target measured: the ordinary probes, what was captured of their
// connections, the follow-up tests that a failure called for, and the connections that were held idle.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "config/vocabulary.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

/// A further connection or query after a failure: the ordinary one, with one thing changed.
enum class FollowUp : std::uint8_t {
    proxy_v2,        ///< the same, behind a PROXY v2 header (LOCAL)
    other_name,      ///< the same address, with a random other name of the zone
    small_segments,  ///< the handshake with a small maximum segment size
    plain_text,      ///< a plain-text first message of the application
    other_port,      ///< another port of the profile at the same address
    other_address,   ///< an address of `expect` that DNS did not give
    read_on,         ///< what the server says to one who only listens, or to the application's first message
    no_name,         ///< the handshake without SNI
    alias_name,      ///< the handshake with the CNAME's name
    other_resolver,  ///< a resolver that is not configured: this host's own, or the cloud's
    sibling_label,   ///< a random name of the same zone
    public_name,     ///< the public name that belongs to the host
    repeat,          ///< the very same once more: a control, for what comes and goes fools every comparison
};

/// The slugs are those of records, reports and metrics (there under the key `experiment`).
consteval auto vocabulary(FollowUp) {
    using enum FollowUp;
    return terms<FollowUp>({
        {proxy_v2, "proxy_v2"},
        {other_name, "other_name"},
        {small_segments, "small_segments"},
        {plain_text, "plain_text"},
        {other_port, "other_port"},
        {other_address, "other_address"},
        {read_on, "read_on"},
        {no_name, "no_name"},
        {alias_name, "alias_name"},
        {other_resolver, "other_resolver"},
        {sibling_label, "sibling_label"},
        {public_name, "public_name"},
        {repeat, "repeat"},
    });
}

/// Of a connection its last stage; of a query one for each resolver.
struct FollowUpTest {
    FollowUp kind = FollowUp::proxy_v2;
    Observation observation;
};

/// The packets of the ordinary connection to one address.
struct CapturedConnection {
    IpAddress address;
    std::uint16_t port = 0;
    WallClock::time_point started{};
    Nanoseconds took{};
    PacketFacts facts;
};

/// What stands for a held connection in records, reports and metrics where these name a follow-up test.
inline constexpr std::string_view hold_slug = "hold";

/// A connection that was made as a round makes it, and then held idle.
struct HeldConnection {
    IpAddress address;
    std::uint16_t port = 0;
    WallClock::time_point started{};
    Nanoseconds took{};
    std::optional<LocalError> local;  ///< set: nothing else here says anything about the peer
    HoldFacts facts;
};

struct Round {
    std::vector<Observation> probes;          ///< the ordinary ones, stage by stage
    std::vector<CapturedConnection> packets;  ///< at most one for each address; empty without capture
    std::vector<FollowUpTest> follow_ups;     ///< those of earlier rounds that still stand among them
    std::vector<HeldConnection> holds;
};

}  // namespace whylink::probes
