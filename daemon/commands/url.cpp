#include "daemon/commands/url.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/resolver_text.hpp"
#include "config/userinfo.hpp"
#include "daemon/http/target.hpp"

namespace whylink::daemon {
namespace {

bool is_url_character(char c) {
    return c > ' ' && c < 0x7f && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
}

/// What is wrong with the text as a whole.
std::string_view fault_in(std::string_view text) {
    if (!std::ranges::all_of(text, is_url_character)) {
        return "it has characters that need percent-encoding";
    }
    if (!text.starts_with("http://") && !text.starts_with("https://")) {
        return "it does not start with http:// or https://";
    }
    if (text.find_first_of("?#") != std::string_view::npos) {
        return "it has a query or a fragment";
    }
    return {};
}

/// RFC 3986, section 3.2.1. A user whose name has a colon is none of basic authentication (RFC 7617).
bool read_userinfo(std::string_view text, Url& url) {
    const std::size_t colon = text.find(':');
    const auto user = http::percent_decoded(text.substr(0, colon), false);
    if (!user || user->empty() || user->find(':') != std::string::npos) {
        return false;
    }
    url.user = *user;
    if (colon != std::string_view::npos) {
        url.password = http::percent_decoded(text.substr(colon + 1), false);
        return url.password.has_value();
    }
    return true;
}

}  // namespace

std::string Url::authority() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

std::string Url::to_string() const {
    return fmt::format("{}://{}{}", tls ? "https" : "http", authority(), prefix);
}

std::variant<Url, std::string> parse_url(std::string_view text) {
    const auto refuse = [text](std::string_view why) {
        return fmt::format("\"{}\" is not valid: {}; use for example http://10.0.0.9:9797",
                           config::hide_userinfo(text), why);
    };
    if (const std::string_view fault = fault_in(text); !fault.empty()) {
        return refuse(fault);
    }
    Url url;
    url.tls = text.starts_with("https");
    const std::string_view rest = text.substr(text.find("://") + 3);
    const std::size_t path = std::min(rest.find('/'), rest.size());
    std::string_view authority = rest.substr(0, path);
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        if (!read_userinfo(authority.substr(0, at), url)) {
            return "the user before the @ of the URL is not valid";  // which is not repeated
        }
        authority.remove_prefix(at + 1);
    }
    const auto place = config::parse_host_port(authority);
    const bool bare_v6 = !authority.starts_with('[') && std::ranges::count(authority, ':') > 1;
    if (!place || bare_v6) {
        return refuse("it has no valid host and port");
    }
    url.host = place->host;
    url.port = place->port.value_or(url.tls ? 443 : 80);
    url.prefix = rest.substr(path);
    while (url.prefix.ends_with('/')) {
        url.prefix.pop_back();
    }
    return url;
}

std::variant<Url, std::string> url_of_listener(std::string_view listen, bool tls) {
    if (listen.empty()) {
        return "daemon.listen is \"\", so the daemon has no HTTP; set daemon.listen, or use --url";
    }
    auto url = parse_url(fmt::format("{}://{}", tls ? "https" : "http", listen));
    auto* parsed = std::get_if<Url>(&url);
    if (parsed == nullptr) {
        return fmt::format("daemon.listen is \"{}\", which has no fixed port; use --url", listen);
    }
    if (parsed->host == "0.0.0.0") {
        parsed->host = "127.0.0.1";
    }
    if (const auto address = IpAddress::parse(parsed->host); address == IpAddress::v6({})) {
        parsed->host = "::1";
    }
    return url;
}

}  // namespace whylink::daemon
