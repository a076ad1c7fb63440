// One side of the benchmark of packet capture, which capture.py runs:
//   capture INTERFACE PORT SECONDS   captures DNS with 127.0.0.1:PORT, hands it to a tap that follows nothing
//                                    of it; prints packets, dropped packets and CPU seconds
//   load PORT SECONDS RATE           sends RATE datagrams a second there (0: as many as it can); prints how
//   many
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "probes/packets/capture.hpp"
#include "probes/packets/tap.hpp"
#include "probes/tcp/socket_address.hpp"

namespace {

using namespace whylink;
using namespace whylink::probes;
using Seconds = std::chrono::duration<double>;

const IpAddress loopback = IpAddress::v4({127, 0, 0, 1});

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

[[noreturn]] void die(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

std::unique_ptr<Capture> open_capture(asio::io_context& loop, const std::string& interface,
                                      Capture::Handlers handlers) {
    auto opened = Capture::open(loop.get_executor(), {.interface = interface}, std::move(handlers));
    if (const auto* error = std::get_if<LocalError>(&opened)) {
        die(error->operation + ": " + error->text);
    }
    return std::get<std::unique_ptr<Capture>>(std::move(opened));
}

int capture(const std::string& interface, std::uint16_t port, Seconds duration) {
    asio::io_context loop;
    Tap* tap = nullptr;
    const auto source =
        open_capture(loop, interface,
                     {[&](const Packet& packet, const Frame& frame) { tap->packet(packet, frame); },
                      [](const std::string& why) { die(why); }, [] {}});
    Tap all({.drain = [&] { source->drain(); },
             .dropped = [&] { return source->counts().dropped; },
             .up = [&] { return source->up(); },
             .link = source->link()});
    tap = &all;
    // A tap that follows nothing would not even look.
    const FollowedFlow other = all.follow({IPPROTO_UDP, loopback, 1, loopback, 2});
    FilterWish wish;
    wish.resolvers = {{loopback, port}};
    auto filter = compile_filter(filter_text(wish), source->link(), source->settings().snapshot_length);
    source->set_filter(std::get<CompiledFilterPtr>(filter));
    std::printf("ready\n");
    std::fflush(stdout);
    const double before = cpu_seconds();
    loop.run_for(std::chrono::duration_cast<std::chrono::nanoseconds>(duration));
    const double used = cpu_seconds() - before;
    source->drain();
    const CaptureCounts counts = source->counts();
    std::printf("%llu %llu %.4f\n", static_cast<unsigned long long>(counts.packets),
                static_cast<unsigned long long>(counts.dropped), used);
    return 0;
}

int load(std::uint16_t port, Seconds duration, double rate) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const SocketAddress to(loopback, port);
    const std::string payload(200, 'x');
    const auto began = std::chrono::steady_clock::now();
    std::uint64_t sent = 0;
    for (Seconds elapsed{}; elapsed < duration; elapsed = std::chrono::steady_clock::now() - began) {
        const auto due = rate > 0 ? static_cast<std::uint64_t>(elapsed.count() * rate) : sent + 64;
        for (; sent < due; ++sent) {
            sendto(fd, payload.data(), payload.size(), 0, to.data(), to.length());
        }
        if (rate > 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    close(fd);
    std::printf("%llu\n", static_cast<unsigned long long>(sent));
    return 0;
}

}  // namespace

int main(int count, char** words) {
    const std::string_view mode = count == 5 ? words[1] : "";
    if (mode == "capture") {
        return capture(words[2], static_cast<std::uint16_t>(std::atoi(words[3])),
                       Seconds(std::atof(words[4])));
    }
    if (mode == "load") {
        return load(static_cast<std::uint16_t>(std::atoi(words[2])), Seconds(std::atof(words[3])),
                    std::atof(words[4]));
    }
    die("usage: capture INTERFACE PORT SECONDS | load PORT SECONDS RATE");
}
