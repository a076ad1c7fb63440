#include "probes/capture/tap.hpp"

#include <unordered_map>
#include <utility>

namespace whylink::probes {

struct FollowedFlow::Flow {
    Flow(const FlowKey& of, LinkType link) : key(of), recorder(of) { frames.link = link; }

    FlowKey key;
    FlowRecorder recorder;
    KeptFrames frames;
    // As it was when the flow was first followed.
    bool was_up = false;
    std::uint64_t dropped = 0;
    std::uint64_t gaps = 0;
};

struct Tap::Impl {
    Source source;
    std::unordered_map<FlowKey, FollowedFlow::Flow*, FlowKeyHash> flows;

    std::uint64_t gaps() const { return source.gaps ? source.gaps() : 0; }
    void offer(const FlowKey& key, const Packet& packet, const Frame& frame);
    void forget(const FollowedFlow::Flow& flow);
};

namespace {

void keep(KeptFrames& frames, const Frame& frame) {
    // The first of them without a gap: once one was left out, all that follow are.
    if (frames.left_out > 0 || frames.bytes.size() + frame.bytes.size() > Tap::most_kept_bytes) {
        ++frames.left_out;
    } else {
        frames.add(frame, frame.bytes.size());
    }
}

}  // namespace

void Tap::Impl::offer(const FlowKey& key, const Packet& packet, const Frame& frame) {
    const auto found = flows.find(key);
    if (found == flows.end()) {
        return;
    }
    FollowedFlow::Flow& flow = *found->second;
    flow.recorder.add(packet);
    keep(flow.frames, frame);
}

void Tap::Impl::forget(const FollowedFlow::Flow& flow) {
    const auto found = flows.find(flow.key);
    if (found != flows.end() && found->second == &flow) {
        flows.erase(found);
    }
}

FollowedFlow::FollowedFlow(Tap& tap, std::unique_ptr<Flow> flow) : tap_(&tap), flow_(std::move(flow)) {}

FollowedFlow::FollowedFlow(FollowedFlow&&) noexcept = default;

FollowedFlow& FollowedFlow::operator=(FollowedFlow&& other) noexcept {
    // What was followed here goes with `before`.
    FollowedFlow before(std::move(*this));
    tap_ = other.tap_;
    flow_ = std::move(other.flow_);
    return *this;
}

FollowedFlow::~FollowedFlow() {
    if (flow_) {
        tap_->impl_->forget(*flow_);
    }
}

const FlowKey& FollowedFlow::key() const {
    return flow_->key;
}

PacketFacts FollowedFlow::facts() const {
    const Tap::Impl& tap = *tap_->impl_;
    PacketFacts facts = flow_->recorder.facts();
    facts.complete = flow_->was_up && tap.source.up() && tap.source.dropped() == flow_->dropped &&
                     tap.gaps() == flow_->gaps;
    facts.everywhere = tap.source.everywhere;
    return facts;
}

KeptFrames FollowedFlow::take_frames() {
    KeptFrames taken = std::move(flow_->frames);
    flow_->frames = {};
    flow_->frames.link = taken.link;
    return taken;
}

Tap::Tap(Source source) : impl_(std::make_unique<Impl>(Impl{std::move(source), {}})) {}
Tap::~Tap() = default;

FollowedFlow Tap::follow(const FlowKey& key) {
    auto flow = std::make_unique<FollowedFlow::Flow>(key, impl_->source.link);
    flow->was_up = impl_->source.up();
    flow->dropped = impl_->source.dropped();
    flow->gaps = impl_->gaps();
    impl_->flows[key] = flow.get();
    return {*this, std::move(flow)};
}

void Tap::drain() {
    impl_->source.drain();
}

bool Tap::up() const {
    return impl_->source.up();
}

void Tap::packet(const Packet& packet, const Frame& frame) {
    if (impl_->flows.empty()) {
        return;
    }
    const auto flow = flow_of(packet);
    if (!flow) {
        return;
    }
    impl_->offer(flow->if_sent, packet, frame);
    // A socket that is connected to itself is one flow.
    if (flow->if_received != flow->if_sent) {
        impl_->offer(flow->if_received, packet, frame);
    }
}

}  // namespace whylink::probes
