// Answers of Azure Resource Manager in their real shapes.
#pragma once

#include <string>
#include <string_view>

#include "tests/unit/control/azure/fake_arm.hpp"

namespace whylink::control::arm_test {

inline const std::string endpoint_id = network_id("privateEndpoints/pe");
inline const std::string interface_id = network_id("networkInterfaces/pe.nic");
inline const std::string subnet_id = network_id("virtualNetworks/v/subnets/n");
inline const std::string network = network_id("virtualNetworks/v");
inline const std::string zone_id = network_id("privateDnsZones/westus3.privatelink.azure.clickhouse.cloud");
inline const std::string group_id = network_id("networkSecurityGroups/nsg");
inline constexpr const char* guid = "6f1c6a1e-0b7d-4a53-9c8e-2d4f5a6b7c8d";
inline constexpr const char* alias = "production-westus3-0-0.63c8.westus3.azure.privatelinkservice";

/// Made by alias: no customDnsConfigs, and the address on the interface alone.
inline std::string endpoint_body(std::string_view status = "Pending",
                                 std::string_view provisioning = "Succeeded",
                                 std::string_view description = "Awaiting Approval") {
    return R"({"name": "pe", "id": ")" + endpoint_id + R"(", "location": "westus3", "properties": {
      "provisioningState": ")" +
           std::string(provisioning) + R"(", "resourceGuid": ")" + guid + R"(", "subnet": {"id": ")" +
           subnet_id + R"("}, "networkInterfaces": [{"id": ")" + interface_id +
           R"("}], "privateLinkServiceConnections": [],
      "manualPrivateLinkServiceConnections": [{"name": "c", "properties": {"privateLinkServiceId": ")" +
           alias +
           R"(", "groupIds": [], "requestMessage": "x", "privateLinkServiceConnectionState": {"status": ")" +
           std::string(status) + R"(", "description": ")" + std::string(description) +
           R"(", "actionsRequired": "None"}}}], "customDnsConfigs": []}})";
}

inline std::string interface_body(std::string_view id = interface_id, std::string_view ip = "10.0.3.7") {
    return R"({"id": ")" + std::string(id) +
           R"(", "name": "nic", "properties": {"ipConfigurations": [{"name": "c",
      "properties": {"privateIPAddress": ")" +
           std::string(ip) + R"(", "subnet": {"id": ")" + subnet_id +
           R"("}, "privateLinkConnectionProperties": {"groupId": "", "requiredMemberName": "", "fqdns": []}}}]}})";
}

inline std::string subnet_body(std::string_view policies = "Enabled") {
    return R"({"id": ")" + subnet_id + R"(", "name": "n", "properties": {"addressPrefix": "10.0.3.0/24",
      "privateEndpointNetworkPolicies": ")" +
           std::string(policies) + R"(", "networkSecurityGroup": {"id": ")" + group_id + R"("}}})";
}

inline std::string network_body() {
    return R"({"id": ")" + network + R"(", "name": "v", "properties": {"addressSpace": {"addressPrefixes":
      ["10.0.0.0/16"]}, "dhcpOptions": {"dnsServers": ["10.0.0.53"]}, "subnets": []}})";
}

/// One rule with all that is usual, and one of the defaults.
inline std::string group_body(std::string_view access = "Deny") {
    return R"({"id": ")" + group_id + R"(", "name": "nsg", "properties": {"securityRules": [{"name": "no-ch",
      "properties": {"priority": 100, "direction": "Inbound", "access": ")" +
           std::string(access) +
           R"(", "protocol": "Tcp", "sourceAddressPrefix": "10.0.1.0/24", "sourcePortRange": "*",
      "sourceAddressPrefixes": [], "destinationAddressPrefix": "*", "destinationPortRanges": ["9440", "8000-8443"]}}],
      "defaultSecurityRules": [{"name": "DenyAllInBound", "properties": {"priority": 65500, "direction": "Inbound",
      "access": "Deny", "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*",
      "destinationAddressPrefix": "*", "destinationPortRange": "*"}}]}})";
}

inline std::string zone_body() {
    return R"({"id": ")" + zone_id +
           R"(", "name": "westus3.privatelink.azure.clickhouse.cloud", "location": "global",
      "properties": {"numberOfRecordSets": 2, "provisioningState": "Succeeded"}})";
}

inline std::string link_body() {
    return R"({"id": ")" + zone_id +
           R"(/virtualNetworkLinks/l", "name": "l", "properties": {"virtualNetwork": {"id": ")" + network +
           R"("}, "registrationEnabled": false, "virtualNetworkLinkState": "Completed",
      "resolutionPolicy": "Default", "provisioningState": "Succeeded"}})";
}

inline std::string record_body(std::string_view fqdn, std::string_view ip) {
    return R"({"id": ")" + zone_id + R"(/A/x", "name": "x", "type": "Microsoft.Network/privateDnsZones/A",
      "properties": {"fqdn": ")" +
           std::string(fqdn) +
           R"(", "ttl": 3600, "isAutoRegistered": false, "aRecords": [{"ipv4Address": ")" + std::string(ip) +
           R"("}]}})";
}

inline std::string service_body(std::string_view connections) {
    return R"({"id": ")" + network_id("privateLinkServices/pls") + R"(", "name": "pls", "location": "westus3",
      "properties": {"provisioningState": "Succeeded", "alias": "pls.1f2e.westus3.azure.privatelinkservice",
      "visibility": {"subscriptions": ["a", "b"]}, "autoApproval": {"subscriptions": []}, "enableProxyProtocol": true,
      "loadBalancerFrontendIpConfigurations": [{"id": ")" +
           network_id("loadBalancers/lb/frontendIPConfigurations/fe") +
           R"("}], "privateEndpointConnections": )" + std::string(connections) + "}}";
}

inline std::string connection_body(std::string_view status) {
    return R"({"id": ")" + network_id("privateLinkServices/pls/privateEndpointConnections/pe.9") +
           R"(", "name": "pe.9", "properties": {"provisioningState": "Succeeded", "linkIdentifier": "536870918",
      "privateEndpointLocation": "eastus", "privateEndpoint": {"id": "/subscriptions/22222222-0000-4000-8000-000000000002)"
           R"(/resourceGroups/theirs/providers/Microsoft.Network/privateEndpoints/pe"},
      "privateLinkServiceConnectionState": {"status": ")" +
           std::string(status) + R"(", "description": "please", "actionsRequired": "None"}}})";
}

}  // namespace whylink::control::arm_test
