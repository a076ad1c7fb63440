#include "paced.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <ctime>
#include <stdexcept>
#include <thread>

#include "baseline.hpp"

namespace whylink::bench {
namespace {

using Clock = std::chrono::steady_clock;

double cpu_seconds() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

}  // namespace

double paced(const Pace& pace, SSL_CTX* context, const char* server_name) {
    const auto total = static_cast<std::size_t>(pace.rate * pace.seconds);
    if (pace.peers.empty() || total == 0) {
        throw std::runtime_error("nothing to connect to at this pace");
    }
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    const auto begin = Clock::now();
    const double before = cpu_seconds();
    for (std::size_t i = 0; i < total; ++i) {
        const auto offset = std::chrono::duration<double>(static_cast<double>(i) / pace.rate);
        std::this_thread::sleep_until(begin + std::chrono::duration_cast<Clock::duration>(offset));
        const sockaddr_in& peer = pace.peers[i % pace.peers.size()];
        if (context != nullptr) {
            bare_tls(context, server_name, peer);
        } else {
            bare_tcp(epoll, peer);
        }
    }
    const double used = cpu_seconds() - before;
    ::close(epoll);
    return used / static_cast<double>(total);
}

}  // namespace whylink::bench
