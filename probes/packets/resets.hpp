// The RSTs in the peer's name, and whether the peer went on after one.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "probes/packets/packet.hpp"
#include "probes/packets/stream.hpp"

namespace whylink::probes {

class Resets {
  public:
    static constexpr std::size_t max_kept = 4;

    /// What one of our packets acknowledged, as a position in the peer's stream.
    void we_acknowledged(std::int64_t position);
    /// `window_end`: no TCP takes what is beyond.
    void add(const Packet& packet, const TcpSegment& segment, const SentStream& sent,
             const ReceivedStream& received, std::int64_t window_end, Nanoseconds first);
    /// A packet of the peer that is no RST came, with payload or FIN up to `end`.
    void peer_sent(const TcpSegment& segment, const SentStream& sent, std::int64_t end);
    /// A SYN-ACK that answers our only SYN: who has refused that does not accept it.
    void peer_accepted() { after_ += taken_ && taken_->refused ? 1U : 0U; }
    void fill(PacketFacts& facts) const;

  private:
    /// The first that our TCP had to take.
    struct Taken {
        std::int64_t position = 0;   ///< in the peer's stream
        bool copied = false;         ///< the position is what a packet of ours acknowledged
        bool refused = false;        ///< it answers our SYN
        std::int64_t sent_then = 0;  ///< where our stream ended, FIN included
    };

    bool copied_from_us(const TcpSegment& segment, std::int64_t position) const;

    unsigned count_ = 0;
    unsigned after_ = 0;
    std::vector<ResetSeen> seen_;
    std::optional<Taken> taken_;
    std::deque<std::int64_t> we_acknowledged_;
};

}  // namespace whylink::probes
