// The addresses of the server and of its clients.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace whylink::daemon::http {

/// "127.0.0.1:9797", "[::1]:9797"; nothing for what is no address with a port.
std::optional<boost::asio::ip::tcp::endpoint> parse_endpoint(std::string_view text);

/// A socket that listens there already, or why not.
std::variant<int, boost::system::error_code> listening_socket(const boost::asio::ip::tcp::endpoint& endpoint);

/// Whom limits count as one client: an IPv4 address, and of IPv6 the /64, of which a host has as many addresses as it
/// wants.
std::string peer_of(const boost::asio::ip::address& address);

}  // namespace whylink::daemon::http
