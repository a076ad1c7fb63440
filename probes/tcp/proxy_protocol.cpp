#include "probes/tcp/proxy_protocol.hpp"

#include <array>
#include <string_view>

#include "probes/tcp/socket_address.hpp"

namespace whylink::probes {
namespace {

// Section 2.2: the signature, then version 2 in the upper half of a byte and the command in its lower half.
constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr char version_2_local = 0x20;
constexpr char version_2_proxy = 0x21;
constexpr char family_unspecified = 0x00;
constexpr char tcp_over_v4 = 0x11;
constexpr char tcp_over_v6 = 0x21;

/// Both addresses in one family, as the header has but one: that of the wire, which is IPv4 for an
/// IPv4-mapped address. The two ends of a connection never differ in it.
struct Ends {
    IpAddress source;
    IpAddress destination;
    bool v4 = false;

    Ends(const IpAddress& from, const IpAddress& to)
        : source(on_the_wire(from)), destination(on_the_wire(to)) {
        v4 = source.is_v4() && destination.is_v4();
        if (!v4) {
            source = mapped(source);
            destination = mapped(destination);
        }
    }

  private:
    static IpAddress mapped(const IpAddress& address) {
        if (address.is_v6()) {
            return address;
        }
        std::array<std::uint8_t, 16> bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        for (std::size_t i = 0; i < address.bytes().size(); ++i) {
            bytes[12 + i] = address.bytes()[i];
        }
        return IpAddress::v6(bytes);
    }
};

void append_u16(std::string& bytes, std::size_t value) {
    bytes += static_cast<char>(value >> 8U & 0xffU);
    bytes += static_cast<char>(value & 0xffU);
}

void append(std::string& bytes, const IpAddress& address) {
    bytes.append(reinterpret_cast<const char*>(address.bytes().data()), address.bytes().size());
}

std::string version_1(const Ends& ends, std::uint16_t source_port, std::uint16_t destination_port) {
    return std::string(ends.v4 ? "PROXY TCP4 " : "PROXY TCP6 ") + ends.source.to_string() + ' ' +
           ends.destination.to_string() + ' ' + std::to_string(source_port) + ' ' +
           std::to_string(destination_port) + "\r\n";
}

std::string version_2(const Ends& ends, std::uint16_t source_port, std::uint16_t destination_port) {
    std::string bytes(signature);
    bytes += version_2_proxy;
    bytes += ends.v4 ? tcp_over_v4 : tcp_over_v6;
    append_u16(bytes, 2 * ends.source.bytes().size() + 2 * sizeof source_port);
    append(bytes, ends.source);
    append(bytes, ends.destination);
    append_u16(bytes, source_port);
    append_u16(bytes, destination_port);
    return bytes;
}

std::string version_2_without_addresses() {
    std::string bytes(signature);
    bytes += version_2_local;
    bytes += family_unspecified;
    append_u16(bytes, 0);
    return bytes;
}

}  // namespace

std::string proxy_header_bytes(ProxyHeaderSent kind, const IpAddress& source, std::uint16_t source_port,
                               const IpAddress& destination, std::uint16_t destination_port) {
    switch (kind) {
        case ProxyHeaderSent::v1:
            return version_1(Ends(source, destination), source_port, destination_port);
        case ProxyHeaderSent::v2:
            return version_2(Ends(source, destination), source_port, destination_port);
        case ProxyHeaderSent::v2_local:
            return version_2_without_addresses();
        case ProxyHeaderSent::none:
            break;
    }
    return {};
}

}  // namespace whylink::probes
