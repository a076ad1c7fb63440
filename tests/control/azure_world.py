"""A subscription in the shapes of Azure Resource Manager: a private endpoint by alias that waits for approval, what is
around it, a service of ours with a connection, and this host."""

import copy

import azure

SUBSCRIPTION = "11111111-0000-4000-8000-000000000001"
OTHER = "22222222-0000-4000-8000-000000000002"
TENANT = "33333333-0000-4000-8000-000000000003"
APPLICATION = "44444444-0000-4000-8000-000000000004"
HOSTS = [azure.MANAGEMENT, azure.LOGIN]
ZONE = "westus3.privatelink.azure.clickhouse.cloud"
HOST = f"abcd.{ZONE}"
GUID = "6f1c6a1e-0b7d-4a53-9c8e-2d4f5a6b7c8d"
ALIAS = "production-westus3-0-0.63c8.westus3.azure.privatelinkservice"


def network(rest, subscription=SUBSCRIPTION):
    return f"/subscriptions/{subscription}/resourceGroups/rg/providers/Microsoft.Network/{rest}"


ENDPOINT = network("privateEndpoints/pe")
ENDPOINT_NIC = network("networkInterfaces/pe.nic")
VNET = network("virtualNetworks/v")
SUBNET = f"{VNET}/subnets/n"
NSG = network("networkSecurityGroups/nsg")
ZONE_ID = network(f"privateDnsZones/{ZONE}")
SERVICE = network("privateLinkServices/pls")
BALANCER = network("loadBalancers/lb")
MACHINE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm"
MACHINE_NIC = network("networkInterfaces/vm-nic")


def resource(identifier, properties, **more):
    return {"name": identifier.rsplit("/", 1)[1], "id": identifier, "etag": 'W/"1"', "properties": properties, **more}


def state(status, description):
    return {"status": status, "description": description, "actionsRequired": "None"}


def endpoint(identifier=ENDPOINT, status="Pending"):
    return resource(identifier, {
        "provisioningState": "Succeeded", "resourceGuid": GUID, "subnet": {"id": SUBNET},
        "networkInterfaces": [{"id": ENDPOINT_NIC}], "ipConfigurations": [], "customNetworkInterfaceName": "pe.nic",
        "privateLinkServiceConnections": [], "customDnsConfigs": [],
        "manualPrivateLinkServiceConnections": [resource(f"{identifier}/manualPrivateLinkServiceConnections/c", {
            "provisioningState": "Succeeded", "privateLinkServiceId": ALIAS, "groupIds": [], "requestMessage": "x",
            "privateLinkServiceConnectionState": state(status, "Awaiting Approval")})]},
        type="Microsoft.Network/privateEndpoints", location="westus3")


def set_status(arm, status, description=""):
    """Of the endpoint's connection."""
    connection = arm.resources[ENDPOINT.lower()]["properties"]["manualPrivateLinkServiceConnections"][0]
    connection["properties"]["privateLinkServiceConnectionState"] = state(status, description)


def interface(identifier, address):
    return resource(identifier, {
        "provisioningState": "Succeeded", "macAddress": "00-22-48-C2-A7-F1", "primary": True,
        "ipConfigurations": [resource(f"{identifier}/ipConfigurations/c", {
            "privateIPAddress": address, "privateIPAllocationMethod": "Dynamic", "subnet": {"id": SUBNET},
            "privateIPAddressVersion": "IPv4"})]}, location="westus3")


def rule(name, priority, direction, access, port="*", source="*", protocol="*"):
    return resource(f"{NSG}/securityRules/{name}", {
        "protocol": protocol, "sourcePortRange": "*", "destinationPortRange": port, "sourceAddressPrefix": source,
        "destinationAddressPrefix": "*", "access": access, "priority": priority, "direction": direction,
        "sourcePortRanges": [], "destinationPortRanges": [], "sourceAddressPrefixes": [],
        "destinationAddressPrefixes": []})


def record(name, *addresses, zone=ZONE_ID):
    domain = zone.rsplit("/", 1)[1]
    return resource(f"{zone}/A/{name}", {
        "fqdn": f"{name}.{domain}.", "ttl": 3600, "isAutoRegistered": False,
        "aRecords": [{"ipv4Address": address} for address in addresses]}, type="Microsoft.Network/privateDnsZones/A")


def link(name, vnet, zone=ZONE_ID):
    return resource(f"{zone}/virtualNetworkLinks/{name}", {
        "virtualNetwork": {"id": vnet}, "registrationEnabled": False, "virtualNetworkLinkState": "Completed",
        "resolutionPolicy": "Default", "provisioningState": "Succeeded"}, location="global")


def connection(name, status, owner=OTHER):
    return resource(f"{SERVICE}/privateEndpointConnections/{name}", {
        "provisioningState": "Succeeded", "linkIdentifier": "536870918", "privateEndpointLocation": "westus3",
        "privateEndpoint": {"id": network("privateEndpoints/theirs", owner)},
        "privateLinkServiceConnectionState": state(status, "please")})


def service(*connections):
    return resource(SERVICE, {
        "provisioningState": "Succeeded", "alias": "pls.1f2e.westus3.azure.privatelinkservice", "fqdns": [],
        "visibility": {"subscriptions": [OTHER]}, "autoApproval": {"subscriptions": []}, "enableProxyProtocol": True,
        "loadBalancerFrontendIpConfigurations": [{"id": f"{BALANCER}/frontendIPConfigurations/fe"}],
        "ipConfigurations": [], "privateEndpointConnections": list(connections)}, location="westus3")


def balancer():
    return resource(BALANCER, {
        "provisioningState": "Succeeded", "probes": [], "inboundNatRules": [],
        "frontendIPConfigurations": [resource(f"{BALANCER}/frontendIPConfigurations/fe",
                                              {"privateIPAddress": "10.0.5.4", "subnet": {"id": SUBNET}}, zones=["1"])],
        "loadBalancingRules": [resource(f"{BALANCER}/loadBalancingRules/mqtt", {
            "frontendPort": 8883, "backendPort": 8883, "protocol": "Tcp", "idleTimeoutInMinutes": 4,
            "enableTcpReset": False, "backendAddressPool": {"id": f"{BALANCER}/backendAddressPools/p"}})]})


def world():
    waiting = connection("theirs.1", "Pending")
    return copy.deepcopy([
        endpoint(), interface(ENDPOINT_NIC, "10.0.3.7"),
        resource(VNET, {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "dhcpOptions": {"dnsServers": []}}),
        resource(SUBNET, {"addressPrefix": "10.0.3.0/24", "privateEndpointNetworkPolicies": "Enabled",
                          "privateLinkServiceNetworkPolicies": "Enabled", "networkSecurityGroup": {"id": NSG}}),
        resource(NSG, {"securityRules": [rule("allow-ch", 100, "Inbound", "Allow", "9440", "10.0.0.0/16", "Tcp")],
                       "defaultSecurityRules": [rule("DenyAllInBound", 65500, "Inbound", "Deny")]}),
        resource(ZONE_ID, {"numberOfRecordSets": 2, "provisioningState": "Succeeded"}, location="global"),
        link("l", VNET), record("abcd", "10.0.3.7"),
        service(waiting), waiting, balancer(),
        resource(MACHINE, {"networkProfile": {"networkInterfaces": [{"id": MACHINE_NIC}]}}),
        interface(MACHINE_NIC, "10.0.3.10")])


def instance():
    """Of the metadata service of this host."""
    return {"compute": {"azEnvironment": "AzurePublicCloud", "location": "westus3", "name": "vm",
                        "resourceGroupName": "rg", "resourceId": MACHINE, "subscriptionId": SUBSCRIPTION, "zone": "1",
                        "vmId": "02aab8a4-0000-4000-8000-000000000001", "userData": "planted-user-data"},
            "network": {"interface": [{"macAddress": "002248C2A7F1", "ipv6": {"ipAddress": []},
                                       "ipv4": {"ipAddress": [{"privateIpAddress": "10.0.3.10", "publicIpAddress": ""}],
                                                "subnet": [{"address": "10.0.3.0", "prefix": "24"}]}}]}}


def effective(arm):
    """What Azure computes for this host's interface."""
    arm.effective[f"{MACHINE_NIC}/effectiveNetworkSecurityGroups"] = [{
        "networkSecurityGroup": {"id": NSG}, "association": {"subnet": {"id": SUBNET}}, "effectiveSecurityRules": [{
            "name": "defaultSecurityRules/AllowVnetOutBound", "protocol": "All", "sourcePortRange": "0-65535",
            "destinationPortRange": "0-65535", "sourceAddressPrefix": "VirtualNetwork",
            "destinationAddressPrefix": "VirtualNetwork", "expandedSourceAddressPrefix": ["10.0.0.0/16"],
            "expandedDestinationAddressPrefix": ["10.0.0.0/16"], "access": "Allow", "priority": 65000,
            "direction": "Outbound"}]}]
    arm.effective[f"{MACHINE_NIC}/effectiveRouteTable"] = [
        {"name": None, "source": "Default", "state": "Active", "addressPrefix": ["10.0.3.7/32"],
         "nextHopType": "InterfaceEndpoint", "nextHopIpAddress": []}]
