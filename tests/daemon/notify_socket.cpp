#include "notify_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "support/sandbox.hpp"

namespace whylink::daemon_test {
namespace {

std::filesystem::path new_path() {
    static int made = 0;
    return lab::scratch_directory() / ("notify-" + std::to_string(++made));
}

}  // namespace

NotifySocket::NotifySocket() : path_(new_path()), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.string().copy(address.sun_path, sizeof address.sun_path - 1);
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("cannot bind " + path_.string());
    }
    reader_ = std::thread([this] { collect(); });
}

NotifySocket::~NotifySocket() {
    shutdown(fd_, SHUT_RD);
    reader_.join();
    close(fd_);
}

void NotifySocket::collect() {
    std::array<char, 4096> buffer;
    for (ssize_t n; (n = recv(fd_, buffer.data(), buffer.size(), 0)) > 0;) {
        const std::lock_guard lock(mutex_);
        messages_.emplace_back(buffer.data(), static_cast<std::size_t>(n));
    }
}

std::vector<std::string> NotifySocket::messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
}

std::vector<std::size_t> NotifySocket::positions(const std::string& line) const {
    const std::string end = line.ends_with('=') ? "" : "\n";
    std::vector<std::size_t> positions;
    const std::vector<std::string> all = messages();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (("\n" + all[i] + "\n").find("\n" + line + end) != std::string::npos) {
            positions.push_back(i);
        }
    }
    return positions;
}

}  // namespace whylink::daemon_test
