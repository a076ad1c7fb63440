// Resource IDs of Azure: /subscriptions/S/resourceGroups/G/providers/P/TYPE/NAME[/TYPE/NAME…], where P is
// Microsoft.Network or Microsoft.Compute. They compare without case.
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
    std::string provider;
    std::string type;                ///< "privateEndpoints", "virtualNetworks/subnets"
    std::vector<std::string> names;  ///< one for each part of the type

    static std::optional<ResourceId> parse(std::string_view text);
    bool is(std::string_view wanted_type) const;
    /// For Call::path: subscription, group, and name or parent and name.
    std::vector<Pair> placeholders() const;
    /// The resource that this one is in: a subnet's network. None of one that is in no other.
    std::optional<ResourceId> parent() const;
    std::string to_string() const;
};

/// Without case, as Azure compares names and IDs.
bool same_without_case(std::string_view one, std::string_view other);
/// "…/virtualNetworks/v" of "…/virtualNetworks/v/subnets/n"; empty where it is none.
std::string parent_of(std::string_view id);

}  // namespace whylink::control
