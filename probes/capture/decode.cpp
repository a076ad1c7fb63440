#include "probes/capture/packet.hpp"

namespace whylink::probes {

std::optional<Packet> decode(LinkType /*link*/, const Frame& /*frame*/) {
    return std::nullopt;
}

std::size_t header_size(LinkType /*link*/, const Frame& frame) {
    return frame.bytes.size();
}

}  // namespace whylink::probes
