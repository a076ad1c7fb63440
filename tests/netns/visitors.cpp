#include "visitors.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <deque>
#include <stdexcept>

namespace whylink::netns_test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto between_visits = std::chrono::milliseconds(100);
constexpr auto max_patience = std::chrono::seconds(3);
constexpr auto stay = std::chrono::milliseconds(500);

sockaddr_in at(const std::string& address, std::uint16_t port) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    if (inet_pton(AF_INET, address.c_str(), &place.sin_addr) != 1) {
        throw std::runtime_error("not an IPv4 address: " + address);
    }
    return place;
}

/// A connection under way, or -1 when it failed at once.
int begin(const std::string& from, const std::string& to, std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const sockaddr_in source = at(from, 0);
    const sockaddr_in destination = at(to, port);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) == 0 &&
        (connect(fd, reinterpret_cast<const sockaddr*>(&destination), sizeof destination) == 0 ||
         errno == EINPROGRESS)) {
        return fd;
    }
    close(fd);
    return -1;
}

struct Visit {
    int fd = -1;
    Clock::time_point until;
    bool greeted = false;
};

bool is_writable(int fd) {
    pollfd watched{fd, POLLOUT, 0};
    return poll(&watched, 1, 0) > 0 && (watched.revents & POLLOUT) != 0;
}

/// False when the visit is over.
bool go_on(Visit& visit, const Visitor& visitor) {
    if (!visit.greeted && is_writable(visit.fd)) {
        const std::string& text = visitor.send;
        if (send(visit.fd, text.data(), text.size(), MSG_NOSIGNAL) < 0) {
            return false;
        }
        visit.greeted = true;
        visit.until = Clock::now() + stay;
    }
    return Clock::now() < visit.until;
}

void visit_until(const std::stop_token& stop, const Visitor& visitor) {
    std::deque<Visit> visits;
    while (!stop.stop_requested()) {
        if (const int fd = begin(visitor.from, visitor.to, visitor.port); fd >= 0) {
            visits.push_back({fd, Clock::now() + max_patience});
        }
        std::this_thread::sleep_for(between_visits);
        std::erase_if(visits, [&visitor](Visit& visit) {
            const bool over = !go_on(visit, visitor);
            if (over) {
                close(visit.fd);
            }
            return over;
        });
    }
    for (const Visit& visit : visits) {
        close(visit.fd);
    }
}

/// listen(2): the queue holds one more than the backlog.
constexpr int backlog = 1;

int listen_and_never_accept(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in place = at("0.0.0.0", port);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0 || listen(fd, backlog) != 0) {
        throw std::runtime_error("cannot listen on port " + std::to_string(port));
    }
    return fd;
}

int connected(const std::string& to, std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in place = at(to, port);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) {
        throw std::runtime_error("cannot fill the queue of port " + std::to_string(port));
    }
    return fd;
}

}  // namespace

Visitors::Visitors(const lab::Topology& topology, const std::vector<Visitor>& visitors) {
    for (const Visitor& visitor : visitors) {
        const lab::Netns& side = visitor.outbound ? topology.client : topology.server;
        threads_.emplace_back([&side, visitor](const std::stop_token& stop) {
            side.enter([&] { visit_until(stop, visitor); });
        });
    }
}

FullListeners::~FullListeners() {
    for (const int fd : sockets_) {
        close(fd);
    }
}

void FullListeners::add(const lab::Topology& topology, std::uint16_t port) {
    topology.client.enter([&] { sockets_.push_back(listen_and_never_accept(port)); });
    topology.server.enter([&] {
        for (int i = 0; i <= backlog; ++i) {
            sockets_.push_back(connected("10.77.0.2", port));
        }
    });
}

}  // namespace whylink::netns_test
