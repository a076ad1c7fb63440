#include "probes/proxy_protocol.hpp"

namespace whylink::probes {

std::string proxy_header_bytes(ProxyHeaderSent, const IpAddress&, std::uint16_t, const IpAddress&,
                               std::uint16_t) {
    return {};
}

}  // namespace whylink::probes
