#include "daemon/http/address.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "config/resolver_text.hpp"

namespace whylink::daemon::http {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

error_code last_error() {
    return {errno, boost::system::system_category()};
}

}  // namespace

std::optional<ip::tcp::endpoint> parse_endpoint(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto port = config::parse_port(text.substr(colon + 1));
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    error_code error;
    const auto address = ip::make_address(std::string(host), error);
    if (error || !port) {
        return std::nullopt;
    }
    return ip::tcp::endpoint(address, *port);
}

std::variant<int, error_code> listening_socket(const ip::tcp::endpoint& endpoint) {
    const int fd =
        ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (fd < 0) {
        return last_error();
    }
    const int on = 1;
    if (::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
        ::listen(fd, SOMAXCONN) != 0) {
        const error_code error = last_error();
        ::close(fd);
        return error;
    }
    return fd;
}

std::string peer_of(const ip::address& address) {
    if (address.is_v4()) {
        return address.to_string();
    }
    if (address.to_v6().is_v4_mapped()) {
        return ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string();
    }
    ip::address_v6::bytes_type bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace whylink::daemon::http
