// How identifiers of one thing are recognised in their several spellings.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "checks/control/facts.hpp"
#include "checks/control/subject.hpp"
#include "config/address.hpp"

namespace whylink::control {

/// The state that a provider's word means; `unknown` for a new one. Compares without case.
ConnectionState connection_state(std::string_view word);
TargetState target_state(std::string_view word);
ServiceState service_state(std::string_view word);

/// Resource IDs and GUIDs without case, anything else to the letter.
bool same_id(std::string_view one, std::string_view other);

/// Whether an allow-list has the endpoint in any form: its id, resourceGuid or PSC connection ID. Nothing where the list
/// was not read.
std::optional<bool> is_listed(const VendorService& service, const Endpoint& endpoint);

/// The endpoint with this identifier in any form; null: not read.
const Endpoint* endpoint_by_id(const Facts& facts, std::string_view id);
/// The endpoint that owns the address; null: not read. (Discovery: `expect` and `endpoint_id` need not be configured.)
const Endpoint* endpoint_by_address(const Facts& facts, const IpAddress& address);
/// By a name of the endpoint's own, which the target's host is or leads to.
bool has_name(const Endpoint& endpoint, const Subject& subject);
/// The name is the zone's own or one below it. Both are canonical.
bool is_in_zone(std::string_view name, std::string_view zone);
/// The host is one of the service's public names.
bool is_public_host(const VendorService& service, std::string_view host);
/// The vendor's service that answers by this host name, public or private. A private name that was not read is known by
/// the public one, of which it has a label more.
const VendorService* service_by_host(const Facts& facts, std::string_view host);

}  // namespace whylink::control
