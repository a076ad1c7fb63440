#include "probes/packets/tap.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

namespace whylink::probes {

struct FollowedFlow::Flow {
    Flow(const FlowKey& of, LinkType link) : key(of), recorder(of) { frames.link = link; }

    FlowKey key;
    FlowRecorder recorder;
    KeptFrames frames;
    // As it was when the flow was first followed.
    Nanoseconds since{};
    bool was_up = false;
    std::uint64_t dropped = 0;
    std::uint64_t gaps = 0;
    std::uint64_t strangers = 0;
};

/// Keys of flows that are no longer followed, for a time.
class EndedFlows {
  public:
    void add(const FlowKey& key, Nanoseconds now) {
        forget_before(now);
        if (order_.size() >= Tap::max_ended) {
            forget_oldest();
        }
        order_.emplace_back(key, now);
        latest_[key] = now;
    }
    bool contains(const FlowKey& key, Nanoseconds now) {
        forget_before(now);
        return latest_.contains(key);
    }

  private:
    void forget_before(Nanoseconds now) {
        while (!order_.empty() && now - order_.front().second > Tap::own_for) {
            forget_oldest();
        }
    }
    void forget_oldest() {
        const auto& [key, when] = order_.front();
        // Another flow may have had the same ends since.
        if (const auto found = latest_.find(key); found != latest_.end() && found->second == when) {
            latest_.erase(found);
        }
        order_.pop_front();
    }

    std::deque<std::pair<FlowKey, Nanoseconds>> order_;
    std::unordered_map<FlowKey, Nanoseconds, FlowKeyHash> latest_;
};

struct FollowedFlow::Book {
    /// Where followed connections lead. Another SYN to the same place may be one of these with another source: a
    /// rule of this host translates addresses on the way out, behind which the capture sees them.
    struct Door {
        std::vector<Flow*> flows{};
        std::uint64_t strangers = 0;  ///< SYNs that are of no flow
    };

    Tap::Source source;
    std::unordered_map<FlowKey, Flow*, FlowKeyHash> flows{};
    std::unordered_map<FlowKey, Door, FlowKeyHash> doors{};
    /// By protocol, address and port of this host.
    std::unordered_multimap<FlowKey, Flow*, FlowKeyHash> starts{};
    EndedFlows ended{};
    bool remembers_ended = false;

    std::uint64_t gaps() const { return source.gaps ? source.gaps() : 0; }
    Nanoseconds now() const { return source.now ? source.now() : WallClock::now().time_since_epoch(); }
    bool is_own(const IpAddress& address) const { return source.is_own && source.is_own(address); }
    bool offer(const FlowKey& key, const Packet& packet, const Frame& frame);
    bool offer_stray(const FlowOfPacket& ends, const Packet& packet, const Frame& frame);
    bool offer_stray_to(Flow& flow, const Packet& packet, const Frame& frame);
    void note_stranger(const FlowKey& sent, const Packet& packet);
    void forget(const Flow& flow);
};

namespace {

FlowKey door_of(const FlowKey& key) {
    return {key.protocol, {}, 0, key.remote, key.remote_port};
}

FlowKey start_of(const FlowKey& key) {
    return {key.protocol, key.local, key.local_port, {}, 0};
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

bool FollowedFlow::Book::offer_stray_to(Flow& flow, const Packet& packet, const Frame& frame) {
    const Nanoseconds from_start = packet.time - flow.since;
    const bool just_followed = from_start < Tap::start_span && from_start > -Tap::start_span;
    if (!flow.recorder.add_stray(packet, just_followed)) {
        return false;
    }
    keep(flow.frames, frame);
    return true;
}

/// Only SYNs, their answers and ICMP errors have another far end and still say whose they are.
bool FollowedFlow::Book::offer_stray(const FlowOfPacket& ends, const Packet& packet, const Frame& frame) {
    const auto* segment = std::get_if<TcpSegment>(&packet.transport);
    const auto* message = std::get_if<IcmpMessage>(&packet.transport);
    if ((segment == nullptr || !segment->syn) && message == nullptr) {
        return false;
    }
    const bool answers = segment != nullptr && segment->ack;
    const auto [first, last] = starts.equal_range(start_of(answers ? ends.if_received : ends.if_sent));
    for (auto start = first; start != last; ++start) {
        if (offer_stray_to(*start->second, packet, frame)) {
            return true;
        }
    }
    const auto door = message == nullptr ? doors.end() : doors.find(door_of(ends.if_sent));
    return door != doors.end() && std::ranges::any_of(door->second.flows, [&](Flow* flow) {
               return offer_stray_to(*flow, packet, frame);
           });
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
    std::erase(door->second.flows, &flow);
    if (door->second.flows.empty()) {
        doors.erase(door);
    }
    const auto [first, last] = starts.equal_range(start_of(flow.key));
    starts.erase(std::find_if(first, last, [&](const auto& start) { return start.second == &flow; }));
    if (remembers_ended) {
        ended.add(flow.key, now());
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
    facts.only_on_loopback = facts.only_on_loopback && !book.is_own(flow_->key.remote);
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
    flow->since = book_->now();
    FollowedFlow::Book::Door& door = book_->doors[door_of(key)];
    door.flows.push_back(flow.get());
    flow->strangers = door.strangers;
    book_->starts.emplace(start_of(key), flow.get());
    book_->flows[key] = flow.get();
    return {book_, std::move(flow)};
}

void Tap::drain() {
    book_->source.drain();
}

bool Tap::up() const {
    return book_->source.up();
}

bool Tap::packet(const Packet& packet, const Frame& frame) {
    const auto ends = book_->flows.empty() ? std::nullopt : flow_of(packet);
    if (!ends) {
        return false;
    }
    bool followed = book_->offer(ends->if_sent, packet, frame);
    // A socket that is connected to itself is one flow.
    if (ends->if_received != ends->if_sent) {
        followed = book_->offer(ends->if_received, packet, frame) || followed;
    }
    if (followed || book_->offer_stray(*ends, packet, frame)) {
        return true;
    }
    book_->note_stranger(ends->if_sent, packet);
    return false;
}

void Tap::remember_ended(bool remember) {
    book_->remembers_ended = remember;
}

bool Tap::is_of_ended(const Packet& packet) {
    const auto ends = flow_of(packet);
    return ends && (book_->ended.contains(ends->if_sent, packet.time) ||
                    book_->ended.contains(ends->if_received, packet.time));
}

}  // namespace whylink::probes
