#include "checks/control/instance.hpp"

#include <algorithm>

#include "config/outside_text.hpp"
#include "control/azure/read.hpp"
#include "control/outside_json.hpp"

namespace whylink::control {

namespace {

using nlohmann::json;

constexpr std::string_view version = "2021-02-01";

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

Reply failure(Result result, std::string detail) {
    Reply reply;
    reply.result = result;
    reply.detail = std::move(detail);
    return reply;
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

std::variant<Instance, Reply> azure_instance(Transport& transport, Redaction& redaction,
                                             std::chrono::steady_clock::time_point until) {
    Call call;
    call.op = Op::azure_metadata_instance;
    call.query = {{"api-version", std::string(version)}};
    auto made = make_request(call);
    if (const auto* refused = std::get_if<Refused>(&made)) {
        return failure(Result::error, refused->reason);
    }
    HttpRequest request = std::move(std::get<HttpRequest>(made));
    request.headers.push_back({"Metadata", Secret("true")});
    const HttpResponse response = std::move(transport.perform(std::span(&request, 1), until).front());
    if (response.failure != Failure::none) {
        return failure(Result::unreachable,
                       redaction.apply(outside_text("169.254.169.254: " + response.error)));
    }
    auto instance = response.status == 200 ? parse_azure_instance(response.body) : std::nullopt;
    if (!instance) {
        return failure(
            response.status == 404 ? Result::not_found : Result::error,
            "169.254.169.254: HTTP " + std::to_string(response.status) + ", not Azure's instance metadata");
    }
    instance->origin.read_at = std::chrono::time_point_cast<std::chrono::milliseconds>(response.received_at);
    return std::move(*instance);
}

}  // namespace whylink::control
