// Hand-made connections of real traffic, for the tests of what a watch adds up.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/packets/traffic.hpp"

namespace whylink::probes {

using namespace std::chrono_literals;

inline IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

inline const IpAddress us = address("10.1.0.4");
inline const IpAddress them = address("10.2.0.9");
inline constexpr Nanoseconds start = 1'700'000'000s;

/// What differs between the segments of the tests.
struct Flags {
    bool syn = false, ack = false, fin = false, rst = false;
    bool damaged = false;
};
inline constexpr Flags syn{.syn = true, .ack = false, .fin = false, .rst = false};
inline constexpr Flags syn_ack{.syn = true, .ack = true, .fin = false, .rst = false};
inline constexpr Flags ack{.syn = false, .ack = true, .fin = false, .rst = false};
inline constexpr Flags fin{.syn = false, .ack = true, .fin = true, .rst = false};
inline constexpr Flags rst{.syn = false, .ack = true, .fin = false, .rst = true};

/// A watch, and a clock that the test sets.
class Watched {
  public:
    Watched(config::Direction direction, std::uint16_t port, std::vector<Cidr> peers = {})
        : recorder_(watch(direction, port, std::move(peers)), {us, address("127.0.0.1")}, start) {}

    void wait(Nanoseconds time) { now_ += time; }
    bool add(Packet packet) {
        packet.time = now_;
        return recorder_.add(packet);
    }
    TrafficFacts take(bool last = false) { return recorder_.take(now_, last); }
    TrafficRecorder& recorder() { return recorder_; }

  private:
    static config::Watch watch(config::Direction direction, std::uint16_t port, std::vector<Cidr> peers) {
        config::Watch watch;
        watch.direction = direction;
        watch.port = port;
        watch.peer = std::move(peers);
        return watch;
    }
    TrafficRecorder recorder_;
    Nanoseconds now_ = start;
};

/// Both sides of a connection: it knows what comes next, and hands the packets to the watch. Sequence numbers
/// begin where they soon wrap.
class Talk {
  public:
    struct End {
        IpAddress address;
        std::uint16_t port;
        std::uint32_t next;
    };
    Talk(Watched& watched, const IpAddress& from, std::uint16_t from_port, const IpAddress& to,
         std::uint16_t to_port, std::uint32_t isn = 0xffff'fff0)
        : client{from, from_port, isn}, server{to, to_port, 0xffff'fffa}, watched_(watched) {}

    bool from_client(Flags flags, std::string_view payload = "") {
        return send(client, server, flags, payload);
    }
    bool from_server(Flags flags, std::string_view payload = "") {
        return send(server, client, flags, payload);
    }
    void handshake(Nanoseconds to_server = 0ns, Nanoseconds to_client = 0ns) {
        from_client(syn);
        watched_.wait(to_server);
        from_server(syn_ack);
        watched_.wait(to_client);
        from_client(ack);
    }
    /// The client's latest SYN again.
    bool again() {
        --client.next;
        return from_client(syn);
    }

    End client;
    End server;

  private:
    bool send(End& from, const End& to, Flags flags, std::string_view payload) {
        TcpSegment tcp;
        tcp.source_port = from.port;
        tcp.destination_port = to.port;
        tcp.sequence = from.next;
        tcp.acknowledgment = flags.ack ? to.next : 0;
        tcp.syn = flags.syn;
        tcp.ack = flags.ack;
        tcp.fin = flags.fin;
        tcp.rst = flags.rst;
        tcp.damaged = flags.damaged;
        tcp.payload_size = static_cast<std::uint32_t>(payload.size());
        tcp.payload = {reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()};
        from.next += tcp.payload_size + (flags.syn ? 1U : 0U) + (flags.fin ? 1U : 0U);
        Packet packet;
        packet.source = from.address;
        packet.destination = to.address;
        packet.protocol = 6;
        packet.transport = tcp;
        return watched_.add(packet);
    }
    Watched& watched_;
};

inline Watched inbound(std::vector<Cidr> peers = {}) {
    return {config::Direction::inbound, 6379, std::move(peers)};
}
inline Watched outbound(std::uint16_t port = 5432) {
    return {config::Direction::outbound, port};
}
inline Talk to_us(Watched& watched, std::uint16_t client_port = 50'000, const IpAddress& peer = them) {
    return {watched, peer, client_port, us, 6379};
}
inline Talk from_us(Watched& watched, std::uint16_t client_port = 50'000, const IpAddress& peer = them) {
    return {watched, us, client_port, peer, 5432};
}

}  // namespace whylink::probes
