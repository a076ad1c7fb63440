#include "probes/packets/resets.hpp"

#include <algorithm>

namespace whylink::probes {
namespace {

constexpr std::size_t max_acknowledgements = 16;

}  // namespace

void Resets::we_acknowledged(std::int64_t position) {
    if (!we_acknowledged_.empty() && we_acknowledged_.back() == position) {
        return;
    }
    we_acknowledged_.push_back(position);
    if (we_acknowledged_.size() > max_acknowledgements) {
        we_acknowledged_.pop_front();
    }
}

bool Resets::copied_from_us(const TcpSegment& segment, std::int64_t position) const {
    return !segment.ack && std::ranges::find(we_acknowledged_, position) != we_acknowledged_.end();
}

void Resets::add(const Packet& packet, const TcpSegment& segment, const SentStream& sent,
                 const ReceivedStream& received, std::int64_t window_end, Nanoseconds first) {
    ++count_;
    const bool stream_known = received.space.known();
    const std::int64_t position = received.space.position(segment.sequence);
    const bool copied = stream_known && copied_from_us(segment, position);
    ResetSeen reset;
    reset.hop_limit = packet.hop_limit;
    reset.position = position;
    // Who refuses a SYN has no stream; its RST has the number 0.
    reset.in_sequence = stream_known ? copied || position == received.space.reached() : segment.sequence == 0;
    reset.after = std::max(Nanoseconds{}, packet.time - first);
    const std::int64_t acknowledges = sent.bytes_up_to(sent.space.position(segment.acknowledgment));
    if (segment.ack && sent.space.known()) {
        reset.acknowledged = acknowledges;
        reset.after_acknowledged = sent.since_first_sent(acknowledges, packet.time);
    }
    if (seen_.size() < max_kept) {
        seen_.push_back(reset);
    }
    // RFC 9293 section 3.10.7.3 and .4: which RST ends a connection.
    const bool refuses = segment.ack && acknowledges >= 0 && acknowledges <= sent.space.reached();
    const bool in_window = position >= 0 && position <= window_end;
    if (!taken_ && (stream_known ? in_window : refuses)) {
        taken_ = Taken{position, copied, !stream_known, sent.space.reached()};
    }
}

void Resets::peer_sent(const TcpSegment& segment, const SentStream& sent, std::int64_t end) {
    if (!taken_ || !segment.ack) {
        return;
    }
    const std::int64_t acknowledges = sent.space.position(segment.acknowledgment);
    if (acknowledges > sent.space.reached()) {
        return;
    }
    // A TCP that has no connection any more copies the RST's number from our packet: what it had sent before
    // may lie beyond, and be late. Not so when it has all of ours already: the RST answers one of these.
    const bool sent_later = !taken_->copied || acknowledges >= taken_->sent_then;
    const bool new_payload = end > taken_->position && sent_later;
    after_ += new_payload || acknowledges > taken_->sent_then ? 1U : 0U;
}

void Resets::fill(PacketFacts& facts) const {
    facts.rst_received = count_;
    facts.resets = seen_;
    facts.received_after_reset = after_;
}

}  // namespace whylink::probes
