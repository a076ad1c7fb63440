// Private DNS as the account has it: zones, the networks that they are linked to, and their records.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checks/control/read.hpp"

namespace whylink::control {

/// A network in which a zone answers.
struct ZoneLink {
    std::string id;
    std::string network;               ///< VPC, or the VNet's Resource ID
    std::string state;                 ///< the provider's word: Completed, InProgress; empty: none
    std::string resolution_policy;     ///< Azure: Default, NxDomainRedirect
    std::optional<bool> registration;  ///< Azure: registrationEnabled
    bool operator==(const ZoneLink&) const = default;
};

struct DnsRecord {
    std::string name;  ///< in full, without the trailing dot; "*.zone" for a wildcard
    std::string type;
    std::optional<std::uint32_t> ttl;  ///< seconds
    std::vector<std::string> values;
    std::string alias;  ///< Route 53: the alias' target
    /// Azure: the private endpoint whose zone group keeps it.
    std::string kept_by;
    bool operator==(const DnsRecord&) const = default;
};

/// A private zone. `records` has those that were asked for, and is complete where all of these were read: a name that
/// was asked for and is not there does not exist.
struct DnsZone {
    Origin origin;
    std::string id;
    std::string name;  ///< without the trailing dot
    std::string owner;
    Listed<ZoneLink> links;
    std::vector<std::string> asked;  ///< names whose records were read
    Listed<DnsRecord> records;
    bool operator==(const DnsZone&) const = default;
};

/// The zones that answer in a network; complete: there is no other.
struct NetworkZones {
    Origin origin;
    std::string network;
    Listed<std::string> zones;  ///< names, without the trailing dot
    bool operator==(const NetworkZones&) const = default;
};

/// Azure: what a private endpoint's zone group keeps by itself.
struct ZoneGroup {
    Origin origin;
    std::string endpoint;
    std::vector<std::string> zones;  ///< Resource IDs
    std::vector<DnsRecord> records;
    bool operator==(const ZoneGroup&) const = default;
};

}  // namespace whylink::control
