#include "control/aws/provider.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "config/ascii.hpp"
#include "control/aws/parse.hpp"
#include "control/aws/read.hpp"
#include "control/aws/words.hpp"
#include "control/aws/zone_ids.hpp"

namespace whylink::control {

namespace {

/// Services whose permissions and load balancers are read, and target groups of these.
constexpr std::size_t max_services = 20;
constexpr std::size_t max_target_groups = 50;
/// ARNs that DescribeLoadBalancers takes at once.
constexpr std::size_t max_arns = 20;

bool is_named(const EndpointService& service, const std::string& name) {
    return name.empty() || service.id == name || service.name == name;
}

std::optional<bool> flag(std::string_view value) {
    if (value == "true") {
        return true;
    }
    return value == "false" ? std::optional(false) : std::nullopt;
}

}  // namespace

AwsProvider::AwsProvider(const Reading& reading, const std::string& region)
    : reading_(reading), region_(region) {
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
         {std::pair(&listings[0], "service"), std::pair(&listings[1], "connection")}) {
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
        say_left_out(listing, max_services, chosen.size());
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

/// What is beyond a limit is not known.
void AwsProvider::say_left_out(const Listing& listing, std::size_t read, std::size_t all) {
    Read made = read_of(reading_.account, listing.read, listing.reply);
    made.result = Result::error;
    made.targets.assign(targets_.begin(), targets_.end());
    made.detail = fmt::format("{}: {} of {} are read", operation(listing.call.op).name, read, all);
    made_.reads.push_back(std::move(made));
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
    std::vector<std::string> rest(arns.begin(), arns.end());
    while (!rest.empty()) {
        const std::size_t count = std::min(rest.size(), max_arns);
        Call call = aws_call(Op::elb_load_balancers, region_);
        add_members(call, "LoadBalancerArns", std::span(rest).first(count));
        listings.push_back(
            listing(reading_, "load_balancer", std::move(call), parse_load_balancers, made_.facts.balancers));
        rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
    }
    for (const std::string& arn : arns) {
        Call listeners = aws_call(Op::elb_listeners, region_);
        listeners.form.emplace_back("LoadBalancerArn", arn);
        Call groups = aws_call(Op::elb_target_groups, region_);
        groups.form.emplace_back("LoadBalancerArn", arn);
        listings.push_back(
            listing(reading_, "listener", std::move(listeners), parse_listeners, made_.facts.listeners));
        listings.push_back(listing(reading_, "target_group", std::move(groups), parse_target_groups,
                                   made_.facts.target_groups));
    }
    read_all(reading_, listings);
    add_failures(reading_, listings, {targets_.begin(), targets_.end()}, made_.reads);
    if (made_.facts.target_groups.size() > max_target_groups) {
        say_left_out(listings.back(), max_target_groups, made_.facts.target_groups.size());
        made_.facts.target_groups.resize(max_target_groups);
    }
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

template <class Take>
Listing AwsProvider::attributes(std::string read, Op op, const char* parameter, const std::string& id,
                                Take take) const {
    Call call = aws_call(op, region_);
    call.form.emplace_back(parameter, id);
    return single(std::move(read), std::move(call), [take](const Reply& reply) {
        const Parsed<Word> words = parse_elb_attributes(reply.body);
        if (words) {
            std::ranges::for_each(words->items, take);
        }
        return words.has_value();
    });
}

void AwsProvider::read_behind() {
    std::vector<Listing> listings;
    for (LoadBalancer& balancer : made_.facts.balancers) {
        listings.push_back(attributes("load_balancer", Op::elb_load_balancer_attributes, "LoadBalancerArn",
                                      balancer.id, [&balancer](const Word& word) {
                                          if (word.name == "load_balancing.cross_zone.enabled") {
                                              balancer.cross_zone = flag(word.value);
                                          }
                                      }));
    }
    std::vector<Word> zones;
    if (!made_.facts.services.empty()) {
        listings.push_back(zone_listing(reading_, region_, zones));
    }
    add_target_groups(listings);
    add_attributes_of_listeners(listings);
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

void AwsProvider::add_attributes_of_listeners(std::vector<Listing>& listings) {
    for (Listener& listener : made_.facts.listeners) {
        listings.push_back(attributes("listener", Op::elb_listener_attributes, "ListenerArn", listener.id,
                                      [&listener](const Word& word) {
                                          if (word.name == "tcp.idle_timeout.seconds") {
                                              listener.idle_timeout = parse_number<std::uint32_t>(word.value);
                                          }
                                      }));
    }
}

void AwsProvider::add_target_groups(std::vector<Listing>& listings) {
    for (TargetGroup& group : made_.facts.target_groups) {
        Call call = aws_call(Op::elb_target_health, region_);
        call.form.emplace_back("TargetGroupArn", group.id);
        Listing health =
            listing(reading_, "target_health", std::move(call), parse_target_health, group.targets.items);
        health.take = [this, &group, take = std::move(health.take)](const Reply& reply) {
            // Of all that is read of a group this alone changes by itself.
            group.origin = origin_of(reading_.account, reply);
            std::optional<std::string> next = take(reply);
            group.targets.complete = next && next->empty();
            return next;
        };
        listings.push_back(std::move(health));
        listings.push_back(attributes(
            "target_group", Op::elb_target_group_attributes, "TargetGroupArn", group.id,
            [&group](const Word& word) {
                if (word.name == "proxy_protocol_v2.enabled") {
                    group.proxy_header = flag(word.value);
                } else if (word.name == "preserve_client_ip.enabled") {
                    group.keeps_client_address = flag(word.value);
                } else if (word.name == "target_health_state.unhealthy.connection_termination.enabled") {
                    group.ends_connections_when_unhealthy = flag(word.value);
                }
            }));
    }
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
    for (const LoadBalancer& balancer : facts.balancers) {
        say("load_balancer", balancer);
    }
    for (const Listener& listener : facts.listeners) {
        say("listener", listener);
    }
    for (const TargetGroup& group : facts.target_groups) {
        say("target_group", group);
    }
    for (const SecurityGroup& group : facts.security_groups) {
        say("security_group", group);
    }
}

Readings read_aws_provider(const Reading& reading, const std::string& region) {
    return AwsProvider(reading, region).read();
}

}  // namespace whylink::control
