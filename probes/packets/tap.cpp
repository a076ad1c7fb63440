#include "probes/packets/tap.hpp"

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
    std::uint64_t strangers = 0;
};

/// Where followed connections lead. Another SYN to the same place may be one of these with another source: a
/// rule of this host translates addresses on the way out, behind which the capture sees them.
struct Door {
    std::size_t flows = 0;
    std::uint64_t strangers = 0;  ///< SYNs that are of no flow
};

struct FollowedFlow::Book {
    Tap::Source source;
    std::unordered_map<FlowKey, Flow*, FlowKeyHash> flows{};
    std::unordered_map<FlowKey, Door, FlowKeyHash> doors{};

    std::uint64_t gaps() const { return source.gaps ? source.gaps() : 0; }
    bool offer(const FlowKey& key, const Packet& packet, const Frame& frame);
    void note_stranger(const FlowKey& sent, const Packet& packet);
    void forget(const Flow& flow);
};

namespace {

FlowKey door_of(const FlowKey& key) {
    return {key.protocol, {}, 0, key.remote, key.remote_port};
}

void keep(KeptFrames& frames, const Frame& frame) {
    // The first of them without a gap: once one was left out, all that follow are.
    if (frames.left_out > 0 || frames.bytes.size() + frame.bytes.size() > Tap::max_kept_bytes) {
        ++frames.left_out;
    } else {
        frames.add(frame, frame.bytes.size());
    }
}

}  // namespace

bool FollowedFlow::Book::offer(const FlowKey& key, const Packet& packet, const Frame& frame) {
    const auto found = flows.find(key);
    if (found == flows.end()) {
        return false;
    }
    Flow& flow = *found->second;
    flow.recorder.add(packet);
    keep(flow.frames, frame);
    return true;
}

void FollowedFlow::Book::note_stranger(const FlowKey& sent, const Packet& packet) {
    const auto* segment = std::get_if<TcpSegment>(&packet.transport);
    if (segment == nullptr || !segment->syn || segment->ack) {
        return;
    }
    if (const auto door = doors.find(door_of(sent)); door != doors.end()) {
        ++door->second.strangers;
    }
}

void FollowedFlow::Book::forget(const Flow& flow) {
    const auto found = flows.find(flow.key);
    if (found != flows.end() && found->second == &flow) {
        flows.erase(found);
    }
    const auto door = doors.find(door_of(flow.key));
    if (--door->second.flows == 0) {
        doors.erase(door);
    }
}

FollowedFlow::FollowedFlow(std::shared_ptr<Book> book, std::unique_ptr<Flow> flow)
    : book_(std::move(book)), flow_(std::move(flow)) {}

FollowedFlow::FollowedFlow(FollowedFlow&&) noexcept = default;

FollowedFlow& FollowedFlow::operator=(FollowedFlow&& other) noexcept {
    // What was followed here goes with `before`.
    FollowedFlow before(std::move(*this));
    book_ = std::move(other.book_);
    flow_ = std::move(other.flow_);
    return *this;
}

FollowedFlow::~FollowedFlow() {
    if (flow_) {
        book_->forget(*flow_);
    }
}

const FlowKey& FollowedFlow::key() const {
    return flow_->key;
}

PacketFacts FollowedFlow::facts() const {
    const Book& book = *book_;
    PacketFacts facts = flow_->recorder.facts();
    facts.complete = flow_->was_up && book.source.up() && book.source.dropped() == flow_->dropped &&
                     book.gaps() == flow_->gaps;
    facts.everywhere = book.source.everywhere;
    const bool strangers = book.doors.at(door_of(flow_->key)).strangers != flow_->strangers;
    facts.complete = facts.complete && !(strangers && facts.syn == 0);
    return facts;
}

KeptFrames FollowedFlow::take_frames() {
    KeptFrames taken = std::move(flow_->frames);
    flow_->frames = {};
    flow_->frames.link = taken.link;
    return taken;
}

Tap::Tap(Source source)
    : book_(std::make_shared<FollowedFlow::Book>(FollowedFlow::Book{std::move(source)})) {}
Tap::~Tap() = default;

FollowedFlow Tap::follow(const FlowKey& key) {
    auto flow = std::make_unique<FollowedFlow::Flow>(key, book_->source.link);
    flow->was_up = book_->source.up();
    flow->dropped = book_->source.dropped();
    flow->gaps = book_->gaps();
    Door& door = book_->doors[door_of(key)];
    ++door.flows;
    flow->strangers = door.strangers;
    book_->flows[key] = flow.get();
    return {book_, std::move(flow)};
}

void Tap::drain() {
    book_->source.drain();
}

bool Tap::up() const {
    return book_->source.up();
}

void Tap::packet(const Packet& packet, const Frame& frame) {
    if (book_->flows.empty()) {
        return;
    }
    const auto flow = flow_of(packet);
    if (!flow) {
        return;
    }
    bool followed = book_->offer(flow->if_sent, packet, frame);
    // A socket that is connected to itself is one flow.
    if (flow->if_received != flow->if_sent) {
        followed = book_->offer(flow->if_received, packet, frame) || followed;
    }
    if (!followed) {
        book_->note_stranger(flow->if_sent, packet);
    }
}

}  // namespace whylink::probes
