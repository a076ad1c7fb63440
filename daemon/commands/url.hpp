// Where a daemon is asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace whylink::daemon {

struct Url {
    bool tls = false;
    std::string host;  ///< a name or an address, without brackets
    std::uint16_t port = 80;
    std::string prefix;     ///< of every path, as it stands: empty, or "/whylink" without a slash at the end
    std::string user = {};  ///< decoded; empty: none
    std::optional<std::string> password = {};  ///< decoded

    /// As in the Host header: an IPv6 address in brackets.
    std::string authority() const;
    /// Without user and password.
    std::string to_string() const;
};

/// "http://vm-7:9797", "https://monitor.example/whylink/": RFC 3986, of the schemes http and https, without
/// query and fragment. An error text for what is none.
std::variant<Url, std::string> parse_url(std::string_view text);

/// Of a daemon that listens on `listen`, as config::Daemon has it; one that listens on every address is asked
/// on loopback. An error text when it cannot be told.
std::variant<Url, std::string> url_of_listener(std::string_view listen, bool tls = false);

}  // namespace whylink::daemon
