// Resource IDs of Azure: /subscriptions/S/resourceGroups/G/providers/Microsoft.Network/TYPE/NAME[/TYPE/NAME…].
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/http/call.hpp"

namespace whylink::control {

/// Each part may stand in a path of the table (may_stand_in_path()).
struct ResourceId {
    std::string subscription;
    std::string group;
    std::string type;                ///< "privateEndpoints", "virtualNetworks/subnets"
    std::vector<std::string> names;  ///< one for each part of the type

    static std::optional<ResourceId> parse(std::string_view text);
    /// For Call::path: subscription, group, and name or parent and name.
    std::vector<Pair> placeholders() const;
};

}  // namespace whylink::control
