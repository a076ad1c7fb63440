#include "daemon/probe/http_url.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "config/address.hpp"
#include "config/ascii.hpp"
#include "config/dns_name.hpp"
#include "config/resolver_text.hpp"

namespace whylink::daemon {
namespace {

constexpr std::string_view http = "http://";
constexpr std::string_view https = "https://";

bool is_scheme_character(char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
}

/// "mailto:", "HTTPS://": what stands before the first ':', where nothing of a path or an authority is before it.
bool has_scheme(std::string_view reference) {
    const std::size_t colon = reference.find(':');
    return colon != std::string_view::npos && colon > 0 && is_letter(reference.front()) &&
           std::ranges::all_of(reference.substr(0, colon), is_scheme_character);
}

/// RFC 3986 section 5.2.4, of a path that begins with '/'.
std::string without_dots(std::string_view path) {
    std::vector<std::string_view> segments;
    bool is_folder = false;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        is_folder = segment == "." || segment == "..";
        if (segment == ".." && !segments.empty()) {
            segments.pop_back();
        } else if (!is_folder) {
            segments.push_back(segment);
        }
    }
    std::string result;
    for (const std::string_view segment : segments) {
        result += '/';
        result += segment;
    }
    return is_folder || result.empty() ? result + "/" : result;
}

std::string normal_path(std::string_view path_and_query) {
    const std::size_t query = std::min(path_and_query.find('?'), path_and_query.size());
    return without_dots(path_and_query.substr(0, query)) + std::string(path_and_query.substr(query));
}

bool is_clean(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return is_control(c) || c == ' '; });
}

std::optional<HttpUrl> parse_after_scheme(bool tls, std::string_view rest) {
    HttpUrl url;
    url.tls = tls;
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(authority.size());
    rest = rest.substr(0, rest.find('#'));
    // "host:" has the scheme's own port (RFC 3986 section 3.2.3).
    const auto place = config::parse_host_port(
        authority.ends_with(':') && authority != ":" ? authority.substr(0, authority.size() - 1) : authority);
    const bool brackets = authority.starts_with('[');
    if (!place || authority.find('@') != std::string_view::npos || !is_clean(rest)) {
        return std::nullopt;
    }
    const std::optional<IpAddress> address = IpAddress::parse(place->host);
    if (address ? address->is_v6() != brackets : host_name_fault(place->host).has_value()) {
        return std::nullopt;
    }
    url.host = place->host;
    url.port = place->port.value_or(tls ? 443 : 80);
    url.path = normal_path(rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest));
    return url;
}

}  // namespace

std::optional<HttpUrl> HttpUrl::parse(std::string_view text) {
    const std::string begin = lower_case(text.substr(0, https.size()));
    if (begin == https) {
        return parse_after_scheme(true, text.substr(https.size()));
    }
    if (begin.starts_with(http)) {
        return parse_after_scheme(false, text.substr(http.size()));
    }
    const std::size_t scheme = text.find("://");
    const bool has_other = scheme != std::string_view::npos && scheme + 1 == text.find_first_of("/?#");
    return has_other ? std::nullopt : parse_after_scheme(false, text);
}

std::optional<HttpUrl> HttpUrl::resolve(std::string_view location) const {
    location = location.substr(0, location.find('#'));
    if (!is_clean(location)) {
        return std::nullopt;
    }
    if (location.starts_with("//")) {
        return parse_after_scheme(tls, location.substr(2));
    }
    if (has_scheme(location)) {
        const std::string begin = lower_case(location.substr(0, https.size()));
        return begin == https || begin.starts_with(http) ? parse(location) : std::nullopt;
    }
    HttpUrl next = *this;
    const std::string_view base = std::string_view(path).substr(0, path.find('?'));
    if (location.empty()) {
        return next;
    }
    if (location.starts_with('/')) {
        next.path = normal_path(location);
    } else if (location.starts_with('?')) {
        next.path = std::string(base) + std::string(location);
    } else {
        next.path = normal_path(std::string(base.substr(0, base.rfind('/') + 1)) + std::string(location));
    }
    return next;
}

std::string HttpUrl::place() const {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string HttpUrl::to_string() const {
    return std::string(tls ? https : http) + place() + path;
}

}  // namespace whylink::daemon
