// Answers of ClickHouse Cloud's API in their real shapes.
#pragma once

#include <string>
#include <string_view>

namespace whylink::control::clickhouse_test {

inline constexpr const char* organization = "0a0a0a0a-0000-4000-8000-00000000000a";
inline constexpr const char* service_id = "c0ffee00-0000-4000-8000-000000000002";

inline std::string answer(std::string_view result) {
    return R"({"status": 200, "requestId": "3f0c6d0e-0000-4000-8000-000000000001", "result": )" +
           std::string(result) + "}";
}

inline std::string organizations() {
    return answer(R"([{"id": ")" + std::string(organization) +
                  R"(", "name": "acme", "createdAt": "2024-01-01T00:00:00Z", "privateEndpoints": []}])");
}

inline std::string service(std::string_view id = service_id, std::string_view label = "abcd",
                           std::string_view allowed = R"(["6f1c6a1e-0b7d-4a53-9c8e-2d4f5a6b7c8d"])",
                           std::string_view state = "running") {
    const std::string host = std::string(label) + ".westus3.azure.clickhouse.cloud";
    return R"({"id": ")" + std::string(id) +
           R"(", "name": "prod", "provider": "azure", "region": "westus3", "state": ")" + std::string(state) +
           R"(", "endpoints": [{"protocol": "nativesecure", "host": ")" + host +
           R"(", "port": 9440}, {"protocol": "https", "host": ")" + host +
           R"(", "port": 8443}], "idleScaling": true, "ipAccessList": [{"source": "203.0.113.0/24", "description": "office"}],
      "privateEndpointIds": )" +
           std::string(allowed) + R"(, "availablePrivateEndpointIds": [], "isPrimary": true})";
}

inline std::string config() {
    return answer(R"({"endpointServiceId": "production-westus3-0-0.63c8.westus3.azure.privatelinkservice",
      "privateDnsHostname": "abcd.westus3.privatelink.azure.clickhouse.cloud"})");
}

}  // namespace whylink::control::clickhouse_test
