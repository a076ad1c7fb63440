// What an identity may read of a subscription, and the role that lacks nothing.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "control/azure/arm_reader.hpp"
#include "control/azure/parse.hpp"
#include "control/azure/read.hpp"

namespace whylink::control {

namespace {

/// Stands in a path where the subscription has no resource of a kind.
constexpr std::string_view no_such_name = "whylink-account-check";

ResourceId no_such_resource(const std::string& subscription, std::string_view type) {
    ResourceId id;
    id.subscription = subscription;
    id.group = no_such_name;
    id.provider = "Microsoft.Network";
    id.type = type;
    id.names.assign(1 + static_cast<std::size_t>(std::ranges::count(type, '/')), std::string(no_such_name));
    return id;
}

/// Asks Azure about each operation once.
class AzureCheck {
  public:
    AzureCheck(const Reading& reading, const std::string& subscription, const AzureCloud& cloud)
        : arm_(reading, subscription, cloud), subscription_(subscription) {}

    std::vector<Access> access() {
        check_consumer();
        check_provider();
        return std::move(access_);
    }

  private:
    void check_consumer() {
        const auto endpoints = listed(Op::arm_private_endpoints, parse_private_endpoints);
        const auto zones = listed(Op::arm_private_dns_zones, parse_private_dns_zones);
        const Endpoint endpoint = endpoints.empty() ? Endpoint() : endpoints.front();
        const std::string subnet = endpoint.subnets.empty() ? std::string() : endpoint.subnets.front();
        const std::string interface =
            endpoint.interfaces.items.empty() ? std::string() : endpoint.interfaces.items.front().id;
        const ResourceId zone =
            known_or_none(zones.empty() ? std::string() : zones.front().id, "privateDnsZones");
        ask({{Op::arm_zone_groups, resource(Op::arm_zone_groups, endpoint.id, "privateEndpoints")},
             {Op::arm_network_interface, resource(Op::arm_network_interface, interface, "networkInterfaces")},
             {Op::arm_subnet, resource(Op::arm_subnet, subnet, "virtualNetworks/subnets")},
             {Op::arm_virtual_network,
              resource(Op::arm_virtual_network, endpoint.network, "virtualNetworks")},
             {Op::arm_network_security_group,
              resource(Op::arm_network_security_group, {}, "networkSecurityGroups")},
             {Op::arm_virtual_machine, resource(Op::arm_virtual_machine, {}, "virtualMachines")},
             {Op::arm_zone_links, arm_.of_zone(Op::arm_zone_links, zone)},
             {Op::arm_zone_record, arm_.of_zone(Op::arm_zone_record, zone, no_such_name)}});
    }

    void check_provider() {
        const auto services = listed(Op::arm_private_link_services, parse_private_link_services);
        const EndpointService service = services.empty() ? EndpointService() : services.front().service;
        const std::string balancer = service.balancers.empty() ? std::string() : service.balancers.front();
        ask({{Op::arm_endpoint_connections,
              resource(Op::arm_endpoint_connections, service.id, "privateLinkServices")},
             {Op::arm_load_balancer, resource(Op::arm_load_balancer, balancer, "loadBalancers")}});
    }

    struct Question {
        Op op;
        Call call;
    };

    /// The first page of a list.
    template <class T>
    std::vector<T> listed(Op op, Parsed<T> (*parse)(std::string_view)) {
        Reply reply = arm_.reading().caller.call(arm_.of_subscription(op), arm_.reading().terms);
        Parsed<T> page = reply.result == Result::ok ? parse(reply.body) : std::nullopt;
        if (reply.result == Result::ok && !page) {
            reply = unreadable(std::move(reply), operation(op).name);
        }
        access_.push_back(access_of(op, reply));
        return page ? std::move(page->items) : std::vector<T>();
    }

    ResourceId known_or_none(const std::string& text, std::string_view type) const {
        const auto id = ResourceId::parse(text);
        return id && id->is(type) ? *id : no_such_resource(subscription_, type);
    }

    Call resource(Op op, const std::string& text, std::string_view type) const {
        return arm_.of_resource(op, known_or_none(text, type));
    }

    /// "Not found" is an answer that only who may read gets.
    void ask(const std::vector<Question>& questions) {
        std::vector<Call> calls;
        for (const Question& question : questions) {
            calls.push_back(question.call);
        }
        std::vector<Reply> replies = arm_.reading().caller.call_all(calls, arm_.reading().terms);
        for (std::size_t i = 0; i < replies.size(); ++i) {
            if (replies[i].result == Result::not_found) {
                replies[i].result = Result::ok;
                replies[i].detail.clear();
            }
            access_.push_back(access_of(questions[i].op, replies[i]));
        }
    }

    ArmReader arm_;
    const std::string& subscription_;
    std::vector<Access> access_;
};

std::vector<std::string> missing_actions(const std::vector<Access>& access) {
    std::vector<std::string> actions;
    for (const Access& one : access) {
        if (one.result == Result::forbidden) {
            actions.push_back(one.permission);
        }
    }
    return actions;
}

}  // namespace

std::vector<Access> azure_access(const Reading& reading, const std::string& subscription,
                                 const AzureCloud& cloud) {
    return AzureCheck(reading, subscription, cloud).access();
}

std::string azure_role(const std::string& subscription, std::vector<std::string> actions) {
    std::ranges::sort(actions);
    const auto repeated = std::ranges::unique(actions);
    actions.erase(repeated.begin(), repeated.end());
    const nlohmann::ordered_json role{
        {"Name", "whylink reader"},
        {"IsCustom", true},
        {"Description", "Reads the state of private links."},
        {"Actions", actions},
        {"NotActions", nlohmann::ordered_json::array()},
        {"AssignableScopes", nlohmann::ordered_json::array({"/subscriptions/" + subscription})}};
    return role.dump(2);
}

CheckAnswer check_azure(const Reading& reading, AzureTokenChain& tokens, const std::string& subscription) {
    CheckAnswer answer;
    answer.account = reading.account.name;
    const auto token = tokens.get(reading.terms.until);
    if (const auto* fault = std::get_if<CredentialFault>(&token)) {
        answer.access.push_back({"token", {}, fault->result, fault->detail});
        return answer;
    }
    answer.source = std::get<AzureToken>(token).source;
    answer.identity = token_identity(std::get<AzureToken>(token).bearer);
    if (subscription.empty()) {
        answer.access.push_back(
            {"subscription", {}, Result::credentials, "no subscription: set `subscription`"});
        return answer;
    }
    answer.access = azure_access(reading, subscription, tokens.cloud());
    const std::vector<std::string> missing = missing_actions(answer.access);
    answer.policy = missing.empty() ? std::string() : azure_role(subscription, missing);
    return answer;
}

}  // namespace whylink::control
