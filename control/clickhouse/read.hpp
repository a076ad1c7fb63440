// The reader of ClickHouse Cloud: organization, services with their allow-lists, and for each service of a target its
// private endpoint configuration. Nothing of it wakes a service.
#pragma once

#include <optional>
#include <string_view>

#include "control/page.hpp"
#include "control/reading.hpp"

namespace whylink::control {

Readings read_clickhouse(const Reading& reading);
CheckAnswer check_clickhouse(const Reading& reading);

/// Pure: one object or a list in `result`. The origin is the caller's to fill in.
Parsed<VendorService> parse_clickhouse_services(std::string_view body);
/// The organization's id.
std::optional<std::string> parse_clickhouse_organization(std::string_view body);
struct PrivateEndpointConfig {
    std::string endpoint_service;
    std::string private_host;
};
std::optional<PrivateEndpointConfig> parse_private_endpoint_config(std::string_view body);

}  // namespace whylink::control
