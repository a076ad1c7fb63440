#include "config/address.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "config/ascii.hpp"

namespace whylink {
namespace {

constexpr std::size_t v4_size = 4;
constexpr std::size_t v6_size = 16;

bool has_prefix(std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> prefix, unsigned length) {
    const std::size_t whole = length / 8;
    if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole), prefix.begin())) {
        return false;
    }
    const unsigned rest = length % 8;
    if (rest == 0) {
        return true;
    }
    const auto mask = static_cast<std::uint8_t>(0xFFU << (8 - rest));
    return (bytes[whole] & mask) == (prefix[whole] & mask);
}

AddressSpace space_v4(std::span<const std::uint8_t> b) {
    const bool private_block = b[0] == 10 || (b[0] == 172 && (b[1] & 0xF0) == 16) ||
                               (b[0] == 192 && b[1] == 168) || (b[0] == 100 && (b[1] & 0xC0) == 64);
    if (private_block) {
        return AddressSpace::private_space;
    }
    const bool loopback = b[0] == 127;
    const bool link_local = b[0] == 169 && b[1] == 254;
    const bool this_network = b[0] == 0;  // RFC 1122 section 3.2.1.3; Linux takes 0.0.0.0 for itself
    const bool multicast = (b[0] & 0xF0) == 0xE0;
    const bool broadcast = std::ranges::all_of(b, [](std::uint8_t byte) { return byte == 0xFF; });
    if (loopback || link_local || this_network || multicast || broadcast) {
        return AddressSpace::special;
    }
    return AddressSpace::public_space;
}

/// The IPv4 address that a tunnel or a translator would take out of an IPv6 address which is not judged by it: 6to4
/// (RFC 3056), the local prefix of NAT64 as a /96 (RFC 8215), and IPv4-compatible ones (RFC 4291 section 2.5.5.1).
std::optional<IpAddress> tunnelled_v4(std::span<const std::uint8_t> b) {
    static constexpr std::array<std::uint8_t, 2> six_to_four{0x20, 0x02};
    static constexpr std::array<std::uint8_t, 6> local_nat64{0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01};
    static constexpr std::array<std::uint8_t, 12> compatible{};
    if (has_prefix(b, six_to_four, 16)) {
        return IpAddress::from_bytes(b.subspan(2, v4_size));
    }
    if (has_prefix(b, local_nat64, 48) || has_prefix(b, compatible, 96)) {
        return IpAddress::from_bytes(b.last(v4_size));
    }
    return std::nullopt;
}

/// Of 0.0.0.0/8 too little is left to tell it from an interface identifier (::2).
bool leads_to_special_v4(std::span<const std::uint8_t> b) {
    const std::optional<IpAddress> inside = tunnelled_v4(b);
    return inside && inside->bytes()[0] != 0 && space_v4(inside->bytes()) == AddressSpace::special;
}

AddressSpace space_v6(std::span<const std::uint8_t> b) {
    if ((b[0] & 0xFE) == 0xFC) {
        return AddressSpace::private_space;
    }
    const bool link_local = b[0] == 0xFE && (b[1] & 0xC0) == 0x80;
    const bool multicast = b[0] == 0xFF;
    const bool zero_but_last =
        std::all_of(b.begin(), b.end() - 1, [](std::uint8_t byte) { return byte == 0; });
    const bool unspecified_or_loopback = zero_but_last && b[v6_size - 1] <= 1;
    if (link_local || multicast || unspecified_or_loopback || leads_to_special_v4(b)) {
        return AddressSpace::special;
    }
    return AddressSpace::public_space;
}

/// Decimal without sign or leading zero, at most `limit`.
std::optional<unsigned> parse_length(std::string_view text, unsigned limit) {
    const bool leading_zero = text.size() > 1 && text.front() == '0';
    const auto value = parse_number<unsigned>(text);
    return !leading_zero && value && *value <= limit ? value : std::nullopt;
}

/// Of that byte, beyond the prefix of `length`.
std::uint8_t host_bits(std::size_t byte, unsigned length) {
    const auto first_bit = static_cast<unsigned>(byte * 8);
    const unsigned network_bits = length > first_bit ? std::min(length - first_bit, 8U) : 0U;
    return static_cast<std::uint8_t>(0xFFU >> network_bits);
}

bool host_bits_are_zero(std::span<const std::uint8_t> bytes, unsigned length) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if ((bytes[i] & host_bits(i, length)) != 0) {
            return false;
        }
    }
    return true;
}

/// The block of that length that the address lies in.
Cidr block_of(const IpAddress& address, unsigned length) {
    std::array<std::uint8_t, v6_size> bytes{};
    const std::size_t size = address.bytes().size();
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<std::uint8_t>(address.bytes()[i] & ~host_bits(i, length));
    }
    return {IpAddress::from_bytes(std::span(bytes).first(size)).value_or(IpAddress()), length};
}

}  // namespace

IpAddress IpAddress::v4(const std::array<std::uint8_t, 4>& bytes) {
    IpAddress address;
    std::ranges::copy(bytes, address.bytes_.begin());
    return address;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& bytes) {
    IpAddress address;
    address.bytes_ = bytes;
    address.v4_ = false;
    return address;
}

std::optional<IpAddress> IpAddress::from_bytes(std::span<const std::uint8_t> bytes) {
    if (bytes.size() != v4_size && bytes.size() != v6_size) {
        return std::nullopt;
    }
    IpAddress address;
    std::ranges::copy(bytes, address.bytes_.begin());
    address.v4_ = bytes.size() == v4_size;
    return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    // inet_pton(3) wants a terminated string; nothing longer than INET6_ADDRSTRLEN is an address, and an
    // embedded NUL would hide what follows it.
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    std::ranges::copy(text, terminated.begin());

    for (const bool v4 : {true, false}) {
        IpAddress address;
        address.v4_ = v4;
        if (inet_pton(v4 ? AF_INET : AF_INET6, terminated.data(), address.bytes_.data()) == 1) {
            return address;
        }
    }
    return std::nullopt;
}

std::span<const std::uint8_t> IpAddress::bytes() const {
    return {bytes_.data(), v4_ ? v4_size : v6_size};
}

std::optional<IpAddress> IpAddress::embedded_v4() const {
    static constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    static constexpr std::array<std::uint8_t, 12> nat64{0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0};
    if (v4_ || !(has_prefix(bytes_, mapped, 96) || has_prefix(bytes_, nat64, 96))) {
        return std::nullopt;
    }
    return v4({bytes_[12], bytes_[13], bytes_[14], bytes_[15]});
}

std::string IpAddress::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
    return text.data();
}

std::strong_ordering IpAddress::operator<=>(const IpAddress& other) const {
    if (v4_ != other.v4_) {
        return v4_ ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    return bytes_ <=> other.bytes_;
}

bool is_metadata_service(const IpAddress& address) {
    // Those of the clouds with profiles that are not link-local; the others are special as such.
    static const IpAddress azure = IpAddress::v4({168, 63, 129, 16});  // WireServer
    static const IpAddress aws =
        IpAddress::v6({0xFD, 0x00, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54});
    static const IpAddress gcp =
        IpAddress::v6({0xFD, 0x20, 0x00, 0xCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54});
    const IpAddress judged = address.embedded_v4().value_or(address);
    return judged == azure || judged == aws || judged == gcp;
}

AddressSpace address_space(const IpAddress& address) {
    if (is_metadata_service(address)) {
        return AddressSpace::special;
    }
    const IpAddress judged = address.embedded_v4().value_or(address);
    return judged.is_v4() ? space_v4(judged.bytes()) : space_v6(judged.bytes());
}

std::string endpoint_text(const IpAddress& address, std::uint16_t port) {
    const std::string host = address.is_v4() ? address.to_string() : "[" + address.to_string() + "]";
    return host + ":" + std::to_string(port);
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto base = IpAddress::parse(text.substr(0, slash));
    if (!base) {
        return std::nullopt;
    }
    const unsigned full = base->is_v4() ? 32 : 128;
    if (slash == std::string_view::npos) {
        return Cidr(*base, full);
    }
    const auto length = parse_length(text.substr(slash + 1), full);
    if (!length || !host_bits_are_zero(base->bytes(), *length)) {
        return std::nullopt;
    }
    return Cidr(*base, *length);
}

bool Cidr::contains(const IpAddress& address) const {
    if (address.is_v4() == base_.is_v4()) {
        if (has_prefix(address.bytes(), base_.bytes(), length_)) {
            return true;
        }
    }
    const auto inside = address.embedded_v4();
    return inside && base_.is_v4() && has_prefix(inside->bytes(), base_.bytes(), length_);
}

std::string Cidr::to_string() const {
    const unsigned full = base_.is_v4() ? 32 : 128;
    return length_ == full ? base_.to_string() : base_.to_string() + "/" + std::to_string(length_);
}

bool contains(std::span<const Cidr> blocks, const IpAddress& address) {
    return std::ranges::any_of(blocks, [&](const Cidr& block) { return block.contains(address); });
}

std::optional<Cidr> common_subnet(std::span<const IpAddress> addresses) {
    if (addresses.empty()) {
        return std::nullopt;
    }
    const IpAddress& first = addresses.front();
    const unsigned longest = first.is_v4() ? 24 : 64;
    const unsigned shortest = first.is_v4() ? 16 : 64;
    for (unsigned length = longest; length >= shortest; --length) {
        const Cidr block = block_of(first, length);
        if (std::ranges::all_of(addresses, [&](const IpAddress& other) { return block.contains(other); })) {
            return block;
        }
    }
    return std::nullopt;
}

}  // namespace whylink
