#include "daemon/watch/shown_addresses.hpp"

#include <algorithm>
#include <utility>

#include "checks/table/outcome.hpp"

namespace whylink::daemon {
namespace {

struct Probed {
    IpAddress address;
    bool fails = false;
};

/// Each once.
std::vector<Probed> probed_in(const checks::Verdict& verdict) {
    std::vector<Probed> all;
    for (const checks::JudgedProbe& probe : verdict.probes) {
        if (!probe.observation.address) {
            continue;
        }
        const bool fails = probe.counts && !checks::passes(probe.outcome);
        const auto known = std::ranges::find(all, *probe.observation.address, &Probed::address);
        if (known == all.end()) {
            all.push_back({*probe.observation.address, fails});
        } else {
            known->fails = known->fails || fails;
        }
    }
    return all;
}

}  // namespace

bool ShownAddresses::is_known(const IpAddress& address) const {
    return std::ranges::find(known_, address, &Known::address) != known_.end();
}

bool ShownAddresses::admit(const IpAddress& address, Clock::time_point now) {
    if (const auto known = std::ranges::find(known_, address, &Known::address); known != known_.end()) {
        known->seen = now;
        return true;
    }
    if (!fresh_.take(now)) {
        return false;
    }
    if (known_.size() == max_known) {
        known_.erase(std::ranges::min_element(known_, {}, &Known::seen));
    }
    known_.push_back({address, now});
    return true;
}

std::vector<IpAddress> ShownAddresses::left_out_of(const checks::Verdict& verdict, Clock::time_point now) {
    std::vector<Probed> probed = probed_in(verdict);
    // Known ones keep their series; then whatever fails is worth one before what works.
    std::ranges::sort(probed, {}, [this](const Probed& one) {
        const int rank = is_known(one.address) ? 0 : one.fails ? 1 : 2;
        return std::pair(rank, one.address);
    });
    std::vector<IpAddress> left_out;
    std::size_t shown = 0;
    for (const Probed& one : probed) {
        if (shown < max_shown && admit(one.address, now)) {
            ++shown;
        } else {
            left_out.push_back(one.address);
        }
    }
    std::ranges::sort(left_out);
    return left_out;
}

}  // namespace whylink::daemon
