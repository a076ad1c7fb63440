#include "http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace whylink::daemon_test {
namespace {

constexpr timeval patience{10, 0};

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::map<std::string, std::string> headers_in(const std::string& head) {
    std::map<std::string, std::string> headers;
    std::size_t at = head.find("\r\n");
    while (at != std::string::npos) {
        const std::size_t begin = at + 2;
        at = head.find("\r\n", begin);
        const std::string line = head.substr(begin, at == std::string::npos ? at : at - begin);
        if (const std::size_t colon = line.find(": "); colon != std::string::npos) {
            headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
        }
    }
    return headers;
}

std::optional<HttpReply> reply_in(const std::string& bytes) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (!bytes.starts_with("HTTP/1.1 ") || end == std::string::npos) {
        return std::nullopt;
    }
    HttpReply reply;
    reply.status = std::stoi(bytes.substr(9, 3));
    reply.headers = headers_in(bytes.substr(0, end));
    reply.body = bytes.substr(end + 4);
    const auto length = reply.headers.find("content-length");
    const bool whole = length == reply.headers.end() || std::to_string(reply.body.size()) == length->second;
    return whole ? std::optional(std::move(reply)) : std::nullopt;
}

}  // namespace

Connection::Connection(const lab::Netns& netns, std::uint16_t port) {
    netns.enter([this] { fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); });
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

Connection::~Connection() {
    close(fd_);
}

bool Connection::send(const std::string& bytes) const {
    return connected_ &&
           ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

std::optional<std::string> Connection::read_all() const {
    std::string bytes;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t n = recv(fd_, buffer.data(), buffer.size(), 0);
        if (n < 0) {
            return std::nullopt;
        }
        if (n == 0) {
            return bytes;
        }
        bytes.append(buffer.data(), static_cast<std::size_t>(n));
    }
}

std::optional<HttpReply> http_request(const lab::Netns& netns, std::uint16_t port, const std::string& method,
                                      const std::string& path) {
    const Connection connection(netns, port);
    const bool body = method == "POST";
    if (!connection.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                         (body ? "Content-Length: 0\r\n" : "") + "\r\n")) {
        return std::nullopt;
    }
    const auto bytes = connection.read_all();
    return bytes ? reply_in(*bytes) : std::nullopt;
}

}  // namespace whylink::daemon_test
