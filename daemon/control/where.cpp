#include "daemon/control/where.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "config/vocabulary.hpp"

namespace whylink::daemon {

std::vector<std::string> networks_of(const control::Instance& instance) {
    std::vector<std::string> networks;
    for (const control::Interface& interface : instance.interfaces) {
        const bool is_known = std::ranges::find(networks, interface.network) != networks.end();
        if (!interface.network.empty() && !is_known) {
            networks.push_back(interface.network);
        }
    }
    return networks;
}

std::string where_text(const control::Instance& instance) {
    std::string text(title(instance.cloud));
    const std::string& place = instance.zone.empty() ? instance.region : instance.zone;
    if (!place.empty()) {
        text += " " + place;
    }
    if (!instance.zone_id.empty()) {
        text += fmt::format(" ({})", instance.zone_id);
    }
    for (const std::string& network : networks_of(instance)) {
        text += ", " + network;
    }
    if (!instance.account.empty()) {
        text += ", account " + instance.account;
    }
    if (!instance.identity.empty()) {
        text += ", role " + instance.identity;
    }
    return text;
}

}  // namespace whylink::daemon
