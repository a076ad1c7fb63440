#include "control/aws/provider.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "control/aws/parse.hpp"
#include "control/aws/read.hpp"
#include "control/aws/words.hpp"
#include "control/aws/zone_ids.hpp"

namespace whylink::control {

namespace {

/// Services whose permissions and load balancers are read.
constexpr std::size_t max_services = 20;

bool is_named(const EndpointService& service, const std::string& name) {
    return name.empty() || service.id == name || service.name == name;
}

}  // namespace

AwsProvider::AwsProvider(const Reading& reading, const std::string& region)
    : reading_(reading), region_(region), balancers_(reading, region, targets_, made_) {
    for (const Subject& subject : reading.subjects) {
        if (subject.side == Side::provider) {
            subjects_.push_back(&subject);
            targets_.insert(subject.target);
        }
    }
}

Readings AwsProvider::read() {
    if (!subjects_.empty()) {
        read_services();
        read_balancers();
        read_behind();
        say_all();
    }
    return std::move(made_);
}

void AwsProvider::read_services() {
    std::vector<EndpointService> services;
    std::vector<Connection> connections;
    Call configurations = aws_call(Op::ec2_vpc_endpoint_service_configurations, region_);
    Call connected = aws_call(Op::ec2_vpc_endpoint_connections, region_);
    for (Call* call : {&configurations, &connected}) {
        call->form.emplace_back("MaxResults", "1000");
    }
    std::vector<Listing> listings{
        listing(reading_, "endpoint_service", std::move(configurations), parse_service_configurations,
                services),
        listing(reading_, "connection", std::move(connected), parse_vpc_endpoint_connections, connections)};
    read_all(reading_, listings);
    add_failures(reading_, listings, {targets_.begin(), targets_.end()}, made_.reads);
    choose(services, listings[0]);
    take_connections(connections);
    for (const auto& [listing, read] :
         {std::pair(listings.data(), "service"), std::pair(&listings[1], "connection")}) {
        if (listing->complete && all_chosen_) {
            made_.facts.complete.push_back({origin_of(reading_.account, listing->reply), read, region_});
        }
    }
}

/// Those that the targets name come first; then all of them where one names none.
void AwsProvider::choose(const std::vector<EndpointService>& services, const Listing& listing) {
    const auto is_chosen = [&](const EndpointService& service, bool by_name) {
        return std::ranges::any_of(subjects_, [&](const Subject* subject) {
            return subject->service.empty() != by_name && is_named(service, subject->service);
        });
    };
    std::vector<EndpointService>& chosen = made_.facts.services;
    std::ranges::copy_if(services, std::back_inserter(chosen),
                         [&](const EndpointService& service) { return is_chosen(service, true); });
    std::ranges::copy_if(services, std::back_inserter(chosen), [&](const EndpointService& service) {
        return !is_chosen(service, true) && is_chosen(service, false);
    });
    if (chosen.size() > max_services) {
        balancers_.say_left_out(listing, max_services, chosen.size());
        chosen.resize(max_services);
        all_chosen_ = false;
    }
    for (const Subject* subject : subjects_) {
        const bool found = std::ranges::any_of(
            services, [&](const EndpointService& service) { return is_named(service, subject->service); });
        if (!found && listing.complete) {
            Read read = read_of(reading_.account, listing.read, listing.reply);
            read.result = Result::not_found;
            read.targets = {subject->target};
            read.detail = subject->service.empty()
                              ? fmt::format("this account has no endpoint service in {}", region_)
                              : fmt::format("{} does not exist in {}, or belongs to another account",
                                            subject->service, region_);
            made_.reads.push_back(std::move(read));
        }
    }
}

void AwsProvider::take_connections(const std::vector<Connection>& connections) {
    std::ranges::copy_if(
        connections, std::back_inserter(made_.facts.connections), [&](const Connection& one) {
            return std::ranges::find(made_.facts.services, one.service, &EndpointService::id) !=
                   made_.facts.services.end();
        });
}

void AwsProvider::read_balancers() {
    Names arns;
    for (const EndpointService& service : made_.facts.services) {
        arns.insert(service.balancers.begin(), service.balancers.end());
    }
    std::vector<Listing> listings;
    add_permissions(listings);
    balancers_.add(listings, arns);
    read_all(reading_, listings);
    add_failures(reading_, listings, {targets_.begin(), targets_.end()}, made_.reads);
}

void AwsProvider::add_permissions(std::vector<Listing>& listings) {
    for (EndpointService& service : made_.facts.services) {
        Call call = aws_call(Op::ec2_vpc_endpoint_service_permissions, region_);
        call.form = {{"ServiceId", service.id}, {"MaxResults", "1000"}};
        Listing made = listing(reading_, "service_permissions", std::move(call), parse_service_permissions,
                               service.allowed.items);
        made.take = [&service, take = std::move(made.take)](const Reply& reply) {
            std::optional<std::string> next = take(reply);
            service.allowed.complete = next && next->empty();
            return next;
        };
        listings.push_back(std::move(made));
    }
}

void AwsProvider::read_behind() {
    std::vector<Listing> listings;
    balancers_.add_behind(listings);
    std::vector<Word> zones;
    if (!made_.facts.services.empty()) {
        listings.push_back(zone_listing(reading_, region_, zones));
    }
    Names groups;
    for (const LoadBalancer& balancer : made_.facts.balancers) {
        if (balancer.groups_apply_to_endpoints.value_or(false)) {
            groups.insert(balancer.security_groups.begin(), balancer.security_groups.end());
        }
    }
    if (!groups.empty()) {
        Call call = aws_call(Op::ec2_security_groups, region_);
        call.form.emplace_back("MaxResults", "1000");
        add_filter(call, "group-id", std::vector<std::string>(groups.begin(), groups.end()));
        listings.push_back(listing(reading_, "security_group", std::move(call), parse_security_groups,
                                   made_.facts.security_groups));
    }
    read_all(reading_, listings);
    add_failures(reading_, listings, {targets_.begin(), targets_.end()}, made_.reads);
    add_zone_ids(made_.facts.services, zones);
}

template <class T>
void AwsProvider::say(std::string_view read, const T& fact) {
    made_.reads.push_back(read_of_fact(reading_.account, read, fact, targets_));
}

/// One read for each service: a service may have hundreds of connections.
void AwsProvider::say_connections() {
    for (const EndpointService& service : made_.facts.services) {
        std::map<std::string, std::vector<std::string>> by_state;
        Read made;
        for (const Connection& connection : made_.facts.connections) {
            if (connection.service == service.id) {
                by_state[connection.state_word].push_back(
                    fmt::format("{} of {}", connection.endpoint, connection.owner));
                made.read_at = connection.origin.read_at;
            }
        }
        if (by_state.empty()) {
            continue;
        }
        made.account = reading_.account.name;
        made.read = "connection";
        made.targets.assign(targets_.begin(), targets_.end());
        add_word(made, "serviceId", service.id);
        for (auto& [state, endpoints] : by_state) {
            add_word(made, state, std::move(endpoints));
        }
        made_.reads.push_back(std::move(made));
    }
}

void AwsProvider::say_all() {
    const Facts& facts = made_.facts;
    for (const EndpointService& service : facts.services) {
        say("endpoint_service", service);
    }
    say_connections();
    balancers_.say();
    for (const SecurityGroup& group : facts.security_groups) {
        say("security_group", group);
    }
}

Readings read_aws_provider(const Reading& reading, const std::string& region) {
    return AwsProvider(reading, region).read();
}

}  // namespace whylink::control
