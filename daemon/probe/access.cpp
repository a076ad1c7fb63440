#include "daemon/probe/access.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "config/dns_name.hpp"

namespace whylink::daemon {
namespace {

constexpr unsigned v4_prefix = 96;  // of an IPv6 address that holds an IPv4 one

bool is_special(const IpAddress& address) {
    return address_space(address) == AddressSpace::special;
}

IpAddress last_of(const Cidr& block) {
    std::vector<std::uint8_t> bytes(block.base().bytes().begin(), block.base().bytes().end());
    for (std::size_t bit = block.length(); bit < bytes.size() * 8; ++bit) {
        bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | (0x80U >> (bit % 8)));
    }
    return *IpAddress::from_bytes(bytes);
}

/// Of the family in which the block is judged: an IPv4 one inside IPv6 by what is left of its length.
unsigned judged_length(const Cidr& block) {
    const bool holds_v4 = block.base().embedded_v4() || block.base() == *IpAddress::parse("::");
    return holds_v4 ? block.length() - std::min(block.length(), v4_prefix) : block.length();
}

/// The widest block of special addresses is 224.0.0.0/4. A wider one may have special ends and more between them.
bool holds_special_only(const Cidr& block) {
    constexpr unsigned widest = 4;
    return judged_length(block) >= widest && is_special(block.base()) && is_special(last_of(block));
}

bool lets_through(const Cidr& block, const IpAddress& address) {
    const bool meant = !address.embedded_v4() || block.base().is_v4() || block.length() >= v4_prefix;
    return meant && block.contains(address) && (!is_special(address) || holds_special_only(block));
}

bool is_at(const config::Endpoint& endpoint, std::string_view host, std::uint16_t port) {
    if (endpoint.port != port) {
        return false;
    }
    const std::optional<IpAddress> address = IpAddress::parse(host);
    return address ? endpoint.address == address
                   : !endpoint.address && canonical_name(endpoint.host) == canonical_name(host);
}

}  // namespace

ProbeAccess::ProbeAccess(std::vector<Cidr> allow, std::vector<config::TargetPtr> targets)
    : allow_(std::move(allow)), targets_(std::move(targets)) {}

const config::Endpoint* ProbeAccess::configured(std::string_view host, std::uint16_t port) const {
    for (const config::TargetPtr& target : targets_) {
        if (const config::Endpoint* endpoint = target->endpoint();
            endpoint != nullptr && is_at(*endpoint, host, port)) {
            return endpoint;
        }
    }
    return nullptr;
}

bool ProbeAccess::allows(const IpAddress& address) const {
    return std::ranges::any_of(allow_, [&](const Cidr& block) { return lets_through(block, address); });
}

}  // namespace whylink::daemon
