#include "probes/packets/traffic_connection.hpp"

#include <algorithm>

#include "probes/packets/proxy_header.hpp"
#include "probes/packets/traffic.hpp"

namespace whylink::probes {
namespace {

/// No window is larger (RFC 7323 section 2.3): what lies further off belongs to another connection.
constexpr std::int32_t largest_window = 1 << 30;

/// How far `to` lies behind `from`, in the circle of sequence numbers (RFC 9293 section 3.4).
std::int32_t distance(std::uint32_t from, std::uint32_t to) {
    return static_cast<std::int32_t>(to - from);
}

bool acknowledges(const TcpSegment& tcp, std::uint32_t sequence) {
    const std::int32_t beyond = distance(sequence, tcp.acknowledgment);
    return tcp.ack && beyond > 0 && beyond <= largest_window;
}

}  // namespace

TrafficConnection::TrafficConnection(bool inbound, const IpAddress& peer, std::uint16_t peer_port)
    : inbound_(inbound), peer_(peer), peer_port_(peer_port) {}

void TrafficConnection::add(const TcpSegment& tcp, Nanoseconds time, bool sent, TrafficTally& tally) {
    const bool from_client = sent != inbound_;
    decide_late(time, TrafficRecorder::answer_wait, tally);
    if (tcp.rst) {
        ++(sent ? tally.counts().resets_sent : tally.counts().resets_received);
        reset(tcp, from_client, tally);
        return;  // the text that a RST may carry is no data (RFC 9293 section 3.5.3)
    }
    if (tcp.syn && !tcp.ack && from_client) {
        begin(tcp, time, tally);
    } else if (tcp.syn && tcp.ack && !from_client) {
        answer(tcp, time);
    } else if (!tcp.syn && from_client) {
        acknowledge(tcp, time, tally);
    }
    if (tcp.payload_size > 0) {
        carry(tcp, from_client, sent, tally.counts());
    }
    if (tcp.fin) {
        finish(from_client, tally.counts());
    }
}

void TrafficConnection::add_icmp(const IcmpError& error, std::optional<std::uint32_t> sequence,
                                 Nanoseconds time, TrafficTally& tally) {
    decide_late(time, TrafficRecorder::answer_wait, tally);
    // Once there was an answer the path is there, and who sends the error may be anybody.
    if (attempt_ == Attempt::syn && sequence.value_or(client_isn_) == client_isn_) {
        decide(AttemptOutcome::icmp_failed, tally);
        tally.counts().icmp = error;
    }
}

void TrafficConnection::fail_unseen(const IcmpError& error, std::uint32_t sequence, TrafficTally& tally) {
    client_isn_ = sequence;
    decide(AttemptOutcome::icmp_failed, tally);
    tally.counts().icmp = error;
}

void TrafficConnection::decide_late(Nanoseconds now, Nanoseconds wait, TrafficTally& tally) {
    if (attempt_ == Attempt::syn && now - syn_at_ >= wait) {
        decide(AttemptOutcome::unanswered, tally);
    } else if (attempt_ == Attempt::answered && now - answered_at_ >= TrafficRecorder::answer_wait) {
        decide(AttemptOutcome::half_open, tally);
    }
}

void TrafficConnection::decide(AttemptOutcome outcome, TrafficTally& tally) {
    attempt_ = outcome == AttemptOutcome::established ? Attempt::established : Attempt::failed;
    tally.decide(outcome, peer_, inbound_ ? std::uint16_t{0} : peer_port_);
}

void TrafficConnection::begin(const TcpSegment& tcp, Nanoseconds time, TrafficTally& tally) {
    if (attempt_ != Attempt::unseen && tcp.sequence == client_isn_) {
        ++syns_;
        ++tally.counts().syn_retransmits;
        return;
    }
    // The pair of ports is used again; who gave up before got no answer.
    if (attempt_ == Attempt::syn || attempt_ == Attempt::answered) {
        decide(attempt_ == Attempt::syn ? AttemptOutcome::unanswered : AttemptOutcome::half_open, tally);
    }
    *this = TrafficConnection(inbound_, peer_, peer_port_);
    attempt_ = Attempt::syn;
    client_isn_ = tcp.sequence;
    syn_at_ = time;
    syns_ = 1;
    client_.highest = tcp.sequence + 1;
}

void TrafficConnection::answer(const TcpSegment& tcp, Nanoseconds time) {
    if (attempt_ == Attempt::syn && acknowledges(tcp, client_isn_)) {
        attempt_ = Attempt::answered;
        server_isn_ = tcp.sequence;
        answered_at_ = time;
        syn_acks_ = 1;
        server_.highest = tcp.sequence + 1;
    } else if (attempt_ == Attempt::answered) {
        ++syn_acks_;
    }
}

void TrafficConnection::acknowledge(const TcpSegment& tcp, Nanoseconds time, TrafficTally& tally) {
    const std::int32_t position = distance(client_isn_, tcp.sequence);
    if (!tcp.ack || position <= 0 || position > largest_window) {
        return;
    }
    // A client has something to acknowledge only when it got the SYN-ACK, seen or not.
    const bool of_answer = attempt_ == Attempt::answered && acknowledges(tcp, server_isn_);
    if (of_answer || attempt_ == Attempt::syn) {
        decide(AttemptOutcome::established, tally);
        measure(time, tally.counts());
    }
}

void TrafficConnection::measure(Nanoseconds time, TrafficFacts& counts) const {
    // What was sent twice leaves open which of both was answered (Karn's algorithm, RFC 6298 section 3).
    if (syns_ != 1 || syn_acks_ != 1) {
        return;
    }
    const auto rtt = std::max(inbound_ ? time - answered_at_ : answered_at_ - syn_at_, Nanoseconds(0));
    ++counts.handshakes_measured;
    counts.handshake_rtt_sum += rtt;
    counts.handshake_rtt_max = std::max(counts.handshake_rtt_max, rtt);
}

void TrafficConnection::reset(const TcpSegment& tcp, bool from_client, TrafficTally& tally) {
    if (attempt_ == Attempt::syn) {
        if (from_client || !acknowledges(tcp, client_isn_)) {
            return;  // nothing that answers the SYN: of an earlier connection
        }
        decide(AttemptOutcome::refused, tally);
    } else if (attempt_ == Attempt::answered && from_client) {
        reset_answer(tcp, tally);
    } else if (attempt_ == Attempt::answered) {
        decide(AttemptOutcome::refused, tally);
    } else if (!from_client) {
        end_by_server(true, tally.counts());
    }
    client_ended_ = client_ended_ || from_client;
    reset_ = true;
}

void TrafficConnection::reset_answer(const TcpSegment& tcp, TrafficTally& tally) {
    if (acknowledges(tcp, server_isn_)) {
        // Health probes (HAProxy's) end with it what they would have to acknowledge and to close.
        decide(AttemptOutcome::established, tally);
    } else if (!inbound_) {
        // Nobody here waits for the answer any more: it came, and was late.
        decide(AttemptOutcome::unanswered, tally);
    } else {
        // A scan, or who gave up before: the answer got there, so nothing of this host has failed.
        attempt_ = Attempt::failed;
    }
}

void TrafficConnection::carry(const TcpSegment& tcp, bool from_client, bool sent, TrafficFacts& counts) {
    Side& side = from_client ? client_ : server_;
    side.payload = true;
    ++(sent ? counts.segments_sent : counts.segments_received);
    const std::uint32_t end = tcp.sequence + (tcp.syn ? 1U : 0U) + tcp.payload_size;
    const std::int32_t advance = distance(side.highest.value_or(end - tcp.payload_size), end);
    if (advance > 0 || advance < -largest_window) {
        side.highest = end;
    } else if (tcp.payload_size > 1 || advance < 0) {
        ++(sent ? counts.retransmits_sent : counts.retransmits_received);
    }
    if (inbound_ && from_client && !first_payload_seen_) {
        read_first_payload(tcp, counts);
    }
}

void TrafficConnection::read_first_payload(const TcpSegment& tcp, TrafficFacts& counts) {
    const std::uint32_t begin = tcp.sequence + (tcp.syn ? 1U : 0U);
    if (attempt_ == Attempt::unseen || begin != client_isn_ + 1) {
        return;
    }
    first_payload_seen_ = true;
    if (auto header = read_proxy_header(tcp.payload)) {
        proxy_header_ = true;
        ++counts.with_proxy_header;
        counts.proxy_header = std::move(header);
    } else if (!too_short_for_proxy_header(tcp.payload)) {
        ++counts.without_proxy_header;
    }
}

void TrafficConnection::finish(bool from_client, TrafficFacts& counts) {
    if (!from_client) {
        end_by_server(false, counts);
    }
    client_ended_ = client_ended_ || from_client;
    (from_client ? client_ : server_).fin = true;
}

void TrafficConnection::end_by_server(bool by_reset, TrafficFacts& counts) {
    // A client that goes first, as health probes do, wanted no byte.
    if (attempt_ != Attempt::established || server_.payload || client_ended_ || end_counted_) {
        return;
    }
    end_counted_ = true;
    ++(by_reset ? counts.reset_before_data : counts.closed_before_data);
    if (proxy_header_) {
        ++counts.reset_after_proxy_header;
    }
}

}  // namespace whylink::probes
