// The two directions of a TCP connection as payload: what of ours was sent, sent again and acknowledged, and
// what of the peer's came. Positions as in sequence.hpp.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "probes/observation.hpp"
#include "probes/packets/sequence.hpp"

namespace whylink::probes {

/// Payload from `begin` to before `end`, in one captured packet.
struct Payload {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::uint32_t most = 0;  ///< no segment on the wire is larger: the MSS less the options; at least 1
    Nanoseconds time{};
};

/// Ours. Bounded: beyond `max_pieces` not yet acknowledged segments it is not known which were lost.
class SentStream {
  public:
    static constexpr std::size_t max_pieces = 512;

    SequenceSpace space;

    /// `window_closed`: the peer has room for nothing, so that what it does not take is not lost (RFC 9293
    /// section 3.8.6.1).
    void send(const Payload& payload, bool window_closed);
    /// Everything before `position` has arrived.
    void acknowledge(std::int64_t position);
    /// A SACK block (RFC 2018, RFC 2883): that has arrived.
    void arrived(std::int64_t begin, std::int64_t end);
    /// Our FIN takes one number of the space and is no byte.
    void fin_at(std::int64_t position);
    /// Of a position up to which the peer acknowledges: bytes, without the FIN.
    std::int64_t bytes_up_to(std::int64_t position) const;
    /// How long before `now` the byte before `position` was first sent; nothing when that is not known.
    std::optional<Nanoseconds> since_first_sent(std::int64_t position, Nanoseconds now) const;
    /// All of it was sent before.
    bool has(std::int64_t begin, std::int64_t end) const { return sent_.overlap(begin, end) >= end - begin; }
    void fill(PacketFacts& facts) const;

  private:
    /// Not yet acknowledged.
    struct Piece {
        std::int64_t begin = 0;
        std::int64_t end = 0;
        unsigned times = 0;
        std::uint32_t smallest = 0;  ///< segment that it was in
    };
    struct FirstSent {
        std::int64_t end = 0;
        Nanoseconds time{};
    };

    void track(const Payload& payload, bool window_closed);
    void track_piece(std::int64_t begin, std::int64_t end, std::uint32_t size, bool window_closed);
    void split(std::int64_t position);
    void forget_arrived(std::int64_t begin, std::int64_t end);

    std::int64_t acknowledged_ = 0;
    Parts sent_;
    Parts arrived_;
    std::vector<Piece> pieces_;  ///< in order, disjoint, nothing of what has arrived
    std::optional<std::int64_t> fin_;
    std::deque<FirstSent> first_sent_;
    unsigned segments_ = 0;
    unsigned again_ = 0;
    std::uint32_t largest_acknowledged_ = 0;
};

/// The peer's.
class ReceivedStream {
  public:
    SequenceSpace space;

    void receive(const Payload& payload);
    /// The peer has sent everything before `position`: a packet without payload says so.
    void sent_up_to(std::int64_t position) { space.reach(position); }
    /// Its FIN, likewise.
    void fin_at(std::int64_t position);
    unsigned segments() const { return segments_; }
    /// All of it was received before.
    bool has(std::int64_t begin, std::int64_t end) const { return parts_.overlap(begin, end) >= end - begin; }
    void fill(PacketFacts& facts) const;

  private:
    Parts parts_;
    std::optional<std::int64_t> fin_;
    unsigned segments_ = 0;
    unsigned again_ = 0;
    unsigned out_of_order_ = 0;
    std::uint32_t largest_ = 0;
};

}  // namespace whylink::probes
