#include <limits>

#include "checks/control/matches.hpp"
#include "config/dns_name.hpp"
#include "control/clickhouse/read.hpp"
#include "control/outside_json.hpp"

namespace whylink::control {

namespace {

using nlohmann::json;

/// A list that is there is complete, and an empty one lets no endpoint in.
Listed<std::string> allow_list_of(const json& item) {
    const auto* list = json_list(item, "privateEndpointIds");
    Listed<std::string> ids{json_texts(item, "privateEndpointIds"), false};
    ids.complete = list != nullptr && ids.items.size() == list->size();
    return ids;
}

std::vector<ServiceAddress> addresses_of(const json& item) {
    std::vector<ServiceAddress> addresses;
    const auto* list = json_list(item, "endpoints");
    if (list == nullptr) {
        return addresses;
    }
    for (const json& element : *list) {
        ServiceAddress address;
        address.protocol = json_text(element, "protocol");
        address.host = canonical_name(json_text(element, "host"));
        const auto port = json_number(element, "port");
        if (!address.host.empty() && port && *port <= std::numeric_limits<std::uint16_t>::max()) {
            address.port = static_cast<std::uint16_t>(*port);
            addresses.push_back(std::move(address));
        }
    }
    return addresses;
}

std::optional<VendorService> service_of(const json& item) {
    VendorService service;
    service.id = json_text(item, "id");
    if (service.id.empty()) {
        return std::nullopt;
    }
    service.name = json_text(item, "name");
    service.provider = json_text(item, "provider");
    service.region = json_text(item, "region");
    service.state_word = json_text(item, "state");
    service.state = service_state(service.state_word);
    service.addresses = addresses_of(item);
    service.allow_list = allow_list_of(item);
    service.ip_access = json_texts(item, "ipAccessList", "source");
    return service;
}

/// Nothing: it is there and no text.
std::optional<std::string> cursor_of(const json& document) {
    const json& cursor = json_at(document, "nextCursor");
    if (cursor.is_null()) {
        return std::string();
    }
    return cursor.is_string() ? std::optional(cursor.get<std::string>()) : std::nullopt;
}

}  // namespace

Parsed<VendorService> parse_clickhouse_services(std::string_view body) {
    const auto document = parse_json(body);
    if (!document) {
        return std::nullopt;
    }
    const json& result = json_at(*document, "result");
    const auto* list = json_list(result, "");
    const std::vector<json> items = list != nullptr ? *list : std::vector<json>{result};
    auto cursor = cursor_of(*document);
    if (!cursor || (list == nullptr && !result.is_object())) {
        return std::nullopt;
    }
    Page<VendorService> page;
    page.next = std::move(*cursor);
    for (const json& item : items) {
        auto service = service_of(item);
        if (!service) {
            return std::nullopt;
        }
        page.items.push_back(std::move(*service));
    }
    return page;
}

std::optional<std::string> parse_clickhouse_organization(std::string_view body) {
    const auto document = parse_json(body);
    const auto* list = document ? json_list(*document, "result") : nullptr;
    if (list == nullptr || list->empty()) {
        return std::nullopt;
    }
    std::string id = json_text(list->front(), "id");
    return id.empty() ? std::nullopt : std::optional(std::move(id));
}

std::optional<PrivateEndpointConfig> parse_private_endpoint_config(std::string_view body) {
    const auto document = parse_json(body);
    if (!document || !json_at(*document, "result").is_object()) {
        return std::nullopt;
    }
    return PrivateEndpointConfig{json_text(*document, "result.endpointServiceId"),
                                 canonical_name(json_text(*document, "result.privateDnsHostname"))};
}

}  // namespace whylink::control
