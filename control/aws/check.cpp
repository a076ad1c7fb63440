// What an account of AWS may read: each action once, with the least that it lists. IAM decides before anything else, so
// that "does not exist" proves the permission.
#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "control/aws/calls.hpp"
#include "control/aws/parse.hpp"
#include "control/aws/read.hpp"
#include "control/aws/xml.hpp"

namespace whylink::control {

namespace {

struct Identity {
    std::string arn;
    std::string account;
};

Identity identity_of(std::string_view body) {
    pugi::xml_document document;
    if (!parse_xml(document, body, "GetCallerIdentityResponse")) {
        return {};
    }
    const pugi::xml_node result = document.document_element().child("GetCallerIdentityResult");
    return {text_of(result, "Arn"), text_of(result, "Account")};
}

/// What there is to ask about; where the account has none, identifiers of the right form that nothing has.
struct Sample {
    std::string network;
    std::string service = "vpce-svc-00000000000000000";
    std::string balancer;
    std::string listener;
    std::string target_group;
    std::string zone = "Z00000000000000000000";
};

Sample sample_of(const std::string& region, const std::string& account) {
    const std::string arn = std::string(region.starts_with("cn-") ? "arn:aws-cn" : "arn:aws") +
                            ":elasticloadbalancing:" + region + ":" +
                            (account.empty() ? "000000000000" : account) + ":";
    const std::string nothing = "whylink/0000000000000000";
    Sample sample;
    sample.balancer = arn + "loadbalancer/net/" + nothing;
    sample.listener = arn + "listener/net/" + nothing + "/0000000000000000";
    sample.target_group = arn + "targetgroup/" + nothing;
    return sample;
}

template <class T>
void take_first(std::string& into, const Reply& reply, Parsed<T> (*parse)(std::string_view),
                std::string T::*member) {
    const Parsed<T> page = reply.result == Result::ok ? parse(reply.body) : std::nullopt;
    if (page && !page->items.empty() && !(page->items.front().*member).empty()) {
        into = page->items.front().*member;
    }
}

/// Takes from each answer what the next calls ask about.
void take(Sample& sample, Op op, const Reply& reply) {
    switch (op) {
        case Op::ec2_subnets:
            take_first(sample.network, reply, parse_subnets, &Subnet::network);
            break;
        case Op::ec2_vpc_endpoints:
            take_first(sample.network, reply, parse_vpc_endpoints, &Endpoint::network);
            break;
        case Op::ec2_vpc_endpoint_service_configurations:
            take_first(sample.service, reply, parse_service_configurations, &EndpointService::id);
            break;
        case Op::elb_load_balancers:
            take_first(sample.balancer, reply, parse_load_balancers, &LoadBalancer::id);
            break;
        case Op::elb_listeners:
            take_first(sample.listener, reply, parse_listeners, &Listener::id);
            break;
        case Op::elb_target_groups:
            take_first(sample.target_group, reply, parse_target_groups, &TargetGroup::id);
            break;
        case Op::route53_hosted_zones_by_vpc:
            take_first(sample.zone, reply, parse_hosted_zones_by_vpc, &DnsZone::id);
            break;
        default:
            break;
    }
}

class AccountCheck {
  public:
    AccountCheck(const Reading& reading, const std::string& region, CheckAnswer& answer)
        : reading_(reading), region_(region), answer_(answer) {}

    /// False: the credentials are refused, and all else would be.
    bool check_identity() {
        const Reply reply = reading_.caller.call(aws_call(Op::sts_caller_identity, region_), reading_.terms);
        const Identity identity = identity_of(reply.body);
        answer_.identity = identity.arn;
        answer_.access.push_back(access_of(Op::sts_caller_identity, reply));
        sample_ = sample_of(region_, identity.account);
        return reply.result != Result::credentials;
    }

    void check_listings() {
        constexpr std::array listings{Op::ec2_vpc_endpoints,
                                      Op::ec2_vpc_endpoint_services,
                                      Op::ec2_vpc_endpoint_connections,
                                      Op::ec2_vpc_endpoint_service_configurations,
                                      Op::ec2_network_interfaces,
                                      Op::ec2_security_groups,
                                      Op::ec2_network_acls,
                                      Op::ec2_subnets,
                                      Op::ec2_availability_zones,
                                      Op::elb_load_balancers,
                                      Op::elb_target_groups};
        std::vector<Call> calls;
        for (const Op op : listings) {
            calls.push_back(aws_call(op, region_));
            if (operation(op).api == Api::elb) {
                calls.back().form.emplace_back("PageSize", "1");
            } else if (op != Op::ec2_availability_zones) {
                calls.back().form.emplace_back("MaxResults", "5");
            }
        }
        make(calls);
    }

    void check_details() {
        std::vector<Call> calls{
            with(Op::ec2_vpc_endpoint_service_permissions, {"ServiceId", sample_.service}),
            with(Op::ec2_managed_prefix_list_entries, {"PrefixListId", "pl-00000000000000000"}),
            with(Op::elb_load_balancer_attributes, {"LoadBalancerArn", sample_.balancer}),
            with(Op::elb_listeners, {"LoadBalancerArn", sample_.balancer}),
            with(Op::elb_target_group_attributes, {"TargetGroupArn", sample_.target_group}),
            with(Op::elb_target_health, {"TargetGroupArn", sample_.target_group})};
        // Of a network that is not this account's Route 53 says "access denied".
        if (!sample_.network.empty()) {
            Call attribute = with(Op::ec2_vpc_attribute, {"VpcId", sample_.network});
            attribute.form.emplace_back("Attribute", "enableDnsSupport");
            Call zones = aws_call(Op::route53_hosted_zones_by_vpc, region_);
            zones.query = {{"vpcid", sample_.network}, {"vpcregion", region_}, {"maxitems", "1"}};
            calls.push_back(std::move(attribute));
            calls.push_back(std::move(zones));
        }
        make(calls);
    }

    void check_rest() {
        Call records = aws_call(Op::route53_record_sets, region_);
        records.path.emplace_back("zone", sample_.zone);
        records.query = {{"maxitems", "1"}};
        const std::vector<Call> calls{with(Op::elb_listener_attributes, {"ListenerArn", sample_.listener}),
                                      records};
        make(calls);
    }

  private:
    Call with(Op op, Pair parameter) const {
        Call call = aws_call(op, region_);
        call.form.push_back(std::move(parameter));
        return call;
    }

    void make(const std::vector<Call>& calls) {
        const std::vector<Reply> replies = reading_.caller.call_all(calls, reading_.terms);
        for (std::size_t i = 0; i < calls.size(); ++i) {
            Reply reply = replies[i];
            take(sample_, calls[i].op, reply);
            if (reply.result == Result::not_found) {
                reply.result = Result::ok;
                reply.detail.clear();
            }
            answer_.access.push_back(access_of(calls[i].op, reply));
        }
    }

    const Reading& reading_;
    const std::string& region_;
    CheckAnswer& answer_;
    Sample sample_;
};

std::vector<std::string> missing_actions(const CheckAnswer& answer) {
    std::vector<std::string> actions;
    for (const Access& access : answer.access) {
        if (access.result == Result::forbidden && !access.permission.empty()) {
            actions.push_back(access.permission);
        }
    }
    return actions;
}

}  // namespace

CheckAnswer check_aws(const Reading& reading, AwsCredentialChain& credentials, const std::string& region) {
    CheckAnswer answer;
    answer.account = reading.account.name;
    if (region.empty()) {
        Reply reply;
        reply.result = Result::credentials;
        reply.detail = "no region: set `region`, or AWS_REGION";
        answer.access.push_back(access_of(Op::sts_caller_identity, reply));
        return answer;
    }
    const auto found = credentials.get(reading.terms.until);
    if (const auto* fault = std::get_if<CredentialFault>(&found)) {
        Reply reply;
        reply.result = fault->result;
        reply.detail = fault->detail;
        answer.access.push_back(access_of(Op::sts_caller_identity, reply));
        return answer;
    }
    answer.source = std::get<AwsCredentials>(found).source;
    AccountCheck check(reading, region, answer);
    if (check.check_identity()) {
        check.check_listings();
        check.check_details();
        check.check_rest();
    }
    if (std::vector<std::string> actions = missing_actions(answer); !actions.empty()) {
        answer.policy = aws_policy(std::move(actions));
    }
    return answer;
}

std::string aws_policy(std::vector<std::string> actions) {
    std::ranges::sort(actions);
    const auto repeated = std::ranges::unique(actions);
    actions.erase(repeated.begin(), repeated.end());
    nlohmann::ordered_json statement;
    statement["Effect"] = "Allow";
    statement["Action"] = actions;
    statement["Resource"] = "*";
    nlohmann::ordered_json policy;
    policy["Version"] = "2012-10-17";
    policy["Statement"] = nlohmann::ordered_json::array({statement});
    return policy.dump(2);
}

}  // namespace whylink::control
