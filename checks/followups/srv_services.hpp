// Which SRV record stands for an application (RFC 2782: _service._protocol.name).
#pragma once

#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace whylink::checks {

/// The services whose port or application is the endpoint's, at most two. With `any`, MongoDB's too: the names of its
/// connection strings (mongodb+srv://) are the ones that are most often given where a host's address is wanted.
std::vector<std::string_view> srv_services_of(const config::Endpoint& endpoint, bool any);

}  // namespace whylink::checks
