#include "support/tls_witness.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

namespace whylink::lab {
namespace {

[[noreturn]] void give_up(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

sockaddr* generic(sockaddr_in& address) {
    return reinterpret_cast<sockaddr*>(&address);
}

int listen_on_loopback(std::uint16_t& port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (fd < 0 || ::bind(fd, generic(address), length) != 0 || ::listen(fd, 1) != 0 ||
        ::getsockname(fd, generic(address), &length) != 0) {
        give_up("listen");
    }
    port = ntohs(address.sin_port);
    return fd;
}

/// Nothing more is to come when it is empty.
std::string receive(int fd) {
    std::vector<char> bytes(16384);
    const ssize_t size = ::recv(fd, bytes.data(), bytes.size(), 0);
    return {bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

void transmit(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}  // namespace

TlsWitness::TlsWitness(const TlsService& service)
    : context_(make_server_context(service)),
      listener_(listen_on_loopback(port_)),
      thread_([this] { serve(); }) {}

TlsWitness::~TlsWitness() {
    ::shutdown(listener_, SHUT_RDWR);  // nobody may have come
    if (thread_.joinable()) {
        thread_.join();
    }
    ::close(listener_);
}

TlsWitness::Seen TlsWitness::seen() {
    thread_.join();
    return seen_;
}

void TlsWitness::serve() {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    seen_.connected = true;
    ServerTls tls(context_);
    bool shaken = false;
    for (std::string bytes = receive(fd); !bytes.empty(); bytes = receive(fd)) {
        tls.feed(bytes);
        if (!shaken) {
            const ServerTls::Progress progress = tls.handshake();
            shaken = progress == ServerTls::Progress::done;
            seen_.client_certificate = tls.has_client_certificate();
            if (progress == ServerTls::Progress::failed) {
                transmit(fd, tls.take_output());
                break;
            }
        }
        if (shaken) {
            tls.read(seen_.said);
        }
        transmit(fd, tls.take_output());
    }
    ::close(fd);
}

}  // namespace whylink::lab
