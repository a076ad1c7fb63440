// What a target's config expects of what is seen.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "checks/judge.hpp"
#include "config/config.hpp"
#include "probes/observation.hpp"

namespace whylink::checks {

/// What the target's config expects; refers to it, so the config must outlive this.
struct Expectation {
    std::span<const Cidr> expect;  ///< empty: any private address will do
    bool private_space = true;     ///< a public answer outside `expect` is a failure
    /// What the private host answered: the public host must not give any of these.
    std::span<const IpAddress> host_addresses;
    config::TlsMode tls = config::TlsMode::required;
    std::chrono::seconds expiry_warning{0};
    /// Of a watch: how long silence may last.
    std::optional<config::Duration> expect_traffic;
    probes::WallClock::time_point now{};
};

/// Of a public host the addresses of the private one are no right answer: those that DNS or the config gave.
std::vector<IpAddress> addresses_of_host(const config::Target& target, std::span<const JudgedProbe> probes);
/// Refers to `of_host`, which is addresses_of_host().
Expectation expectation_of(const config::Target& target, std::span<const IpAddress> of_host, TimePoint now);

/// `host_addresses` and `now` are left to the caller.
Expectation expectation_of(const config::Endpoint& endpoint);
Expectation expectation_of(const config::Zone& zone);
Expectation expectation_of(const config::Watch& watch);
Expectation expectation_of(const config::Target& target);

/// Of a name that is not the endpoint's: any address will do but a special one.
Expectation of_another_host(Expectation expectation);

}  // namespace whylink::checks
