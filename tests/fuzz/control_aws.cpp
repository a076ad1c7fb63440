// Any body as the answer of each of AWS' operations.
#include <cstddef>
#include <cstdint>
#include <string>

#include "control/aws/dialect.hpp"
#include "control/aws/parse.hpp"
#include "control_facts.hpp"

using namespace whylink;
using namespace whylink::control;

namespace {

void add_link(const std::string& body, Facts& facts) {
    fuzz::add(facts.endpoints, parse_vpc_endpoints(body));
    fuzz::add(facts.endpoints, &Endpoint::interfaces, parse_network_interfaces(body));
    std::vector<BalancerInterface> interfaces;
    fuzz::add(interfaces, parse_balancer_interfaces(body));
    for (BalancerInterface& made : interfaces) {
        Endpoint& endpoint = facts.endpoints.emplace_back();
        endpoint.id = std::move(made.balancer);
        endpoint.interfaces.items.push_back(std::move(made.interface));
    }
    fuzz::add(facts.connections, parse_vpc_endpoint_connections(body));
    fuzz::add(facts.services, parse_service_configurations(body));
    fuzz::add(facts.services, parse_vpc_endpoint_services(body));
    fuzz::add(facts.services, &EndpointService::allowed, parse_service_permissions(body));
    if (auto instance = parse_instance_document(body)) {
        facts.instances.push_back(std::move(*instance));
    }
}

void add_network(const std::string& body, Facts& facts) {
    fuzz::add(facts.security_groups, parse_security_groups(body));
    fuzz::add(facts.prefix_lists, &PrefixList::networks, parse_prefix_list_entries(body));
    fuzz::add(facts.network_acls, parse_network_acls(body));
    fuzz::add(facts.subnets, parse_subnets(body));
    fuzz::add(facts.zones, parse_hosted_zones_by_vpc(body));
    fuzz::add(facts.zones, &DnsZone::records, parse_record_sets(body));
    static_cast<void>(parse_vpc_attribute(body, "enableDnsSupport"));
}

void add_backend(const std::string& body, Facts& facts) {
    fuzz::add(facts.balancers, parse_load_balancers(body));
    fuzz::add(facts.listeners, parse_listeners(body));
    fuzz::add(facts.target_groups, parse_target_groups(body));
    fuzz::add(facts.target_groups, &TargetGroup::targets, parse_target_health(body));
}

void add_all(const std::string& body, Readings& readings) {
    add_link(body, readings.facts);
    add_network(body, readings.facts);
    add_backend(body, readings.facts);
    std::vector<Word> words;
    fuzz::add(words, parse_availability_zones(body));
    fuzz::add(words, parse_elb_attributes(body));
    if (!words.empty()) {
        readings.reads.emplace_back().facts = std::move(words);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::check_answer(data, size, add_all, [](const HttpResponse& response) {
        return classify_aws(operation(Op::ec2_vpc_endpoints), response);
    });
    return 0;
}
