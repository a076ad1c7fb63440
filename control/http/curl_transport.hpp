// The transport over libcurl: verified TLS with the system's store, proxies of the environment (never for metadata
// addresses), connections kept between calls, no redirects, no cookies, no netrc, bounded answers.
#pragma once

#include <memory>
#include <string>

#include "control/http/transport.hpp"

namespace whylink::control {

/// `user_agent`: "whylink/0.1.0".
std::unique_ptr<Transport> make_curl_transport(std::string user_agent);

}  // namespace whylink::control
