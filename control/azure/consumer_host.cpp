// This host as its subscription has it: its interfaces, and the rules and routes that apply to them in sum.
#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "control/azure/consumer.hpp"
#include "control/azure/parse.hpp"
#include "control/azure/words.hpp"

namespace whylink::control {

namespace {

using Clock = std::chrono::steady_clock;

/// Interfaces of this host whose sum of rules is asked for.
constexpr std::size_t max_effective = 2;
/// Azure computes the sum for some seconds.
constexpr std::chrono::milliseconds poll_pause{700};

/// Nothing of it is taken from memory.
Terms fresh_terms(const Terms& terms) {
    return {terms.until, Time::max()};
}

bool sends_by(const Interface& interface, const std::vector<const Subject*>& subjects) {
    return std::ranges::any_of(subjects, [&](const Subject* subject) {
        return std::ranges::any_of(subject->sources, [&](const IpAddress& source) {
            return std::ranges::find(interface.addresses, source) != interface.addresses.end();
        });
    });
}

/// The result that was read when the call was made last; its link may be dead by now.
std::optional<Reply> remembered_result(const Reading& reading, const Call& call, const Reply& reply) {
    const auto link = follow_location(call, reply.location);
    if (!link) {
        return std::nullopt;
    }
    Reply result = reading.caller.call(*link, reading.terms);
    const bool is_there = result.remembered && result.result == Result::ok && result.status == 200;
    return is_there ? std::optional(std::move(result)) : std::nullopt;
}

/// A POST that reads: Azure accepts it with a link to the result.
Reply ask(const Reading& reading, const Call& call) {
    Reply reply = reading.caller.call(call, reading.terms);
    if (!reply.remembered || reply.status != 202) {
        return reply;
    }
    if (auto result = remembered_result(reading, call, reply)) {
        return std::move(*result);
    }
    return reading.caller.call(call, fresh_terms(reading.terms));
}

Reply ended(Reply reply, Result result, std::string_view detail) {
    reply.result = result;
    reply.detail = detail;
    return reply;
}

/// Asks for the result until it is there. An answer that it is not may come without a link: then the same is asked.
Reply await_result(const Reading& reading, const Call& call, Reply reply) {
    std::optional<Call> link;
    while (reply.result == Result::ok && reply.status == 202) {
        if (!reply.location.empty() || !link) {
            link = follow_location(call, reply.location);
        }
        if (!link) {
            return ended(std::move(reply), Result::error, "the link to the result leads elsewhere");
        }
        if (Clock::now() + poll_pause >= reading.terms.until) {
            return ended(std::move(reply), Result::unreachable, "the result was not there in time");
        }
        std::this_thread::sleep_for(poll_pause);
        reply = reading.caller.call(*link, fresh_terms(reading.terms));
    }
    return reply;
}

}  // namespace

/// By its Resource ID of the metadata service: machine, its interfaces, and with read_around() their subnets.
void AzureConsumer::read_machine() {
    const Instance* instance = arm_.reading().instance;
    if (instance == nullptr || instance->cloud != config::Cloud::azure ||
        !same_without_case(instance->account, subscription_)) {
        return;
    }
    Ids ids;
    arm_.each<std::string>(Op::arm_virtual_machine, "virtualMachines", "virtual_machine", {instance->id},
                           parse_machine_interfaces,
                           [&](std::string& interface, const Reply&) { ids.insert(interface); });
    std::vector<Interface> interfaces;
    Reply last;
    arm_.each<Interface>(Op::arm_network_interface, "networkInterfaces", "network_interface", ids,
                         parse_azure_interfaces, [&](Interface& interface, const Reply& reply) {
                             interfaces.push_back(std::move(interface));
                             last = reply;
                         });
    if (!interfaces.empty()) {
        take_machine(std::move(interfaces), last);
    }
}

void AzureConsumer::take_machine(std::vector<Interface> interfaces, const Reply& reply) {
    Instance made = *arm_.reading().instance;
    made.origin = arm_.origin(reply);
    for (const Interface& interface : interfaces) {
        if (!interface.subnet.empty()) {
            subnets_.insert(interface.subnet);
            arm_.want(interface.subnet, arm_.all_targets());
        }
        if (sends_by(interface, subjects_) || interfaces.size() == 1) {
            host_interfaces_.insert(interface.id);
        }
    }
    made.interfaces = std::move(interfaces);
    arm_.facts().instances.push_back(std::move(made));
}

void AzureConsumer::read_effective() {
    std::size_t asked = 0;
    for (const std::string& interface : host_interfaces_) {
        const auto id = ResourceId::parse(interface);
        if (!id || !id->is("networkInterfaces") || ++asked > max_effective) {
            continue;
        }
        const Call groups = arm_.of_resource(Op::arm_effective_security_groups, *id);
        const Call routes = arm_.of_resource(Op::arm_effective_routes, *id);
        const Reading& reading = arm_.reading();
        // Azure computes both at the same time.
        Reply first = ask(reading, groups);
        Reply second = ask(reading, routes);
        take_effective_groups(interface, await_result(reading, groups, std::move(first)));
        take_effective_routes(interface, await_result(reading, routes, std::move(second)));
    }
}

void AzureConsumer::take_effective_groups(const std::string& interface, const Reply& reply) {
    auto page = reply.result == Result::ok ? parse_effective_groups(reply.body) : std::nullopt;
    if (!page) {
        arm_.fail("effective_security_groups",
                  reply.result == Result::ok ? unreadable(reply, "effective security groups") : reply,
                  arm_.all_targets());
        return;
    }
    for (NetworkSecurityGroup& group : page->items) {
        group.origin = arm_.origin(reply);
        group.interface = interface;
        add_azure_words(arm_.say("effective_security_groups", reply, arm_.all_targets()), group);
        arm_.facts().network_security_groups.push_back(std::move(group));
    }
}

void AzureConsumer::take_effective_routes(const std::string& interface, const Reply& reply) {
    auto page = reply.result == Result::ok ? parse_effective_routes(reply.body) : std::nullopt;
    if (!page) {
        arm_.fail("effective_routes",
                  reply.result == Result::ok ? unreadable(reply, "effective routes") : reply,
                  arm_.all_targets());
        return;
    }
    RouteTable table{arm_.origin(reply), interface, {std::move(page->items), page->next.empty()}};
    add_azure_words(arm_.say("effective_routes", reply, arm_.all_targets()), table);
    arm_.facts().route_tables.push_back(std::move(table));
}

}  // namespace whylink::control
