// What stands behind a link: the provider's load balancer and its targets, and the vendor's service.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checks/control/read.hpp"
#include "config/address.hpp"
#include "config/vocabulary.hpp"

namespace whylink::control {

struct BalancerZone {
    std::string name;
    std::string subnet;
    std::vector<IpAddress> addresses;
    bool operator==(const BalancerZone&) const = default;
};

struct LoadBalancer {
    Origin origin;
    std::string id;  ///< ARN or Resource ID
    std::string name;
    std::string state;  ///< the provider's word
    std::vector<BalancerZone> zones;
    std::vector<std::string> security_groups;
    /// AWS: whether its own groups apply to traffic of endpoints; none: not read.
    std::optional<bool> groups_apply_to_endpoints;
    std::optional<bool> cross_zone;
    bool operator==(const LoadBalancer&) const = default;
};

/// A listener (AWS) or load-balancing rule (Azure).
struct Listener {
    Origin origin;
    std::string id;
    std::string balancer;
    std::uint16_t port = 0;
    std::string protocol;
    std::vector<std::string> target_groups;
    std::optional<std::uint32_t> idle_timeout;  ///< seconds
    std::optional<bool> resets_idle;            ///< Azure: enableTcpReset
    bool operator==(const Listener&) const = default;
};

/// What the providers' words for the health of a target mean.
enum class TargetState : std::uint8_t { unknown, initial, healthy, unhealthy, unused, draining, unavailable };
consteval auto vocabulary(TargetState) {
    using enum TargetState;
    return terms<TargetState>({{unknown, "unknown"},
                               {initial, "initial"},
                               {healthy, "healthy"},
                               {unhealthy, "unhealthy"},
                               {unused, "unused"},
                               {draining, "draining"},
                               {unavailable, "unavailable"}});
}

struct Target {
    std::string id;
    std::uint16_t port = 0;
    std::string zone;
    TargetState state = TargetState::unknown;
    std::string state_word;
    std::string reason;  ///< Target.FailedHealthChecks, Elb.…
    std::string description;
    bool operator==(const Target&) const = default;
};

struct TargetGroup {
    Origin origin;
    std::string id;
    std::string name;
    std::string protocol;
    std::uint16_t port = 0;
    std::optional<bool> proxy_header;  ///< proxy_protocol_v2.enabled
    std::optional<bool> keeps_client_address;
    std::optional<bool> ends_connections_when_unhealthy;
    Listed<Target> targets;
    bool operator==(const TargetGroup&) const = default;
};

/// What the states of a vendor's service mean for who connects.
enum class ServiceState : std::uint8_t {
    unknown,
    running,
    starting,
    stopping,
    stopped,
    idle,
    degraded,
    failed,
    terminated
};
consteval auto vocabulary(ServiceState) {
    using enum ServiceState;
    return terms<ServiceState>({{unknown, "unknown"},
                                {running, "running"},
                                {starting, "starting"},
                                {stopping, "stopping"},
                                {stopped, "stopped"},
                                {idle, "idle"},
                                {degraded, "degraded"},
                                {failed, "failed"},
                                {terminated, "terminated"}});
}

struct ServiceAddress {
    std::string protocol;  ///< the vendor's word: nativesecure, https
    std::string host;
    std::uint16_t port = 0;
    bool operator==(const ServiceAddress&) const = default;
};

/// A service of a vendor (ClickHouse Cloud).
struct VendorService {
    Origin origin;
    std::string id;
    std::string name;
    std::string organization;
    std::string provider;  ///< aws, azure, gcp
    std::string region;
    ServiceState state = ServiceState::unknown;
    std::string state_word;
    std::vector<ServiceAddress> addresses;
    /// Identifiers of endpoints that are let in, as written; complete and empty: none is.
    Listed<std::string> allow_list;
    std::string endpoint_service;  ///< endpointServiceId: what an endpoint must connect to
    std::string private_host;      ///< privateDnsHostname: by what name it must be asked
    std::vector<std::string> ip_access;
    bool operator==(const VendorService&) const = default;
};

}  // namespace whylink::control
