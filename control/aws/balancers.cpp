#include "control/aws/balancers.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "config/ascii.hpp"
#include "control/aws/parse.hpp"
#include "control/aws/words.hpp"

namespace whylink::control {

namespace {

constexpr std::size_t max_target_groups = 50;
/// ARNs that DescribeLoadBalancers takes at once.
constexpr std::size_t max_arns = 20;

std::optional<bool> flag(std::string_view value) {
    if (value == "true") {
        return true;
    }
    return value == "false" ? std::optional(false) : std::nullopt;
}

}  // namespace

AwsBalancers::AwsBalancers(const Reading& reading, const std::string& region,
                           const std::set<std::string>& targets, Readings& made)
    : reading_(reading), region_(region), targets_(targets), made_(made) {}

void AwsBalancers::add(std::vector<Listing>& listings, const std::set<std::string>& arns) {
    std::vector<std::string> rest(arns.begin(), arns.end());
    while (!rest.empty()) {
        const std::size_t count = std::min(rest.size(), max_arns);
        Call call = aws_call(Op::elb_load_balancers, region_);
        add_members(call, "LoadBalancerArns", std::span(rest).first(count));
        listings.push_back(
            listing(reading_, "load_balancer", std::move(call), parse_load_balancers, made_.facts.balancers));
        rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
    }
    add_listeners(listings, arns);
}

void AwsBalancers::add_listeners(std::vector<Listing>& listings, const std::set<std::string>& arns) {
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
}

template <class Take>
Listing AwsBalancers::attributes(std::string read, Op op, const char* parameter, const std::string& id,
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

void AwsBalancers::add_behind(std::vector<Listing>& listings) {
    limit_target_groups();
    add_attributes(listings);
    add_target_groups(listings);
}

void AwsBalancers::limit_target_groups() {
    std::vector<TargetGroup>& groups = made_.facts.target_groups;
    if (groups.size() > max_target_groups) {
        Listing listing;
        listing.read = "target_group";
        listing.call = aws_call(Op::elb_target_groups, region_);
        listing.reply.read_at = groups.front().origin.read_at;
        say_left_out(listing, max_target_groups, groups.size());
        groups.resize(max_target_groups);
    }
}

void AwsBalancers::add_attributes(std::vector<Listing>& listings) {
    for (LoadBalancer& balancer : made_.facts.balancers) {
        listings.push_back(attributes("load_balancer", Op::elb_load_balancer_attributes, "LoadBalancerArn",
                                      balancer.id, [&balancer](const Word& word) {
                                          if (word.name == "load_balancing.cross_zone.enabled") {
                                              balancer.cross_zone = flag(word.value);
                                          }
                                      }));
    }
    for (Listener& listener : made_.facts.listeners) {
        listings.push_back(attributes("listener", Op::elb_listener_attributes, "ListenerArn", listener.id,
                                      [&listener](const Word& word) {
                                          if (word.name == "tcp.idle_timeout.seconds") {
                                              listener.idle_timeout = parse_number<std::uint32_t>(word.value);
                                          }
                                      }));
    }
}

void AwsBalancers::add_target_groups(std::vector<Listing>& listings) {
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

void AwsBalancers::say_left_out(const Listing& listing, std::size_t read, std::size_t all) {
    Read made = read_of(reading_.account, listing.read, listing.reply);
    made.result = Result::error;
    made.targets.assign(targets_.begin(), targets_.end());
    made.detail = fmt::format("{}: {} of {} are read", operation(listing.call.op).name, read, all);
    made_.reads.push_back(std::move(made));
}

void AwsBalancers::say() {
    const auto add = [&](std::string_view read, const auto& fact) {
        made_.reads.push_back(read_of_fact(reading_.account, read, fact, targets_));
    };
    for (const LoadBalancer& balancer : made_.facts.balancers) {
        add("load_balancer", balancer);
    }
    for (const Listener& listener : made_.facts.listeners) {
        add("listener", listener);
    }
    for (const TargetGroup& group : made_.facts.target_groups) {
        add("target_group", group);
    }
}

}  // namespace whylink::control
