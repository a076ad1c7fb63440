#include "config/resolver_text.hpp"

#include "config/ascii.hpp"

namespace whylink::config {

std::optional<std::uint16_t> parse_port(std::string_view text) {
    const bool leading_zero = text.size() > 1 && text.front() == '0';
    return leading_zero ? std::nullopt : parse_number<std::uint16_t>(text);
}

std::optional<HostPort> parse_host_port(std::string_view text) {
    std::string_view host = text;
    std::string_view rest;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) {
            return std::nullopt;
        }
        host = text.substr(1, close - 1);
        rest = text.substr(close + 1);
        const auto address = IpAddress::parse(host);
        if (!address || address->is_v4()) {
            return std::nullopt;
        }
    } else if (text.find(':') == text.rfind(':') && text.find(':') != std::string_view::npos) {
        // More than one colon is an IPv6 address without brackets, and then without a port.
        host = text.substr(0, text.find(':'));
        rest = text.substr(text.find(':'));
    }
    if (host.empty()) {
        return std::nullopt;
    }
    if (rest.empty()) {
        return HostPort{std::string(host), std::nullopt};
    }
    if (rest.front() != ':') {
        return std::nullopt;
    }
    const auto port = parse_port(rest.substr(1));
    if (!port || *port == 0) {
        return std::nullopt;
    }
    return HostPort{std::string(host), port};
}

std::optional<Resolver> Resolver::parse(std::string_view text) {
    if (text == "system") {
        return Resolver{};
    }
    const auto parts = parse_host_port(text);
    if (!parts) {
        return std::nullopt;
    }
    const auto address = IpAddress::parse(parts->host);
    if (!address) {
        return std::nullopt;
    }
    return Resolver{false, *address, parts->port.value_or(53)};
}

std::string Resolver::to_string() const {
    if (system) {
        return "system";
    }
    return port == 53 ? address.to_string() : endpoint_text(address, port);
}

}  // namespace whylink::config
