#include "control/azure/consumer.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "checks/control/matches.hpp"
#include "config/ascii.hpp"
#include "control/azure/parse.hpp"
#include "control/azure/read.hpp"
#include "control/azure/words.hpp"

namespace whylink::control {

namespace {

/// Interfaces that are asked for one by one to find the endpoint of an address; of more, all are listed.
constexpr std::size_t max_single = 8;
/// Endpoints of one account that are handed on; of more, those of the targets alone.
constexpr std::size_t max_endpoints = 2'000;
constexpr std::string_view endpoint_read = "private_endpoint";
constexpr std::string_view interface_read = "network_interface";

bool has_id(const Endpoint& endpoint, std::string_view id) {
    return same_without_case(endpoint.id, id) ||
           std::ranges::any_of(endpoint.other_ids,
                               [&](const std::string& other) { return same_without_case(other, id); });
}

bool has_address(const Endpoint& endpoint, const Subject& subject) {
    return std::ranges::any_of(endpoint.interfaces.items, [&](const Interface& interface) {
        return std::ranges::any_of(interface.addresses, [&](const IpAddress& address) {
            return std::ranges::find(subject.addresses, address) != subject.addresses.end();
        });
    });
}

bool is_of(const Endpoint& endpoint, const Subject& subject) {
    return (!subject.endpoint_id.empty() && has_id(endpoint, subject.endpoint_id)) ||
           (!subject.service.empty() && same_without_case(endpoint.service, subject.service)) ||
           has_address(endpoint, subject) || has_name(endpoint, subject);
}

bool has_unknown_address(const Endpoint& endpoint) {
    return std::ranges::any_of(endpoint.interfaces.items,
                               [](const Interface& interface) { return interface.addresses.empty(); });
}

}  // namespace

AzureConsumer::AzureConsumer(const Reading& reading, const std::string& subscription, const AzureCloud& cloud)
    : arm_(reading, subscription, cloud), subscription_(subscription) {
    Targets targets;
    for (const Subject& subject : reading.subjects) {
        if (subject.side == Side::consumer) {
            subjects_.push_back(&subject);
            targets.insert(subject.target);
        }
    }
    arm_.set_all_targets(std::move(targets));
}

Readings AzureConsumer::read() {
    if (!subjects_.empty()) {
        read_endpoints();
        read_machine();
        read_around();
        read_zone_groups();
        read_zones();
        read_effective();
    }
    return arm_.finish();
}

void AzureConsumer::read_endpoints() {
    auto listed = arm_.list(arm_.of_subscription(Op::arm_private_endpoints), parse_private_endpoints);
    endpoints_ = std::move(listed.items);
    listing_ = std::move(listed.reply);
    all_listed_ = listed.complete;
    if (!all_listed_) {
        arm_.fail(endpoint_read, listing_, arm_.all_targets());
    }
    read_configured();
    match();
    read_interfaces();
    match();
    say_endpoints();
}

void AzureConsumer::read_configured() {
    Ids ids;
    for (const Subject* subject : subjects_) {
        const bool is_listed = std::ranges::any_of(
            endpoints_, [&](const Endpoint& endpoint) { return has_id(endpoint, subject->endpoint_id); });
        const auto id = ResourceId::parse(subject->endpoint_id);
        const bool is_elsewhere = id && !(all_listed_ && same_without_case(id->subscription, subscription_));
        if (!is_listed && is_elsewhere) {
            ids.insert(subject->endpoint_id);
            arm_.want(subject->endpoint_id, {subject->target});
        }
    }
    arm_.each<Endpoint>(Op::arm_private_endpoint, "privateEndpoints", endpoint_read, ids,
                        parse_private_endpoints,
                        [&](Endpoint& endpoint, const Reply&) { endpoints_.push_back(std::move(endpoint)); });
}

AzureConsumer::Ids AzureConsumer::used_interfaces() {
    Ids ids;
    for (const Endpoint& endpoint : endpoints_) {
        if (is_used(endpoint)) {
            for (const Interface& interface : endpoint.interfaces.items) {
                ids.insert(interface.id);
                arm_.want(interface.id, arm_.targets_of(endpoint.id));
            }
        }
    }
    return ids;
}

/// Of the endpoints whose addresses nothing else tells, while a target's endpoint is not found.
AzureConsumer::Ids AzureConsumer::searched_interfaces() {
    Ids ids;
    const bool is_searched = std::ranges::any_of(subjects_, [&](const Subject* subject) {
        return !subject->addresses.empty() && !found_.contains(subject->target);
    });
    for (const Endpoint& endpoint : endpoints_) {
        if (is_searched && !is_used(endpoint) && has_unknown_address(endpoint)) {
            for (const Interface& interface : endpoint.interfaces.items) {
                ids.insert(interface.id);
            }
        }
    }
    return ids;
}

void AzureConsumer::read_interfaces() {
    std::map<std::string, Interface> interfaces;
    const auto take = [&](Interface& interface, const Reply&) {
        interfaces.insert_or_assign(lower_case(interface.id), std::move(interface));
    };
    Ids ids = used_interfaces();
    Ids searched = searched_interfaces();
    if (searched.size() > max_single) {
        auto listed = arm_.list(arm_.of_subscription(Op::arm_network_interfaces), parse_azure_interfaces);
        all_interfaces_ = listed.complete;
        if (!listed.complete) {
            arm_.fail(interface_read, listed.reply, arm_.all_targets());
        }
        for (Interface& interface : listed.items) {
            take(interface, listed.reply);
        }
        std::erase_if(ids, [&](const std::string& id) { return interfaces.contains(lower_case(id)); });
    } else {
        ids.merge(searched);
    }
    const std::size_t before = interfaces.size();
    arm_.each<Interface>(Op::arm_network_interface, "networkInterfaces", interface_read, ids,
                         parse_azure_interfaces, take);
    all_interfaces_ = all_interfaces_ && interfaces.size() - before == ids.size();
    attach(interfaces);
}

void AzureConsumer::attach(const std::map<std::string, Interface>& interfaces) {
    for (Endpoint& endpoint : endpoints_) {
        bool complete = !endpoint.interfaces.items.empty();
        for (Interface& interface : endpoint.interfaces.items) {
            const auto found = interfaces.find(lower_case(interface.id));
            complete = complete && found != interfaces.end();
            if (found != interfaces.end()) {
                interface = found->second;
            }
        }
        endpoint.interfaces.complete = complete;
    }
}

bool AzureConsumer::is_used(const Endpoint& endpoint) const {
    return std::ranges::any_of(subjects_, [&](const Subject* subject) { return is_of(endpoint, *subject); });
}

void AzureConsumer::match() {
    for (const Endpoint& endpoint : endpoints_) {
        for (const Subject* subject : subjects_) {
            if (is_of(endpoint, *subject)) {
                found_.insert(subject->target);
                arm_.want(endpoint.id, {subject->target});
                for (const std::string& subnet : endpoint.subnets) {
                    subnets_.insert(subnet);
                    arm_.want(subnet, {subject->target});
                }
            }
        }
    }
}

/// An endpoint that the config names must be there itself.
bool AzureConsumer::is_found(const Subject& subject) const {
    return found_.contains(subject.target) &&
           (subject.endpoint_id.empty() || std::ranges::any_of(endpoints_, [&](const Endpoint& endpoint) {
                return has_id(endpoint, subject.endpoint_id);
            }));
}

void AzureConsumer::say_endpoints() {
    const bool few = endpoints_.size() <= max_endpoints;
    for (const Endpoint& endpoint : endpoints_) {
        const bool used = is_used(endpoint);
        if (used) {
            Reply reply = listing_;
            reply.result = Result::ok;
            reply.detail.clear();
            reply.read_at = endpoint.origin.read_at;
            add_azure_words(arm_.say(endpoint_read, reply, arm_.targets_of(endpoint.id)), endpoint);
        }
        if (used || few) {
            arm_.facts().endpoints.push_back(endpoint);
        }
    }
    if (all_listed_ && few) {
        arm_.mark_complete(endpoint_read, listing_);
    }
    for (const Subject* subject : subjects_) {
        if (!is_found(*subject)) {
            say_missing(*subject);
        }
    }
}

/// Only where everything was read that could have it. What another subscription does not have, the read of it said.
void AzureConsumer::say_missing(const Subject& subject) {
    const auto id = ResourceId::parse(subject.endpoint_id);
    const bool is_elsewhere = id && !same_without_case(id->subscription, subscription_);
    if (!all_listed_ || is_elsewhere || (subject.endpoint_id.empty() && !all_interfaces_)) {
        return;
    }
    Reply reply = listing_;
    reply.result = Result::not_found;
    reply.detail = missing_text(subject);
    arm_.fail(endpoint_read, reply, {subject.target});
}

std::string AzureConsumer::missing_text(const Subject& subject) const {
    if (!subject.endpoint_id.empty()) {
        return fmt::format("{} is not in subscription {}", subject.endpoint_id, subscription_);
    }
    return fmt::format(
        "no private endpoint in subscription {} has an address, a name or the service of this target",
        subscription_);
}

Readings read_azure_consumer(const Reading& reading, const std::string& subscription,
                             const AzureCloud& cloud) {
    return AzureConsumer(reading, subscription, cloud).read();
}

}  // namespace whylink::control
