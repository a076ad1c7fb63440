// What may stop a packet: interfaces, security groups, network ACLs, subnets and attributes of a VPC.
#include <algorithm>
#include <array>

#include "control/aws/parse.hpp"
#include "control/aws/parse_page.hpp"

namespace whylink::control {

namespace {

constexpr std::uint32_t max_port = 65'535;

void add_address(std::vector<IpAddress>& addresses, const pugi::xml_node& node, const char* child) {
    const auto address = IpAddress::parse(node.child(child).text().get());
    if (address && std::ranges::find(addresses, *address) == addresses.end()) {
        addresses.push_back(*address);
    }
}

Interface interface_of(const pugi::xml_node& item) {
    Interface made;
    made.id = text_of(item, "networkInterfaceId");
    made.subnet = text_of(item, "subnetId");
    made.network = text_of(item, "vpcId");
    made.zone = text_of(item, "availabilityZone");
    add_address(made.addresses, item, "privateIpAddress");
    for (const pugi::xml_node& address : items_of(item, "privateIpAddressesSet")) {
        add_address(made.addresses, address, "privateIpAddress");
    }
    for (const pugi::xml_node& address : items_of(item, "ipv6AddressesSet")) {
        add_address(made.addresses, address, "ipv6Address");
    }
    made.security_groups = texts_of(item, "groupSet", "groupId");
    return made;
}

/// The service that owns it writes the description, and nobody else may.
BalancerInterface balancer_interface_of(const pugi::xml_node& item) {
    constexpr std::string_view mark = "ELB ";
    BalancerInterface made{interface_of(item), {}};
    const std::string description = text_of(item, "description");
    if (bool_of(item, "requesterManaged") == true && description.starts_with("ELB net/")) {
        made.balancer = description.substr(mark.size());
    }
    return made;
}

/// Whether ports mean anything: of ICMP they are type and code.
bool has_ports(std::string_view protocol) {
    constexpr std::array<std::string_view, 4> with_ports{"tcp", "udp", "6", "17"};
    return std::ranges::find(with_ports, protocol) != with_ports.end();
}

/// False: a port that is none.
bool take_ports(std::optional<PortRange>& ports, const pugi::xml_node& node, const char* from,
                const char* to) {
    if (!node.child(from) && !node.child(to)) {
        return true;
    }
    const auto first = number_of(node, from);
    const auto last = number_of(node, to);
    if (!first || !last || *first > *last || *last > max_port) {
        return false;
    }
    ports = {static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
    return true;
}

/// False: one of them is none.
bool add_networks(std::vector<Cidr>& networks, const pugi::xml_node& item, const char* list,
                  const char* child) {
    bool all = true;
    for (const pugi::xml_node& range : items_of(item, list)) {
        const auto network = Cidr::parse(range.child_value(child));
        if (network) {
            networks.push_back(*network);
        }
        all = all && network.has_value();
    }
    return all;
}

/// A rule that cannot be read leaves the list incomplete: what it lets in is not known.
void add_rules(Listed<SecurityGroupRule>& rules, const pugi::xml_node& group, const char* list,
               Toward toward) {
    for (const pugi::xml_node& item : items_of(group, list)) {
        SecurityGroupRule rule;
        rule.toward = toward;
        rule.protocol = text_of(item, "ipProtocol");
        bool readable = !rule.protocol.empty();
        if (has_ports(rule.protocol)) {
            readable = take_ports(rule.ports, item, "fromPort", "toPort") && readable;
        }
        readable = add_networks(rule.networks, item, "ipRanges", "cidrIp") && readable;
        readable = add_networks(rule.networks, item, "ipv6Ranges", "cidrIpv6") && readable;
        rule.prefix_lists = texts_of(item, "prefixListIds", "prefixListId");
        rule.groups = texts_of(item, "groups", "groupId");
        rules.complete = rules.complete && readable;
        if (readable) {
            rules.items.push_back(std::move(rule));
        }
    }
}

SecurityGroup group_of(const pugi::xml_node& item) {
    SecurityGroup group;
    group.id = text_of(item, "groupId");
    group.name = text_of(item, "groupName");
    group.network = text_of(item, "vpcId");
    group.rules.complete = item.child("ipPermissions") && item.child("ipPermissionsEgress");
    add_rules(group.rules, item, "ipPermissions", Toward::inbound);
    add_rules(group.rules, item, "ipPermissionsEgress", Toward::outbound);
    return group;
}

std::optional<NetworkAclEntry> acl_entry_of(const pugi::xml_node& item) {
    NetworkAclEntry entry;
    const auto number = number_of(item, "ruleNumber");
    const auto egress = bool_of(item, "egress");
    const std::string action = text_of(item, "ruleAction");
    const char* block = item.child("cidrBlock") ? "cidrBlock" : "ipv6CidrBlock";
    const auto network = Cidr::parse(item.child_value(block));
    entry.protocol = text_of(item, "protocol");
    const bool ports_readable =
        !has_ports(entry.protocol) || take_ports(entry.ports, item.child("portRange"), "from", "to");
    const bool action_known = action == "allow" || action == "deny";
    if (!number || !egress || !network || !ports_readable || !action_known || entry.protocol.empty()) {
        return std::nullopt;
    }
    entry.number = *number;
    entry.toward = *egress ? Toward::outbound : Toward::inbound;
    entry.allow = action == "allow";
    entry.network = *network;
    return entry;
}

NetworkAcl acl_of(const pugi::xml_node& item) {
    NetworkAcl acl;
    acl.id = text_of(item, "networkAclId");
    acl.subnets = texts_of(item, "associationSet", "subnetId");
    acl.entries.complete = static_cast<bool>(item.child("entrySet"));
    for (const pugi::xml_node& element : items_of(item, "entrySet")) {
        if (const auto entry = acl_entry_of(element)) {
            acl.entries.items.push_back(*entry);
        } else {
            acl.entries.complete = false;
        }
    }
    return acl;
}

Subnet subnet_of(const pugi::xml_node& item) {
    Subnet subnet;
    subnet.id = text_of(item, "subnetId");
    subnet.network = text_of(item, "vpcId");
    subnet.zone = text_of(item, "availabilityZone");
    subnet.zone_id = text_of(item, "availabilityZoneId");
    if (const auto network = Cidr::parse(item.child_value("cidrBlock"))) {
        subnet.networks.push_back(*network);
    }
    add_networks(subnet.networks, item, "ipv6CidrBlockAssociationSet", "ipv6CidrBlock");
    return subnet;
}

}  // namespace

Parsed<Interface> parse_network_interfaces(std::string_view body) {
    return parse_page<Interface>(body, ec2_page("DescribeNetworkInterfacesResponse", "networkInterfaceSet"),
                                 interface_of);
}

Parsed<BalancerInterface> parse_balancer_interfaces(std::string_view body) {
    return parse_page<BalancerInterface>(
        body, ec2_page("DescribeNetworkInterfacesResponse", "networkInterfaceSet"), balancer_interface_of);
}

Parsed<SecurityGroup> parse_security_groups(std::string_view body) {
    return parse_page<SecurityGroup>(body, ec2_page("DescribeSecurityGroupsResponse", "securityGroupInfo"),
                                     group_of);
}

Parsed<Cidr> parse_prefix_list_entries(std::string_view body) {
    constexpr PageShape shape = ec2_page("GetManagedPrefixListEntriesResponse", "entrySet");
    const auto found = parse_page<std::optional<Cidr>>(
        body, shape, [](const pugi::xml_node& item) { return Cidr::parse(item.child_value("cidr")); });
    // A list without the one that cannot be read would prove what it does not.
    if (!found || std::ranges::find(found->items, std::optional<Cidr>()) != found->items.end()) {
        return std::nullopt;
    }
    Page<Cidr> page;
    page.next = found->next;
    for (const std::optional<Cidr>& network : found->items) {
        page.items.push_back(*network);
    }
    return page;
}

Parsed<NetworkAcl> parse_network_acls(std::string_view body) {
    return parse_page<NetworkAcl>(body, ec2_page("DescribeNetworkAclsResponse", "networkAclSet"), acl_of);
}

Parsed<Subnet> parse_subnets(std::string_view body) {
    return parse_page<Subnet>(body, ec2_page("DescribeSubnetsResponse", "subnetSet"), subnet_of);
}

Parsed<Word> parse_availability_zones(std::string_view body) {
    return parse_page<Word>(body, ec2_page("DescribeAvailabilityZonesResponse", "availabilityZoneInfo"),
                            [](const pugi::xml_node& item) {
                                return Word{text_of(item, "zoneName"), text_of(item, "zoneId")};
                            });
}

std::optional<bool> parse_vpc_attribute(std::string_view body, const char* attribute) {
    pugi::xml_document document;
    if (!parse_xml(document, body, "DescribeVpcAttributeResponse")) {
        return std::nullopt;
    }
    return bool_of(document.document_element().child(attribute), "value");
}

}  // namespace whylink::control
