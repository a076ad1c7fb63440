// As much of HPACK (RFC 7541) as one request and the status of its response need.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace whylink::probes::hpack {

/// A GET without a body. Nothing of it is to be kept in the server's table.
std::string get_request(std::string_view scheme, std::string_view authority, std::string_view path,
                        std::string_view user_agent);

/// `:status`, the first field of a response that is the first on its connection (RFC 9113 section 8.3.2); nothing where
/// it is not that, or is cut off.
std::optional<int> status(std::string_view block);

}  // namespace whylink::probes::hpack
