#include "checks/stages/expectation.hpp"

#include <algorithm>
#include <iterator>

#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/dns.hpp"

namespace whylink::checks {

std::vector<IpAddress> addresses_of_host(const config::Target& target, std::span<const JudgedProbe> probes) {
    const config::Endpoint* endpoint = target.endpoint();
    std::vector<IpAddress> addresses;
    if (endpoint == nullptr || (!endpoint->address && endpoint->public_host.empty())) {
        return addresses;
    }
    if (endpoint->address) {
        return {*endpoint->address};
    }
    for (const JudgedProbe& probe : probes) {
        const auto* dns = probe.dns();
        if (dns != nullptr && dns->role == probes::NameRole::host) {
            std::ranges::move(addresses_of(*dns), std::back_inserter(addresses));
        }
    }
    return addresses;
}

Expectation expectation_of(const config::Target& target, std::span<const IpAddress> of_host, TimePoint now) {
    Expectation expectation = expectation_of(target);
    expectation.host_addresses = of_host;
    expectation.now = now;
    return expectation;
}

Expectation expectation_of(const config::Endpoint& endpoint) {
    Expectation expectation;
    expectation.expect = endpoint.expect;
    expectation.private_space = endpoint.private_space;
    expectation.tls = endpoint.tls.mode;
    expectation.expiry_warning = endpoint.tls.expiry_warning;
    return expectation;
}

Expectation expectation_of(const config::Zone& zone) {
    Expectation expectation;
    expectation.expect = zone.expect;
    expectation.private_space = zone.private_space;
    return expectation;
}

Expectation expectation_of(const config::Watch& watch) {
    Expectation expectation;
    expectation.expect_traffic = watch.expect_traffic;
    return expectation;
}

Expectation of_another_host(Expectation expectation) {
    expectation.expect = {};
    expectation.private_space = false;
    expectation.host_addresses = {};
    return expectation;
}

Expectation expectation_of(const config::Target& target) {
    return std::visit([](const auto& what) { return expectation_of(what); }, target.what());
}

}  // namespace whylink::checks
