#include "checks/control/instance.hpp"
#include "control/azure/parse.hpp"
#include "control/outside_json.hpp"

namespace whylink::control {

namespace {

using nlohmann::json;

/// Metadata knows no Resource ID of an interface: its MAC address is its id.
Interface interface_of(const json& item) {
    Interface interface;
    interface.id = json_text(item, "macAddress");
    for (const char* family : {"ipv4.ipAddress", "ipv6.ipAddress"}) {
        for (const std::string& text : json_texts(item, family, "privateIpAddress")) {
            if (const auto address = IpAddress::parse(text)) {
                interface.addresses.push_back(*address);
            }
        }
    }
    return interface;
}

}  // namespace

std::optional<Instance> parse_azure_instance(std::string_view body) {
    const auto document = parse_json(body);
    if (!document) {
        return std::nullopt;
    }
    Instance instance;
    instance.cloud = config::Cloud::azure;
    instance.id = json_text(*document, "compute.resourceId");
    instance.account = json_text(*document, "compute.subscriptionId");
    instance.region = json_text(*document, "compute.location");
    instance.zone = json_text(*document, "compute.zone");
    if (instance.account.empty() || instance.region.empty()) {
        return std::nullopt;
    }
    if (const auto* interfaces = json_list(*document, "network.interface")) {
        for (const json& item : *interfaces) {
            instance.interfaces.push_back(interface_of(item));
        }
    }
    return instance;
}

}  // namespace whylink::control
