#include "daemon/report/human/subnet.hpp"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <vector>

#include "checks/stages/addresses.hpp"
#include "config/address.hpp"

namespace whylink::daemon {
namespace {

/// What fails at the addresses of a group.
struct Failures {
    std::set<IpAddress> addresses;
    std::set<checks::Outcome> of_tcp;
    bool of_later_stages = false;
};

/// False: the entry fails without an address.
bool add_failures(Failures& failures, const ReportEntry& entry) {
    bool any = false;
    for (const checks::AddressState& state : checks::address_states(*entry.target, *entry.verdict)) {
        if (!state.fails()) {
            continue;
        }
        any = true;
        failures.addresses.insert(state.address);
        if (state.last->tcp() != nullptr) {
            failures.of_tcp.insert(state.last->outcome);
        } else {
            failures.of_later_stages = true;
        }
    }
    return any;
}

std::string_view lead(const Failures& failures) {
    const bool alike = failures.of_tcp.size() == 1 && !failures.of_later_stages;
    if (alike && failures.of_tcp.contains(checks::Outcome::timeout)) {
        return "No SYN-ACK from";
    }
    if (alike && failures.of_tcp.contains(checks::Outcome::refused)) {
        return "RST to SYN from";
    }
    return "All failures in";
}

}  // namespace

std::string subnet_text(const Group& group) {
    Failures failures;
    for (const ReportEntry* entry : group.entries) {
        if (!add_failures(failures, *entry)) {
            return {};
        }
    }
    const std::vector<IpAddress> addresses(failures.addresses.begin(), failures.addresses.end());
    const auto subnet = common_subnet(addresses);
    if (!subnet || addresses.size() < 2) {
        return {};
    }
    return fmt::format("{} {} ({} addresses)", lead(failures), subnet->to_string(), addresses.size());
}

}  // namespace whylink::daemon
