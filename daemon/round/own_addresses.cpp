#include "daemon/round/own_addresses.hpp"

#include <algorithm>
#include <utility>

#include "probes/host/next_hop.hpp"

namespace whylink::daemon {

OwnAddresses::OwnAddresses() : OwnAddresses(probes::own_addresses) {}

OwnAddresses::OwnAddresses(std::function<std::vector<IpAddress>()> read) : read_(std::move(read)) {}

bool OwnAddresses::contains(const IpAddress& address, Clock::time_point now) {
    if (!read_at_ || now - *read_at_ >= lasts) {
        addresses_ = read_();
        read_at_ = now;
    }
    return std::ranges::binary_search(addresses_, address.embedded_v4().value_or(address));
}

}  // namespace whylink::daemon
