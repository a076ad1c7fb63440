// The URL of an HTTP probe, and where a redirect leads from it (RFC 3986, RFC 9110 section 10.2.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace whylink::daemon {

struct HttpUrl {
    bool tls = false;
    std::string host;  ///< a name or an address, without brackets
    std::uint16_t port = 80;
    std::string path = "/";  ///< with the query, without the fragment

    /// "http://…", "https://…", or without a scheme, which is http then. Nothing for another scheme, for a user or
    /// password in it, and for what is no host or port.
    static std::optional<HttpUrl> parse(std::string_view text);
    /// Where `location` leads from here; nothing where parse() gives nothing.
    std::optional<HttpUrl> resolve(std::string_view location) const;
    /// "[fd00::4]:443"
    std::string place() const;
    /// The whole of it, with the port.
    std::string to_string() const;
    bool operator==(const HttpUrl&) const = default;
};

}  // namespace whylink::daemon
