// Any body as the answer of each of Azure Resource Manager's operations, and of its instance metadata.
#include <cstddef>
#include <cstdint>
#include <string>

#include "control/azure/dialect.hpp"
#include "control/azure/parse.hpp"
#include "control_facts.hpp"

using namespace whylink;
using namespace whylink::control;

namespace {

void add_link(const std::string& body, Facts& facts) {
    fuzz::add(facts.endpoints, parse_private_endpoints(body));
    fuzz::add(facts.endpoints, &Endpoint::interfaces, parse_azure_interfaces(body));
    fuzz::add(facts.connections, parse_endpoint_connections(body));
    std::vector<ServiceWithConnections> services;
    fuzz::add(services, parse_private_link_services(body));
    for (ServiceWithConnections& made : services) {
        facts.services.push_back(std::move(made.service));
        facts.services.back().balancers = std::move(made.frontends);
        fuzz::add(facts.connections, Parsed<Connection>({std::move(made.connections.items), {}}));
    }
    if (auto instance = parse_azure_instance(body)) {
        facts.instances.push_back(std::move(*instance));
    }
}

void add_names(const std::string& body, Facts& facts) {
    fuzz::add(facts.zone_groups, parse_zone_groups(body));
    fuzz::add(facts.zones, parse_private_dns_zones(body));
    fuzz::add(facts.zones, &DnsZone::links, parse_zone_links(body));
    fuzz::add(facts.zones, &DnsZone::records, parse_record_sets_of_zone(body));
}

void add_network(const std::string& body, Facts& facts) {
    fuzz::add(facts.networks, parse_virtual_networks(body));
    fuzz::add(facts.subnets, parse_azure_subnets(body));
    fuzz::add(facts.network_security_groups, parse_network_security_groups(body));
    fuzz::add(facts.network_security_groups, parse_effective_groups(body));
    fuzz::add(facts.route_tables, &RouteTable::routes, parse_effective_routes(body));
    std::vector<BalancerWithRules> balancers;
    fuzz::add(balancers, parse_azure_balancers(body));
    for (BalancerWithRules& made : balancers) {
        facts.balancers.push_back(std::move(made.balancer));
        fuzz::add(facts.listeners, Parsed<Listener>({std::move(made.rules), {}}));
    }
}

void add_all(const std::string& body, Readings& readings) {
    add_link(body, readings.facts);
    add_names(body, readings.facts);
    add_network(body, readings.facts);
    std::vector<std::string> ids;
    fuzz::add(ids, parse_machine_interfaces(body));
    for (std::string& id : ids) {
        readings.reads.emplace_back().detail = std::move(id);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::check_answer(data, size, add_all, [](const HttpResponse& response) {
        return classify_arm(operation(Op::arm_private_endpoints), response);
    });
    return 0;
}
