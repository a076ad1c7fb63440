// IP addresses and CIDR blocks as values, and which part of the address space they belong to.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whylink {

/// An IPv4 or IPv6 address. Always a valid address of one of the two families; no scope id.
class IpAddress {
  public:
    /// 0.0.0.0
    IpAddress() = default;

    static IpAddress v4(const std::array<std::uint8_t, 4>& bytes);
    static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);
    /// 4 or 16 bytes in network order; nothing for any other number of them.
    static std::optional<IpAddress> from_bytes(std::span<const std::uint8_t> bytes);
    /// Dotted quad or RFC 4291 text; no brackets, no port, no scope, no leading or trailing space.
    static std::optional<IpAddress> parse(std::string_view text);

    bool is_v4() const { return v4_; }
    bool is_v6() const { return !v4_; }
    /// 4 or 16 bytes in network order; valid as long as this object.
    std::span<const std::uint8_t> bytes() const;
    /// The IPv4 address inside an IPv4-mapped (::ffff:0:0/96) or NAT64 (64:ff9b::/96, RFC 6052) address.
    std::optional<IpAddress> embedded_v4() const;
    /// RFC 5952 text.
    std::string to_string() const;

    /// IPv4 sorts before IPv6.
    std::strong_ordering operator<=>(const IpAddress& other) const;
    bool operator==(const IpAddress& other) const = default;

  private:
    std::array<std::uint8_t, 16> bytes_{};
    bool v4_ = true;
};

/// Which part of the address space an address lies in, as the judgement of a private name needs it. An
/// IPv4-mapped or NAT64 address is placed by the IPv4 address inside.
enum class AddressSpace {
    private_space,  ///< 10/8, 172.16/12, 192.168/16 (RFC 1918), 100.64/10 (RFC 6598), fc00::/7 (RFC 4193)
    /// Where no endpoint is: loopback, link-local, 0.0.0.0/8 and ::, multicast, limited broadcast, the metadata services
    /// of clouds, and what a tunnel or a translator would take such an IPv4 address out of.
    special,
    public_space,  ///< everything else
};
AddressSpace address_space(const IpAddress& address);

/// A cloud's metadata service outside link-local space (AWS fd00:ec2::254, Google fd20:ce::254, Azure 168.63.129.16, which
/// is a resolver as well): it trusts whoever asks from this host.
bool is_metadata_service(const IpAddress& address);

/// "10.0.0.4:9440", "[fd00::4]:9440"
std::string endpoint_text(const IpAddress& address, std::uint16_t port);

/// A block of addresses; a single address is a block of full length.
class Cidr {
  public:
    Cidr() = default;
    /// `length` is at most 32 or 128; host bits must be zero.
    Cidr(IpAddress base, unsigned length) : base_(base), length_(length) {}

    /// "10.0.0.4", "10.0.0.0/24", "fd00::/8". Refuses host bits set beyond the length.
    static std::optional<Cidr> parse(std::string_view text);

    /// Families never match each other; an IPv4-mapped or NAT64 address is also compared by its IPv4 inside.
    bool contains(const IpAddress& address) const;
    std::string to_string() const;
    const IpAddress& base() const { return base_; }
    unsigned length() const { return length_; }
    bool operator==(const Cidr&) const = default;

  private:
    IpAddress base_;
    unsigned length_ = 32;
};

bool contains(std::span<const Cidr> blocks, const IpAddress& address);

/// The small subnet that all of them lie in, as a network has them: of IPv4 their /24, or the smallest block that covers them
/// and is not larger than a /16; of IPv6 their /64. Nothing where there is none.
std::optional<Cidr> common_subnet(std::span<const IpAddress> addresses);

}  // namespace whylink
