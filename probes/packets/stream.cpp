#include "probes/packets/stream.hpp"

#include <algorithm>

namespace whylink::probes {
namespace {

constexpr std::size_t max_first_sent = 64;

std::uint32_t segment_size(const Payload& payload) {
    return static_cast<std::uint32_t>(std::min<std::int64_t>(payload.end - payload.begin, payload.most));
}

/// One byte that the other side has already, to make it answer: a keep-alive (RFC 9293 section 3.8.4).
bool is_keep_alive(const Payload& payload, std::int64_t known_up_to) {
    return payload.end - payload.begin == 1 && payload.end == known_up_to;
}

}  // namespace

void SentStream::send(const Payload& payload, bool window_closed) {
    ++segments_;
    if (is_keep_alive(payload, acknowledged_) || payload.end <= 0) {
        return;
    }
    const bool probe = window_closed && payload.end - payload.begin == 1;
    if (sent_.add(std::max<std::int64_t>(0, payload.begin), payload.end, 0) > 0 && !probe) {
        ++again_;
    }
    if (payload.end > space.reached()) {
        first_sent_.push_back({payload.end, payload.time});
        if (first_sent_.size() > max_first_sent) {
            first_sent_.pop_front();
        }
    }
    space.reach(payload.end);
    track(payload, window_closed);
}

void SentStream::track(const Payload& payload, bool window_closed) {
    // What the network card splits is followed as what will be on the wire: one of these may die alone.
    const std::int64_t arrived = std::max<std::int64_t>(0, acknowledged_ - payload.begin) / payload.most;
    std::int64_t begin = payload.begin + arrived * payload.most;
    for (std::size_t count = 0; count < max_pieces && begin < payload.end; ++count) {
        const std::int64_t end = std::min(payload.end, begin + payload.most);
        const auto size = static_cast<std::uint32_t>(end - begin);
        for (const Part& part : arrived_.all()) {
            track_piece(begin, std::min(end, part.begin), size, window_closed);
            begin = std::clamp(part.end, begin, end);
        }
        track_piece(begin, end, size, window_closed);
        begin = end;
    }
}

void SentStream::split(std::int64_t position) {
    const auto piece = std::ranges::find_if(
        pieces_, [position](const Piece& p) { return p.begin < position && position < p.end; });
    if (piece != pieces_.end()) {
        Piece rest = *piece;
        rest.begin = position;
        piece->end = position;
        pieces_.insert(piece + 1, rest);
    }
}

void SentStream::track_piece(std::int64_t begin, std::int64_t end, std::uint32_t size, bool window_closed) {
    begin = std::max<std::int64_t>(0, begin);
    if (begin >= end || pieces_.size() + 3 > max_pieces) {
        return;
    }
    split(begin);
    split(end);
    auto at = std::ranges::find_if(pieces_, [begin](const Piece& p) { return p.end > begin; });
    for (; begin < end && at != pieces_.end() && at->begin < end; ++at) {
        if (begin < at->begin) {
            at = pieces_.insert(at, {begin, at->begin, 1, size});
        } else {
            at->times += window_closed ? 0 : 1;
            at->smallest = std::min(at->smallest, size);
        }
        begin = at->end;
    }
    if (begin < end) {
        pieces_.insert(at, {begin, end, 1, size});
    }
}

void SentStream::forget_arrived(std::int64_t begin, std::int64_t end) {
    split(begin);
    split(end);
    std::erase_if(pieces_, [&](const Piece& piece) {
        const bool inside = piece.begin >= begin && piece.end <= end;
        if (inside) {
            // Where only a part arrived, the network card has cut otherwise than was thought.
            const auto size = static_cast<std::uint32_t>(piece.end - piece.begin);
            largest_acknowledged_ = std::max(largest_acknowledged_, std::min(size, piece.smallest));
        }
        return inside;
    });
}

void SentStream::arrived(std::int64_t begin, std::int64_t end) {
    if (begin < end && end <= space.reached()) {
        arrived_.add(begin, end, 0);
        forget_arrived(begin, end);
    }
}

void SentStream::acknowledge(std::int64_t position) {
    const std::int64_t bytes = bytes_up_to(position);
    if (position <= space.reached() && bytes > acknowledged_) {
        arrived(0, bytes);
        acknowledged_ = bytes;
    }
}

void SentStream::fin_at(std::int64_t position) {
    fin_ = position;
    space.reach(position + 1);
}

std::int64_t SentStream::bytes_up_to(std::int64_t position) const {
    return fin_ && position == *fin_ + 1 ? *fin_ : position;
}

std::optional<Nanoseconds> SentStream::since_first_sent(std::int64_t position, Nanoseconds now) const {
    const auto first =
        std::ranges::find_if(first_sent_, [position](const FirstSent& sent) { return sent.end >= position; });
    // Of what lies before the oldest that is remembered it is not known.
    const bool forgotten = first == first_sent_.begin() && first_sent_.size() == max_first_sent;
    if (position <= 0 || first == first_sent_.end() || forgotten) {
        return std::nullopt;
    }
    return std::max(Nanoseconds{}, now - first->time);
}

void SentStream::fill(PacketFacts& facts) const {
    facts.bytes_sent = static_cast<std::uint64_t>(sent_.total());
    facts.bytes_acknowledged = static_cast<std::uint64_t>(acknowledged_);
    facts.segments_sent = segments_;
    facts.retransmits_sent = again_;
    facts.largest_acknowledged = largest_acknowledged_;
    const auto lost = std::ranges::find_if(pieces_, [](const Piece& p) { return p.times >= 2; });
    if (lost != pieces_.end()) {
        facts.lost = LostSegment{lost->smallest, lost->times, static_cast<std::uint64_t>(lost->begin)};
    }
}

void ReceivedStream::receive(const Payload& payload) {
    ++segments_;
    if (is_keep_alive(payload, space.reached())) {
        return;
    }
    const std::uint32_t size = segment_size(payload);
    largest_ = std::max(largest_, size);
    out_of_order_ += payload.begin > parts_.front() ? 1U : 0U;
    // What lies before the beginning is none of this stream's.
    const std::int64_t begin = std::max<std::int64_t>(0, payload.begin);
    const std::int64_t known = parts_.add(begin, payload.end, size);
    again_ += known >= payload.end - begin ? 1U : 0U;
    space.reach(payload.end);
}

void ReceivedStream::fin_at(std::int64_t position) {
    fin_ = position;
    space.reach(position + 1);
}

void ReceivedStream::fill(PacketFacts& facts) const {
    const std::int64_t end = fin_ ? std::min(*fin_, space.reached()) : space.reached();
    const std::int64_t front = parts_.front();
    facts.bytes_received = static_cast<std::uint64_t>(front);
    facts.segments_received = segments_;
    facts.retransmits_received = again_;
    facts.out_of_order = out_of_order_;
    facts.largest_received = largest_;
    const std::int64_t missing = end - parts_.overlap(0, end);
    facts.missing_received = static_cast<std::uint64_t>(std::max<std::int64_t>(0, missing));
    for (const Part& part : parts_.all()) {
        if (part.begin > front) {
            facts.largest_after_missing = std::max(facts.largest_after_missing, part.largest);
        }
    }
}

}  // namespace whylink::probes
