// What a probe on demand came to, before it is a page.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/judge.hpp"
#include "config/config.hpp"
#include "daemon/probe/order.hpp"
#include "probes/observation.hpp"

namespace whylink::daemon {

/// Summed over all redirects.
struct ProbePhases {
    probes::Nanoseconds resolve{};
    probes::Nanoseconds connect{};
    probes::Nanoseconds tls{};
    probes::Nanoseconds processing{};  ///< from the request to the first byte of the response
    probes::Nanoseconds transfer{};    ///< from then to the end of what was read

    probes::Nanoseconds sum() const { return resolve + connect + tls + processing + transfer; }
};

struct ProbeResult {
    ProbeOrder order;
    bool success = false;  ///< as blackbox_exporter means it
    probes::Nanoseconds
        took{};  ///< in all, waiting for other addresses and for late words of the server included
    ProbePhases phases;
    /// The one that `success` is about; none where the name did not resolve.
    std::optional<IpAddress> address;
    unsigned redirects = 0;
    /// Of the last round: what was probed, and what is said of it. Never null.
    config::TargetPtr target;
    std::shared_ptr<const checks::Verdict> verdict;
    std::vector<std::string> log;  ///< what was done, in order, for people
    std::chrono::system_clock::time_point started{};
};

/// The facts of the stage at the address that counts (of DNS: the first probe's); null where there are none.
template <class Facts>
const Facts* facts_of(const ProbeResult& result) {
    for (const checks::JudgedProbe& probe : result.verdict->probes) {
        const auto* facts = get_if<Facts>(&probe.observation.facts);
        const bool counts = !probe.observation.address || probe.observation.address == result.address;
        if (facts != nullptr && counts && !probe.observation.local) {
            return facts;
        }
    }
    return nullptr;
}

}  // namespace whylink::daemon
