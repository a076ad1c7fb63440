#include "probes/capture/proxy_header.hpp"

namespace whylink::probes {

std::optional<ProxyHeader> read_proxy_header(std::span<const std::uint8_t> /*payload*/) {
    return std::nullopt;
}

}  // namespace whylink::probes
