// Targets that no endpoint leads to, but a Network Load Balancer of the account itself: found by the interface that has the
// address, read as the provider of a service reads its own.
#include <algorithm>
#include <map>
#include <utility>

#include "control/aws/consumer.hpp"

namespace whylink::control {

namespace {

/// Each is a call of its own: a name that does not exist fails the whole call.
constexpr std::size_t max_balancers = 20;

bool has(const BalancerInterface& one, const IpAddress& address) {
    return std::ranges::find(one.interface.addresses, address) != one.interface.addresses.end();
}

/// "db" of "net/db/0123456789abcdef".
std::string name_of(std::string_view balancer) {
    balancer.remove_prefix(balancer.find('/') + 1);
    return std::string(balancer.substr(0, balancer.find('/')));
}

/// Its own listing has the addresses of a balancer only where somebody chose them.
void add_addresses(LoadBalancer& balancer, const Interface& interface) {
    auto zone = std::ranges::find(balancer.zones, interface.subnet, &BalancerZone::subnet);
    if (zone == balancer.zones.end()) {
        zone = balancer.zones.insert(zone, {interface.zone, interface.subnet, {}});
    }
    for (const IpAddress& address : interface.addresses) {
        if (std::ranges::find(zone->addresses, address) == zone->addresses.end()) {
            zone->addresses.push_back(address);
        }
    }
}

}  // namespace

/// Takes those that it finds out of `unmatched`, but for a target with an endpoint that is configured.
void AwsConsumer::match_balancers(std::vector<const Subject*>& unmatched) {
    Names addresses;
    for (const Subject* subject : unmatched) {
        for (const IpAddress& address : subject->addresses) {
            if (address.is_v4()) {
                addresses.insert(address.to_string());
            }
        }
    }
    if (addresses.empty()) {
        return;
    }
    std::vector<BalancerInterface> interfaces;
    std::vector<Listing> listings{
        listing(reading_, "network_interface",
                filtered({}, Op::ec2_network_interfaces, "addresses.private-ip-address", addresses).call,
                parse_balancer_interfaces, interfaces)};
    read_all(reading_, listings);
    say_failures(listings);
    if (!listings.front().complete) {
        return;
    }
    std::map<std::string, std::vector<const BalancerInterface*>> found;
    std::erase_if(unmatched, [&](const Subject* subject) {
        bool any = false;
        for (const IpAddress& address : subject->addresses) {
            if (const BalancerInterface* one = interface_of(interfaces, address)) {
                found[one->balancer].push_back(one);
                balanced_.insert(subject->target);
                any = true;
            }
        }
        return any && subject->endpoint_id.empty();
    });
    std::vector<LoadBalancer> balancers;
    listings.clear();
    for (const auto& [balancer, its] : found) {
        if (listings.size() < max_balancers) {
            Call call = aws_call(Op::elb_load_balancers, region_);
            add_members(call, "Names", std::vector{name_of(balancer)});
            listings.push_back(
                listing(reading_, "load_balancer", std::move(call), parse_load_balancers, balancers));
        }
    }
    read_all(reading_, listings);
    add_failures(reading_, listings, {balanced_.begin(), balanced_.end()}, made_.reads);
    if (listings.size() < found.size()) {
        balancers_.say_left_out(listings.back(), listings.size(), found.size());
    }
    for (LoadBalancer& balancer : balancers) {
        const auto its = std::ranges::find_if(
            found, [&](const auto& one) { return balancer.id.ends_with(":loadbalancer/" + one.first); });
        if (its != found.end()) {
            use(std::move(balancer), its->second);
        }
    }
}

/// Networks of one account may use the same addresses: then this host's counts. Null: none, or it may be another's.
const BalancerInterface* AwsConsumer::interface_of(const std::vector<BalancerInterface>& interfaces,
                                                   const IpAddress& address) const {
    std::vector<const BalancerInterface*> found;
    for (const BalancerInterface& one : interfaces) {
        if (has(one, address)) {
            found.push_back(&one);
        }
    }
    const auto is_near = [&](const BalancerInterface* one) { return is_own_network(one->interface.network); };
    if (std::ranges::any_of(found, is_near)) {
        std::erase_if(found, [&](const BalancerInterface* one) { return !is_near(one); });
    }
    return found.size() == 1 && !found.front()->balancer.empty() ? found.front() : nullptr;
}

void AwsConsumer::use(LoadBalancer balancer, const std::vector<const BalancerInterface*>& interfaces) {
    for (const BalancerInterface* one : interfaces) {
        add_addresses(balancer, one->interface);
        if (!one->interface.network.empty()) {
            networks_.insert(one->interface.network);
            about_[one->interface.network].insert(balanced_.begin(), balanced_.end());
        }
    }
    for (const std::string& group : balancer.security_groups) {
        groups_.insert(group);
        about_[group].insert(balanced_.begin(), balanced_.end());
    }
    made_.facts.balancers.push_back(std::move(balancer));
}

void AwsConsumer::read_balancers() {
    Names arns;
    for (const LoadBalancer& balancer : made_.facts.balancers) {
        arns.insert(balancer.id);
    }
    if (arns.empty()) {
        return;
    }
    std::vector<Listing> listings;
    balancers_.add_listeners(listings, arns);
    read_all(reading_, listings);
    std::vector<Listing> behind;
    balancers_.add_behind(behind);
    read_all(reading_, behind);
    for (const std::vector<Listing>* read : {&listings, &behind}) {
        add_failures(reading_, *read, {balanced_.begin(), balanced_.end()}, made_.reads);
    }
    balancers_.say();
}

}  // namespace whylink::control
