#include "servers.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace whylink::bench {
namespace {

int bound_socket(int type, Reach reach, std::uint16_t& port) {
    const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(reach == Reach::one_address ? INADDR_LOOPBACK : INADDR_ANY);
    socklen_t length = sizeof address;
    if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        throw std::system_error(errno, std::generic_category(), "bind");
    }
    port = ntohs(address.sin_port);
    return fd;
}

/// To the CPU that tests/bench/run keeps free for servers.
void move_to_server_cpu() {
    if (const char* cpu = std::getenv("WHYLINK_BENCH_SERVER_CPU")) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(static_cast<std::size_t>(std::atoi(cpu)), &set);
        ::sched_setaffinity(0, sizeof set, &set);
    }
}

void serve_tcp(int listener) {
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = listener;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    std::array<epoll_event, 256> ready{};
    for (;;) {
        const int count = ::epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), -1);
        for (int i = 0; i < count; ++i) {
            const int fd = ready.at(static_cast<std::size_t>(i)).data.fd;
            if (fd != listener) {
                ::close(fd);  // the client sends nothing, so readable means that it has closed
                continue;
            }
            const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (accepted >= 0) {
                event.events = EPOLLIN;
                event.data.fd = accepted;
                ::epoll_ctl(epoll, EPOLL_CTL_ADD, accepted, &event);
            }
        }
    }
}

void serve_tls_connection(SSL_CTX* context, int fd) {
    SSL* tls = SSL_new(context);
    SSL_set_fd(tls, fd);
    if (SSL_accept(tls) == 1) {
        char byte = 0;
        SSL_read(tls, &byte, 1);  // until the client closes
    }
    SSL_free(tls);
    ::close(fd);
}

void serve_tls(int listener, const std::string& cert_file, const std::string& key_file) {
    ::signal(SIGPIPE, SIG_IGN);
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context, cert_file.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
        ::_exit(1);
    }
    for (;;) {
        const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd >= 0) {
            std::thread(serve_tls_connection, context, fd).detach();
        }
    }
}

void serve_dns(int socket) {
    std::array<unsigned char, 4096> packet{};
    for (;;) {
        sockaddr_in peer{};
        socklen_t length = sizeof peer;
        const ssize_t size = ::recvfrom(socket, packet.data(), packet.size() - 16, 0,
                                        reinterpret_cast<sockaddr*>(&peer), &length);
        if (size < 17) {
            continue;
        }
        std::size_t end = 12;
        while (end < static_cast<std::size_t>(size) && packet.at(end) != 0) {
            end += packet.at(end) + 1U;
        }
        end += 5;  // the root label, type and class
        if (end > static_cast<std::size_t>(size)) {
            continue;
        }
        const bool is_a = packet.at(end - 3) == 1;
        packet[2] = 0x84;  // response, authoritative
        packet[3] = 0x80;
        packet[7] = is_a ? 1 : 0;
        packet[11] = 0;  // the query's OPT record is not echoed
        if (is_a) {
            constexpr std::array<unsigned char, 16> answer{0xc0, 12, 0, 1, 0,  1, 0, 0,
                                                           1,    44, 0, 4, 10, 0, 0, 4};
            std::memcpy(packet.data() + end, answer.data(), answer.size());
            end += answer.size();
        }
        ::sendto(socket, packet.data(), end, 0, reinterpret_cast<sockaddr*>(&peer), length);
    }
}

}  // namespace

template <typename Serve>
ServerProcess ServerProcess::spawn(int socket_type, Reach reach, Serve serve) {
    std::uint16_t port = 0;
    const int fd = bound_socket(socket_type, reach, port);
    if (socket_type == SOCK_STREAM) {
        ::listen(fd, 4096);  // before the fork, so that the first connection cannot come too early
    }
    const pid_t pid = ::fork();
    if (pid < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        move_to_server_cpu();
        serve(fd);
        ::_exit(0);
    }
    ::close(fd);
    return ServerProcess(pid, port);
}

ServerProcess ServerProcess::tcp(Reach reach) {
    return spawn(SOCK_STREAM, reach, serve_tcp);
}

ServerProcess ServerProcess::tls(const std::string& cert_file, const std::string& key_file, Reach reach) {
    return spawn(SOCK_STREAM, reach, [&](int fd) { serve_tls(fd, cert_file, key_file); });
}

ServerProcess ServerProcess::dns() {
    return spawn(SOCK_DGRAM, Reach::one_address, serve_dns);
}

ServerProcess::ServerProcess(ServerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), port_(other.port_) {}

ServerProcess::~ServerProcess() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

}  // namespace whylink::bench
