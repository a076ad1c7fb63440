// The private link itself: the consumer's endpoint, the provider's service and what connects the two.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checks/control/read.hpp"
#include "config/address.hpp"
#include "config/vocabulary.hpp"

namespace whylink::control {

/// What the providers' words for the state of a connection mean. They are compared without case; a word that is not
/// known stays `unknown` and is never an error.
enum class ConnectionState : std::uint8_t {
    unknown,
    waiting,          ///< pendingAcceptance, Pending, PENDING: the provider must accept
    setting_up,       ///< pending (AWS, after acceptance), provisioningState Updating: minutes
    needs_attention,  ///< NEEDS_ATTENTION: accepted, and the producer must still act
    available,        ///< available, Approved, ACCEPTED
    partial,          ///< partial (AWS): some zones only
    rejected,         ///< rejected, Rejected, REJECTED
    disconnected,     ///< Disconnected (Azure), CLOSED (GCP): the provider ended it for good
    failed,
    expired,
    deleting,
    deleted,
};
consteval auto vocabulary(ConnectionState) {
    using enum ConnectionState;
    return terms<ConnectionState>({{unknown, "unknown"},
                                   {waiting, "waiting", "waits for acceptance"},
                                   {setting_up, "setting_up", "is being set up"},
                                   {needs_attention, "needs_attention", "needs attention by the producer"},
                                   {available, "available"},
                                   {partial, "partial", "available in some zones"},
                                   {rejected, "rejected"},
                                   {disconnected, "disconnected"},
                                   {failed, "failed"},
                                   {expired, "expired"},
                                   {deleting, "deleting", "is being deleted"},
                                   {deleted, "deleted"}});
}

/// A network interface of an endpoint, one for each zone on AWS.
struct Interface {
    std::string id;
    std::string subnet;
    std::string network;  ///< VPC or VNet
    std::string zone;     ///< the account's name of it: "eu-west-1a"
    std::string zone_id;  ///< the same in every account: "euw1-az1"
    std::vector<IpAddress> addresses;
    std::vector<std::string> security_groups;
    std::string network_security_group;  ///< Azure: of the interface itself
    bool operator==(const Interface&) const = default;
};

/// The consumer's endpoint: interface VPC endpoint, private endpoint, PSC forwarding rule.
struct Endpoint {
    Origin origin;
    std::string id;  ///< vpce-…, the Resource ID, or the forwarding rule's path
    /// Other identifiers that an allow-list may have of it: resourceGuid (Azure), PSC connection ID (GCP).
    std::vector<std::string> other_ids;
    std::string name;
    std::string type;  ///< the provider's word: Interface, GatewayLoadBalancer, …
    ConnectionState state = ConnectionState::unknown;
    std::string state_word;   ///< as the API spells it
    std::string description;  ///< the provider's reason: description, lastError, failureReason
    std::string service;      ///< service name, alias, Resource ID or service attachment
    std::string owner;        ///< account, subscription or project
    std::string region;
    std::string network;
    std::vector<std::string> subnets;
    Listed<Interface> interfaces;
    std::vector<std::string> security_groups;
    std::vector<std::string> dns_names;
    std::optional<bool> private_dns;     ///< AWS: privateDnsEnabled
    std::optional<bool> global_access;   ///< GCP: allowPscGlobalAccess
    std::vector<std::string> group_ids;  ///< Azure: sub-resources
    std::optional<Time> created_at;
    bool operator==(const Endpoint&) const = default;
};

/// A connection to our service, as its provider sees it.
struct Connection {
    Origin origin;
    std::string service;   ///< vpce-svc-…, or the Resource ID of the Private Link service
    std::string endpoint;  ///< vpce-…, or the private endpoint's Resource ID
    std::string owner;     ///< the consumer's account or subscription
    ConnectionState state = ConnectionState::unknown;
    std::string state_word;
    std::string description;
    std::string region;
    std::string link_id;  ///< Azure: linkIdentifier, as in the PROXY header
    std::vector<std::string> balancers;
    std::optional<Time> created_at;
    bool operator==(const Connection&) const = default;
};

/// Who may connect: a principal's ARN, a subscription, "*".
struct Principal {
    std::string type;  ///< the provider's word: Account, Role, All; "subscription"
    std::string id;
    bool operator==(const Principal&) const = default;
};

/// The service that endpoints connect to. A consumer sees a part of it, its provider all.
struct EndpointService {
    Origin origin;
    bool own = false;  ///< read as its provider
    std::string id;
    std::string name;   ///< com.amazonaws.vpce…, alias
    std::string state;  ///< the provider's word
    std::string owner;
    std::optional<bool> acceptance_required;
    Listed<std::string> zones;     ///< names in the reading account
    Listed<std::string> zone_ids;  ///< the same in every account
    std::vector<std::string> balancers;
    std::string private_dns_name;
    std::string private_dns_state;  ///< verified, pendingVerification, failed
    Listed<Principal> allowed;      ///< may connect (AWS principals, Azure visibility)
    Listed<Principal> auto_approved;
    std::optional<bool> proxy_header;  ///< Azure: enableProxyProtocol
    std::vector<std::string> regions;
    bool operator==(const EndpointService&) const = default;
};

}  // namespace whylink::control
