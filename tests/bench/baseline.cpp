#include "baseline.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace whylink::bench {
namespace {

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

void wait_ready(int epoll, int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    require(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
    require(::epoll_wait(epoll, &event, 1, 5000) == 1, "epoll_wait");
}

int connected_socket(const sockaddr_in& peer) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int result = ::connect(fd, reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
    require(result == 0 || errno == EINPROGRESS, "connect");
    return fd;
}

void close_with_reset(int fd) {
    const linger hard{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    ::close(fd);
}

void wait_for(int fd, short events) {
    pollfd waiting{fd, events, 0};
    require(::poll(&waiting, 1, 5000) == 1, "poll");
}

/// Runs one OpenSSL call until it is done.
template <typename Call>
int until_done(SSL* tls, int fd, Call call) {
    for (;;) {
        const int result = call();
        if (result > 0) {
            return result;
        }
        switch (SSL_get_error(tls, result)) {
            case SSL_ERROR_WANT_READ:
                wait_for(fd, POLLIN);
                break;
            case SSL_ERROR_WANT_WRITE:
                wait_for(fd, POLLOUT);
                break;
            default:
                throw std::runtime_error("handshake");
        }
    }
}

}  // namespace

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void bare_tcp(int epoll, const sockaddr_in& peer) {
    const int fd = connected_socket(peer);
    wait_ready(epoll, fd, EPOLLOUT);
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    require(error == 0, "SO_ERROR");
    tcp_info info{};
    length = sizeof info;
    ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
    close_with_reset(fd);
}

void bare_tls(SSL_CTX* context, const char* server_name, const sockaddr_in& peer) {
    const int fd = connected_socket(peer);
    wait_for(fd, POLLOUT);
    SSL* tls = SSL_new(context);
    SSL_set_fd(tls, fd);
    // What SSL_set_tlsext_host_name() stands for, without its C cast.
    SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(server_name));
    SSL_set1_host(tls, server_name);
    until_done(tls, fd, [&] { return SSL_connect(tls); });
    wait_for(fd, POLLIN);  // the tickets
    char byte = 0;
    SSL_read(tls, &byte, 1);
    SSL_shutdown(tls);
    SSL_free(tls);
    close_with_reset(fd);
}

void bare_dns(int epoll, std::uint16_t port) {
    // An A query for abcd.link.example.test.
    constexpr std::array<unsigned char, 40> query{
        0x12, 0x34, 1,   0,   0,   1, 0,   0,   0,   0,   0, 0,                                  //
        4,    'a',  'b', 'c', 'd', 4, 'l', 'i', 'n', 'k', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e',  //
        4,    't',  'e', 's', 't', 0, 0,   1,   0,   1};
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    require(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
    require(::send(fd, query.data(), query.size(), 0) == static_cast<ssize_t>(query.size()), "send");
    wait_ready(epoll, fd, EPOLLIN);
    std::array<unsigned char, 1500> reply{};
    require(::recv(fd, reply.data(), reply.size(), 0) > 12, "recv");
    ::close(fd);
}

}  // namespace whylink::bench
