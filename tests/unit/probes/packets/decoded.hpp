// Decodes frames that are not kept elsewhere, for the tests of the decoder.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include "packet_bytes.hpp"

namespace whylink::probes::testing {

/// The bytes are on the heap and not one more, so that the address sanitizer sees what is read behind them.
struct Decoded {
    std::vector<std::uint8_t> bytes;
    std::optional<Packet> packet;
    std::size_t header_size = 0;

    /// TcpSegment, UdpDatagram or IcmpMessage; throws, and so fails the test, when it is another.
    template <typename Transport>
    const Transport& as() const {
        return std::get<Transport>(packet.value().transport);
    }
    bool has_transport() const { return packet.value().transport.index() != 0; }
    /// As text.
    static std::string payload(const auto& transport) {
        return {transport.payload.begin(), transport.payload.end()};
    }
};

/// `on_wire`: as long as what was captured, unless said otherwise.
inline Decoded decoded(LinkType link, const Bytes& frame, std::optional<std::size_t> on_wire = {}) {
    Decoded result{.bytes = {frame.begin(), frame.end()}, .packet = {}};
    const Frame seen{.time = std::chrono::seconds(7),
                     .wire_length = static_cast<std::uint32_t>(on_wire.value_or(frame.size())),
                     .bytes = result.bytes};
    result.packet = decode(link, seen);
    result.header_size = header_size(link, seen);
    return result;
}

/// From the IP header on.
inline Decoded decoded(const Bytes& packet, std::optional<std::size_t> on_wire = {}) {
    return decoded(LinkType::raw_ip, packet, on_wire);
}

}  // namespace whylink::probes::testing
