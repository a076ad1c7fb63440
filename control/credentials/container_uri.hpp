// The address of a credential service that the environment names (container, App Service, Arc) as a call: the table of
// operations decides which hosts there are.
#pragma once

#include <optional>
#include <string_view>

#include "control/http/call.hpp"

namespace whylink::control {

/// AWS_CONTAINER_CREDENTIALS_FULL_URI.
std::optional<Call> container_call(std::string_view uri);
/// IDENTITY_ENDPOINT.
std::optional<Call> identity_call(std::string_view uri);

}  // namespace whylink::control
