#include "probes/capture/tap.hpp"

namespace whylink::probes {

struct FollowedFlow::Flow {
    FlowKey key;
};
FollowedFlow::FollowedFlow(Tap& tap, std::unique_ptr<Flow> flow) : tap_(&tap), flow_(std::move(flow)) {}
FollowedFlow::FollowedFlow(FollowedFlow&&) noexcept = default;
FollowedFlow& FollowedFlow::operator=(FollowedFlow&&) noexcept = default;
FollowedFlow::~FollowedFlow() = default;
const FlowKey& FollowedFlow::key() const {
    return flow_->key;
}
PacketFacts FollowedFlow::facts() const {
    return {};
}
KeptFrames FollowedFlow::take_frames() {
    return {};
}
struct Tap::Impl {};
Tap::Tap(Source /*source*/) {}
Tap::~Tap() = default;
FollowedFlow Tap::follow(const FlowKey& key) {
    return {*this, std::make_unique<FollowedFlow::Flow>(FollowedFlow::Flow{key})};
}
void Tap::drain() {}
bool Tap::up() const {
    return false;
}
void Tap::packet(const Packet& /*packet*/, const Frame& /*frame*/) {}

}  // namespace whylink::probes
