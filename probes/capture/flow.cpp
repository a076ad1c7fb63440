#include "probes/capture/flow.hpp"

namespace whylink::probes {

struct FlowRecorder::Impl {};
FlowRecorder::FlowRecorder(FlowKey /*key*/) {}
FlowRecorder::~FlowRecorder() = default;
FlowRecorder::FlowRecorder(FlowRecorder&&) noexcept = default;
FlowRecorder& FlowRecorder::operator=(FlowRecorder&&) noexcept = default;
void FlowRecorder::add(const Packet& /*packet*/) {}
PacketFacts FlowRecorder::facts() const {
    return {};
}
std::size_t FlowKeyHash::operator()(const FlowKey& key) const noexcept {
    return key.local_port;
}
std::optional<FlowOfPacket> flow_of(const Packet& /*packet*/) {
    return std::nullopt;
}

}  // namespace whylink::probes
