#include "checks/control/facts.hpp"

#include <iterator>
#include <utility>

namespace whylink::control {

namespace {

template <class T>
void append(std::vector<T>& all, std::vector<T>&& more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

void append(Readings& all, Readings more) {
    append(all.reads, std::move(more.reads));
    Facts& to = all.facts;
    Facts& from = more.facts;
    append(to.instances, std::move(from.instances));
    append(to.endpoints, std::move(from.endpoints));
    append(to.connections, std::move(from.connections));
    append(to.services, std::move(from.services));
    append(to.security_groups, std::move(from.security_groups));
    append(to.prefix_lists, std::move(from.prefix_lists));
    append(to.network_acls, std::move(from.network_acls));
    append(to.network_security_groups, std::move(from.network_security_groups));
    append(to.route_tables, std::move(from.route_tables));
    append(to.subnets, std::move(from.subnets));
    append(to.networks, std::move(from.networks));
    append(to.zones, std::move(from.zones));
    append(to.network_zones, std::move(from.network_zones));
    append(to.zone_groups, std::move(from.zone_groups));
    append(to.balancers, std::move(from.balancers));
    append(to.listeners, std::move(from.listeners));
    append(to.target_groups, std::move(from.target_groups));
    append(to.vendor_services, std::move(from.vendor_services));
    append(to.complete, std::move(from.complete));
}

}  // namespace whylink::control
