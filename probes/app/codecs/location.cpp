#include "probes/app/codecs/location.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "config/ascii.hpp"

namespace whylink::probes {
namespace {

constexpr std::size_t max_host = 255;

/// Letters, digits, and what else stands in names and addresses, so that nothing else is resolved or printed.
bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= max_host && std::ranges::all_of(host, [](char c) {
        return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_' || c == ':';
    });
}

std::string without_dot(std::string_view host) {
    return lower_case(host.ends_with('.') ? host.substr(0, host.size() - 1) : host);
}

}  // namespace

std::optional<Referral> referral_to(ReferralKind kind, std::string_view text, std::uint16_t usual_port) {
    const bool bracketed = text.starts_with('[');
    const std::size_t end = bracketed ? text.find(']') : text.rfind(':');
    std::string_view host = text;
    std::string_view port;
    if (bracketed) {
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (!port.empty() && !port.starts_with(':')) {
            return std::nullopt;
        }
    } else if (end != std::string_view::npos && text.find(':') == end) {
        host = text.substr(0, end);
        port = text.substr(end);
    }
    Referral referral{kind, std::string(host), usual_port};
    if (port.size() > 1) {
        referral.port = parse_number<std::uint16_t>(port.substr(1)).value_or(0);
    }
    return is_host(host) && referral.port != 0 ? std::optional(std::move(referral)) : std::nullopt;
}

std::optional<Referral> referral_of(std::string_view location, const AppRequest& request) {
    constexpr std::uint16_t http_port = 80;
    constexpr std::uint16_t https_port = 443;
    const std::size_t colon = location.starts_with("//") ? 0 : location.find("://");
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string scheme =
        colon == 0 ? std::string(request.tls ? "https" : "http") : lower_case(location.substr(0, colon));
    if (scheme != "http" && scheme != "https") {
        return std::nullopt;
    }
    std::string_view authority = location.substr(colon == 0 ? 2 : colon + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        authority = authority.substr(at + 1);
    }
    std::optional<Referral> referral =
        referral_to(ReferralKind::redirect, authority, scheme == "https" ? https_port : http_port);
    const bool same = referral && referral->port == request.port &&
                      without_dot(referral->host) == without_dot(request.host);
    return same ? std::nullopt : referral;
}

}  // namespace whylink::probes
