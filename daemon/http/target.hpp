// The target of a request: what stands between method and version.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/http/message.hpp"

namespace whylink::daemon::http {

/// Fills in path and query, and the host of a target in absolute form (RFC 9112, section 3.2). False when it is not
/// properly percent-encoded UTF-8 without NUL, or the query not made of pairs, or
/// there is no path.
bool read_target(std::string_view target, Request& request);

/// Percent-decoded; nothing for what is not properly encoded UTF-8, and for a NUL.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);
/// RFC 3986: everything but unreserved characters is encoded.
std::string percent_encoded(std::string_view text);

}  // namespace whylink::daemon::http
