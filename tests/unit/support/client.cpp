#include "client.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace whylink::lab {

Client::Client(int type, std::uint16_t port) : fd_(socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{10, 0};
    if (fd_ < 0 || setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
        connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        throw std::system_error(errno, std::generic_category(), "test client");
    }
}

Client::~Client() {
    close(fd_);
}

void Client::send(const std::string& bytes) const {
    if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
        throw std::system_error(errno, std::generic_category(), "test client sends");
    }
}

std::pair<std::string, int> Client::receive() const {
    std::array<char, 65536> buffer;
    const ssize_t n = recv(fd_, buffer.data(), buffer.size(), 0);
    if (n < 0) {
        return {{}, errno};
    }
    return {std::string(buffer.data(), static_cast<std::size_t>(n)), 0};
}

std::pair<std::string, int> Client::receive_all() const {
    std::string all;
    for (;;) {
        const auto [bytes, error] = receive();
        all += bytes;
        if (bytes.empty()) {
            return {all, error};
        }
    }
}

}  // namespace whylink::lab
