// One connection of real traffic: from its SYN to how it came out.
#pragma once

#include <cstdint>
#include <optional>

#include "probes/packets/packet.hpp"
#include "probes/packets/traffic_tally.hpp"

namespace whylink::probes {

/// The client is who sends the SYN: this host of outbound traffic, the peer of inbound.
class TrafficConnection {
  public:
    TrafficConnection(bool inbound, const IpAddress& peer, std::uint16_t peer_port);

    /// A packet of the connection; `sent` by this host.
    void add(const TcpSegment& tcp, Nanoseconds time, bool sent, TrafficTally& tally);
    /// An ICMP error about a packet of the client. It ends an attempt that is under way.
    void add_icmp(const IcmpError& error, std::optional<std::uint32_t> sequence, Nanoseconds time,
                  TrafficTally& tally);
    /// An attempt of which nothing was seen but that it failed here: the SYN waited for a neighbour that did
    /// not answer, or a local rule ate it.
    void fail_unseen(const IcmpError& error, std::uint32_t sequence, TrafficTally& tally);
    /// Decides an attempt that has waited for long enough.
    void decide_late(Nanoseconds now, Nanoseconds wait, TrafficTally& tally);
    /// Both sides have closed, or one has reset it: what still comes is an echo.
    bool ended() const { return reset_ || (client_.fin && server_.fin); }
    /// It can be forgotten without a loss.
    bool settled() const { return ended() || attempt_ == Attempt::failed; }

  private:
    enum class Attempt {
        unseen,  ///< the connection began before the watch
        syn,
        answered,
        established,
        failed,
    };
    struct Side {
        std::optional<std::uint32_t> highest;  ///< sequence number behind all that was seen
        bool payload = false;
        bool fin = false;
    };

    void decide(AttemptOutcome outcome, TrafficTally& tally);
    void begin(const TcpSegment& tcp, Nanoseconds time, TrafficTally& tally);
    void answer(const TcpSegment& tcp, Nanoseconds time);
    void acknowledge(const TcpSegment& tcp, Nanoseconds time, TrafficTally& tally);
    void measure(Nanoseconds time, TrafficFacts& counts) const;
    void reset(const TcpSegment& tcp, bool from_client, TrafficTally& tally);
    /// A RST of the client, the first that it sends after the SYN-ACK.
    void reset_answer(const TcpSegment& tcp, TrafficTally& tally);
    void carry(const TcpSegment& tcp, bool from_client, bool sent, TrafficFacts& counts);
    void read_first_payload(const TcpSegment& tcp, TrafficFacts& counts);
    void finish(bool from_client, TrafficFacts& counts);
    void end_by_server(bool by_reset, TrafficFacts& counts);

    bool inbound_;
    IpAddress peer_;
    std::uint16_t peer_port_;
    Attempt attempt_ = Attempt::unseen;
    std::uint32_t client_isn_ = 0;
    std::uint32_t server_isn_ = 0;
    unsigned syns_ = 0;
    unsigned syn_acks_ = 0;
    Nanoseconds syn_at_{};
    Nanoseconds answered_at_{};
    Side client_;
    Side server_;
    bool reset_ = false;
    bool client_ended_ = false;  ///< it was the client who began to end it
    bool end_counted_ = false;
    bool first_payload_seen_ = false;
    bool proxy_header_ = false;
};

}  // namespace whylink::probes
