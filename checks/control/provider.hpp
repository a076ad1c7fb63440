// The provider's half of a link: who may connect, who waits, and what stands behind the load balancer. Pure.
#pragma once

#include "checks/control/findings.hpp"

namespace whylink::control {

/// Adds what the accounts know as the provider of the service. `findings` has the facts, and the endpoint where it is
/// known.
void add_provider(const Subject& subject, Findings& findings);

/// "target group orders: proxy_protocol_v2.enabled is true": what puts a PROXY header before the data; empty: nothing that
/// is known.
std::string proxy_header_setting(const Subject& subject, const Findings& findings);

/// Whether an allowed principal or subscription is the account's; nothing where it is not certain.
std::optional<bool> is_allowed(const EndpointService& service, const std::string& account);

}  // namespace whylink::control
