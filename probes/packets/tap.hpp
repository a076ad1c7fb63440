// Follows chosen connections through the stream of captured packets: what a probe asks for its own packets.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "probes/packets/flow.hpp"
#include "probes/packets/kept_frames.hpp"
#include "probes/packets/packet.hpp"

namespace whylink::probes {

class Tap;

/// A connection that is followed until this is destroyed. Of the event loop's thread. It may outlive the tap,
/// for what a loop destroys at its end comes in any order; but then it can only be destroyed.
class FollowedFlow {
  public:
    FollowedFlow(FollowedFlow&&) noexcept;
    FollowedFlow& operator=(FollowedFlow&&) noexcept;
    ~FollowedFlow();

    const FlowKey& key() const;
    /// TCP: what the packets so far add up to; Tap::drain() first. Complete when the source was up, dropped
    /// nothing and had no gap since the flow was followed.
    PacketFacts facts() const;
    /// The packets themselves, those of UDP too; at most `max_kept_bytes` of a flow, the first of them. What
    /// comes later is kept for the next call.
    KeptFrames take_frames();

  private:
    friend class Tap;
    struct Flow;
    struct Book;
    FollowedFlow(std::shared_ptr<Book> book, std::unique_ptr<Flow> flow);
    std::shared_ptr<Book> book_;  ///< in which it stands
    std::unique_ptr<Flow> flow_;
};

/// Of the event loop's thread.
class Tap {
  public:
    static constexpr std::size_t max_kept_bytes = 256U << 10;
    /// Peers send again what they get no answer to, long after our end is gone.
    static constexpr std::chrono::seconds own_for{120};
    static constexpr std::size_t max_ended =
        16384;  ///< flows that are remembered so; the oldest are forgotten first
    /// A connection's first SYN is captured so close to the moment in which it begins to be followed, which is right
    /// after connect(); a link-layer address may have to be asked for first.
    static constexpr std::chrono::milliseconds start_span{50};

    /// Where the packets come from: called by drain(), and has to call packet() for each.
    struct Source {
        std::function<void()> drain;
        std::function<std::uint64_t()> dropped;  ///< packets that the kernel dropped so far
        std::function<bool()> up;
        bool everywhere = false;  ///< every interface of this host is captured
        LinkType link = LinkType::ethernet;
        /// Capture::gaps(): a flow that was followed meanwhile is not complete. May be empty: none ever.
        std::function<std::uint64_t()> gaps{};
        /// The packets' clock; may be empty: that of this host.
        std::function<Nanoseconds()> now{};
        /// Whether this host has the address; may be empty: only where both ends of a connection have it.
        std::function<bool(const IpAddress&)> is_own{};
    };
    explicit Tap(Source source);
    ~Tap();
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;

    /// From now on. As packets are only handed on from the loop, a flow that is followed in the same breath
    /// as its connect() misses none. The same key twice at once: the later one gets the packets.
    [[nodiscard]] FollowedFlow follow(const FlowKey& key);
    /// Reads what the kernel has.
    void drain();
    bool up() const;
    /// A packet of any connection; those that nobody follows are forgotten. True when it is of one that is followed.
    bool packet(const Packet& packet, const Frame& frame);
    /// Whether somebody asks is_of_ended() from now on; at first nobody does.
    void remember_ended(bool remember);
    /// Whether it is of a connection that was followed within the last `own_for`, while that was remembered.
    bool is_of_ended(const Packet& packet);

  private:
    std::shared_ptr<FollowedFlow::Book> book_;
};

}  // namespace whylink::probes
