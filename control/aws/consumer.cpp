#include "control/aws/consumer.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "checks/control/matches.hpp"
#include "checks/control/region_of_name.hpp"
#include "config/dns_name.hpp"
#include "control/aws/parse.hpp"
#include "control/aws/read.hpp"

namespace whylink::control {

namespace {

/// Services that are asked for their private name where a target has no endpoint by its address.
constexpr std::size_t max_asked_services = 10;
/// Endpoints that are handed on where it is not known which of them is a target's.
constexpr std::size_t max_endpoints = 200;

bool has(const std::vector<IpAddress>& addresses, const IpAddress& address) {
    return std::ranges::find(addresses, address) != addresses.end();
}

/// By one that DNS gives, or that alone is expected.
bool has_address(const Endpoint& endpoint, const Subject& subject) {
    return std::ranges::any_of(endpoint.interfaces.items, [&](const Interface& interface) {
        const auto is_here = [&](const IpAddress& address) { return has(interface.addresses, address); };
        const auto is_this = [&](const Cidr& expected) {
            return expected.length() == expected.base().bytes().size() * 8 && is_here(expected.base());
        };
        return std::ranges::any_of(subject.addresses, is_here) ||
               std::ranges::any_of(subject.expect, is_this);
    });
}

bool is_of(const Endpoint& endpoint, const Subject& subject) {
    return (!subject.endpoint_id.empty() && endpoint.id == subject.endpoint_id) ||
           has_address(endpoint, subject) || has_name(endpoint, subject);
}

/// By name or id ("vpce-svc-…"). Weaker: an account may have several endpoints of one service.
bool is_of_service(const Endpoint& endpoint, const Subject& subject) {
    return !subject.service.empty() &&
           (endpoint.service == subject.service || endpoint.service.ends_with("." + subject.service));
}

std::vector<const Endpoint*> those_of(const std::vector<Endpoint>& endpoints, const Subject& subject,
                                      bool (*belongs)(const Endpoint&, const Subject&)) {
    std::vector<const Endpoint*> found;
    for (const Endpoint& endpoint : endpoints) {
        if (belongs(endpoint, subject)) {
            found.push_back(&endpoint);
        }
    }
    return found;
}

/// Of a service's private name, which may be a wildcard.
bool covers(std::string_view private_name, std::string_view host) {
    if (private_name.starts_with("*.")) {
        return host.ends_with(private_name.substr(1));
    }
    return !host.empty() && private_name == host;
}

/// Addresses by which this host sends, by the filter that finds their interface.
std::map<std::string_view, std::set<std::string>> sources_of(const std::vector<const Subject*>& subjects) {
    std::map<std::string_view, std::set<std::string>> sources;
    for (const Subject* subject : subjects) {
        for (const IpAddress& source : subject->sources) {
            sources[source.is_v4() ? "addresses.private-ip-address" : "ipv6-addresses.ipv6-address"].insert(
                source.to_string());
        }
    }
    return sources;
}

/// One that has addresses of both families is found by each.
void keep_each_once(std::vector<Interface>& interfaces) {
    std::ranges::sort(interfaces, {}, &Interface::id);
    const auto same = [](const Interface& one, const Interface& other) { return one.id == other.id; };
    interfaces.erase(std::unique(interfaces.begin(), interfaces.end(), same), interfaces.end());
}

}  // namespace

AwsConsumer::AwsConsumer(const Reading& reading, const std::string& region)
    : reading_(reading), region_(region), balancers_(reading, region, balanced_, made_) {
    for (const Subject& subject : reading.subjects) {
        if (subject.side == Side::consumer) {
            subjects_.push_back(&subject);
            targets_.insert(subject.target);
        }
    }
}

Readings AwsConsumer::read() {
    if (!subjects_.empty()) {
        read_endpoints();
        read_around();
        read_named();
        read_balancers();
    }
    return std::move(made_);
}

Listing AwsConsumer::filtered(std::string read, Op op, std::string_view filter, const Names& values) const {
    Listing made;
    made.read = std::move(read);
    made.call = aws_call(op, region_);
    made.call.form.emplace_back("MaxResults", "1000");
    const std::vector<std::string> list(values.begin(), values.end());
    add_filter(made.call, filter, list);
    return made;
}

const AwsConsumer::Names& AwsConsumer::about(const std::string& id) const {
    const auto found = about_.find(id);
    return found != about_.end() ? found->second : targets_;
}

void AwsConsumer::say_failures(const std::vector<Listing>& listings) {
    add_failures(reading_, listings, {targets_.begin(), targets_.end()}, made_.reads);
}

void AwsConsumer::read_endpoints() {
    std::vector<Interface> interfaces;
    std::vector<Interface> own;
    Call endpoints = aws_call(Op::ec2_vpc_endpoints, region_);
    endpoints.form.emplace_back("MaxResults", "1000");
    std::vector<Listing> listings{
        listing(reading_, "vpc_endpoint", std::move(endpoints), parse_vpc_endpoints, endpoints_),
        listing(reading_, "network_interface",
                filtered({}, Op::ec2_network_interfaces, "interface-type", {"vpc_endpoint"}).call,
                parse_network_interfaces, interfaces)};
    if (reading_.instance == nullptr) {
        for (const auto& [filter, sources] : sources_of(subjects_)) {
            listings.push_back(listing(reading_, "network_interface",
                                       filtered({}, Op::ec2_network_interfaces, filter, sources).call,
                                       parse_network_interfaces, own));
        }
    }
    read_all(reading_, listings);
    say_failures(listings);

    attach_interfaces(interfaces);
    if (reading_.instance != nullptr && is_own_account(reading_.instance->account)) {
        use_own(reading_.instance->interfaces);
    }
    const bool all_matched = match_all(listings);
    keep_each_once(own);
    take_own(own, std::span(listings).subspan(2));
    if (hand_on(all_matched) && listings[0].complete) {
        made_.facts.complete.push_back(
            {origin_of(reading_.account, listings[0].reply), "vpc_endpoint", region_});
    }
}

/// Those of the targets, and where some have none, others that may be meant. False: some of these were left out.
bool AwsConsumer::hand_on(bool all_matched) {
    bool all = true;
    for (const Endpoint& endpoint : endpoints_) {
        const bool fits = made_.facts.endpoints.size() < max_endpoints;
        if (used_.contains(&endpoint) || (!all_matched && fits)) {
            made_.facts.endpoints.push_back(endpoint);
        } else {
            all = all && all_matched;
        }
    }
    return all;
}

/// `listings`: of the endpoints and of their interfaces. False: a target has no endpoint by what it is known by here;
/// another account may still tell which it is.
bool AwsConsumer::match_all(const std::vector<Listing>& listings) {
    std::vector<const Subject*> unmatched;
    for (const Subject* subject : subjects_) {
        if (!match(*subject)) {
            unmatched.push_back(subject);
        }
    }
    const bool all_matched = unmatched.empty();
    const bool all_asked = match_private_names(unmatched);
    if (listings[1].complete) {
        match_balancers(unmatched);
    }
    for (const Subject* subject : unmatched) {
        const bool by_id = !subject->endpoint_id.empty();
        if (listings[0].complete && (listings[1].complete || subject->addresses.empty()) &&
            (by_id || all_asked)) {
            say_not_found(*subject, listings[0]);
        }
    }
    return all_matched;
}

/// A name that does not resolve may be the private name of an endpoint's service. False: some of these are not known.
bool AwsConsumer::match_private_names(std::vector<const Subject*>& unmatched) {
    Names names;
    for (const Endpoint& endpoint : endpoints_) {
        if (endpoint.service.find(".vpce.") != std::string::npos) {
            names.insert(endpoint.service);
        }
    }
    if (unmatched.empty() || names.empty()) {
        return true;
    }
    std::vector<EndpointService> services;
    std::vector<Listing> listings;
    for (const std::string& name : names) {
        if (listings.size() < max_asked_services) {
            listings.push_back(service_listing(name, services));
        }
    }
    read_all(reading_, listings);
    std::erase_if(unmatched, [&](const Subject* subject) {
        bool found = false;
        for (const Endpoint& endpoint : endpoints_) {
            const auto service = std::ranges::find(services, endpoint.service, &EndpointService::name);
            if (subject->endpoint_id.empty() && service != services.end() &&
                covers(service->private_dns_name, canonical_name(subject->host))) {
                use(endpoint, subject->target);
                found = true;
            }
        }
        return found;
    });
    return names.size() == listings.size() && std::ranges::all_of(listings, [](const Listing& listing) {
               return listing.complete || listing.reply.result == Result::not_found;
           });
}

void AwsConsumer::attach_interfaces(const std::vector<Interface>& interfaces) {
    std::map<std::string_view, const Interface*> by_id;
    for (const Interface& interface : interfaces) {
        by_id.emplace(interface.id, &interface);
    }
    for (Endpoint& endpoint : endpoints_) {
        endpoint.region = region_;
        endpoint.interfaces.complete = true;
        for (Interface& interface : endpoint.interfaces.items) {
            const auto found = by_id.find(interface.id);
            endpoint.interfaces.complete = endpoint.interfaces.complete && found != by_id.end();
            if (found != by_id.end()) {
                interface = *found->second;
            }
        }
    }
}

/// The network of a host in another account cannot be read with this one.
bool AwsConsumer::is_own_account(const std::string& account) const {
    return account.empty() || endpoints_.empty() ||
           std::ranges::any_of(endpoints_, [&](const Endpoint& endpoint) {
               return endpoint.owner.empty() || endpoint.owner == account;
           });
}

bool AwsConsumer::is_own_network(const std::string& network) const {
    return reading_.instance != nullptr &&
           std::ranges::find(reading_.instance->interfaces, network, &Interface::network) !=
               reading_.instance->interfaces.end();
}

/// Networks of one account may use the same addresses: then those of this host's network count, and the one that is
/// configured.
std::vector<const Endpoint*> AwsConsumer::endpoints_of(const Subject& subject) const {
    std::vector<const Endpoint*> found = those_of(endpoints_, subject, is_of);
    if (found.empty()) {
        found = those_of(endpoints_, subject, is_of_service);
    }
    const auto is_near = [&](const Endpoint* endpoint) { return is_own_network(endpoint->network); };
    if (std::ranges::any_of(found, is_near)) {
        std::erase_if(found, [&](const Endpoint* endpoint) {
            return !is_near(endpoint) && endpoint->id != subject.endpoint_id;
        });
    }
    return found;
}

/// False: no endpoint is the target's.
bool AwsConsumer::match(const Subject& subject) {
    const std::vector<const Endpoint*> endpoints = endpoints_of(subject);
    for (const Endpoint* endpoint : endpoints) {
        use(*endpoint, subject.target);
    }
    const bool configured_found =
        subject.endpoint_id.empty() ||
        std::ranges::find(endpoints_, subject.endpoint_id, &Endpoint::id) != endpoints_.end();
    return !endpoints.empty() && configured_found;
}

void AwsConsumer::use(const Endpoint& endpoint, const std::string& target) {
    used_.insert(&endpoint);
    Names ids{endpoint.id, endpoint.network, endpoint.service};
    if (!endpoint.network.empty()) {
        networks_.insert(endpoint.network);
    }
    services_.insert(endpoint.service);
    subnets_.insert(endpoint.subnets.begin(), endpoint.subnets.end());
    groups_.insert(endpoint.security_groups.begin(), endpoint.security_groups.end());
    ids.insert(endpoint.subnets.begin(), endpoint.subnets.end());
    ids.insert(endpoint.security_groups.begin(), endpoint.security_groups.end());
    for (const Interface& interface : endpoint.interfaces.items) {
        groups_.insert(interface.security_groups.begin(), interface.security_groups.end());
        ids.insert(interface.security_groups.begin(), interface.security_groups.end());
    }
    for (const std::string& id : ids) {
        about_[id].insert(target);
    }
}

void AwsConsumer::say_not_found(const Subject& subject, const Listing& endpoints) {
    Read read = read_of(reading_.account, "vpc_endpoint", endpoints.reply);
    read.targets = {subject.target};
    const std::string named = region_of_names(std::span(&subject, 1));
    if (!named.empty() && named != region_) {
        read.result = Result::error;
        read.detail = fmt::format("no endpoint of this target in {}, and its name is of {}: set `region`",
                                  region_, named);
        made_.reads.push_back(std::move(read));
        return;
    }
    read.result = Result::not_found;
    read.detail =
        subject.endpoint_id.empty()
            ? fmt::format("no endpoint in {} has an address, a name or the service of this target", region_)
            : fmt::format("{} does not exist in {}, or belongs to another account", subject.endpoint_id,
                          region_);
    made_.reads.push_back(std::move(read));
}

/// Those of the interface by which a target's connections leave: what they let out, and which rules of the endpoint's
/// groups name them.
void AwsConsumer::use_own_groups(const Interface& interface) {
    for (const Subject* subject : subjects_) {
        const bool sends = std::ranges::any_of(
            subject->sources, [&](const IpAddress& source) { return has(interface.addresses, source); });
        if (!sends) {
            continue;
        }
        own_groups_.insert(interface.security_groups.begin(), interface.security_groups.end());
        for (const std::string& id : interface.security_groups) {
            about_[id].insert(subject->target);
        }
    }
}

/// Groups of this host let a connection out, its subnets have the network ACL, its network the private zones.
void AwsConsumer::use_own(const std::vector<Interface>& interfaces) {
    for (const Interface& interface : interfaces) {
        if (!interface.subnet.empty()) {
            subnets_.insert(interface.subnet);
        }
        if (!interface.network.empty()) {
            networks_.insert(interface.network);
        }
        for (const std::string& id : {interface.subnet, interface.network}) {
            about_[id] = targets_;
        }
        use_own_groups(interface);
    }
}

/// An address is this host's only where one interface alone has it, in a network of an endpoint that is used: other
/// networks of the account may have the same one.
void AwsConsumer::take_own(const std::vector<Interface>& interfaces, std::span<const Listing> listings) {
    if (listings.empty() || !std::ranges::all_of(listings, &Listing::complete)) {
        return;
    }
    Instance instance;
    instance.origin = origin_of(reading_.account, listings.front().reply);
    instance.cloud = config::Cloud::aws;
    instance.region = region_;
    for (const Interface& interface : interfaces) {
        const auto same = [&](const Interface& other) {
            return std::ranges::any_of(
                interface.addresses, [&](const IpAddress& address) { return has(other.addresses, address); });
        };
        if (networks_.contains(interface.network) && std::ranges::count_if(interfaces, same) == 1) {
            instance.interfaces.push_back(interface);
        }
    }
    if (!instance.interfaces.empty()) {
        use_own(instance.interfaces);
        made_.facts.instances.push_back(std::move(instance));
    }
}

Readings read_aws_consumer(const Reading& reading, const std::string& region) {
    return AwsConsumer(reading, region).read();
}

}  // namespace whylink::control
