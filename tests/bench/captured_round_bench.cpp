// What capture adds to a round, and how far the measured connect time is from what the packets say.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "checks/judge.hpp"
#include "daemon/packets/packet_service.hpp"
#include "daemon/round/round.hpp"
#include "round_loop.hpp"
#include "servers.hpp"

namespace whylink::bench {
namespace {

/// One loop with capture on it, which never runs out of work by itself.
class CapturedLoop {
  public:
    explicit CapturedLoop(const config::Endpoint& endpoint)
        : packets_(loop_, {{}, [](bool, const std::string&) {}}) {
        fault_ = packets_.configure({}, daemon::capture_wish(std::vector{config::make_target(endpoint)}, {}));
    }
    bool up() const { return !fault_; }

    daemon::Measured round(const config::Endpoint& endpoint) {
        daemon::Measured result;
        bool done = false;
        asio::co_spawn(loop_, daemon::run_endpoint(endpoint, context_),
                       [&](const std::exception_ptr&, daemon::Measured measured) {
                           result = std::move(measured);
                           done = true;
                       });
        while (!done) {
            loop_.run_one();
        }
        return result;
    }

    /// Lets the loop go on until `moment`, as a daemon's does between rounds.
    void idle_until(std::chrono::steady_clock::time_point moment) { loop_.run_until(moment); }

  private:
    asio::io_context loop_;
    daemon::PacketService packets_;
    std::optional<probes::LocalError> fault_;
    probes::TlsContexts contexts_;
    daemon::RoundContext context_{.tls = contexts_, .files = {}, .packets = &packets_};
};

config::Endpoint plain_endpoint(std::uint16_t port) {
    auto endpoint = endpoint_at(port);
    endpoint.tls.mode = config::TlsMode::off;
    return endpoint;
}

void tcp_round_captured(benchmark::State& state) {
    const auto server = ServerProcess::tcp();
    const config::Endpoint endpoint = plain_endpoint(server.port());
    CapturedLoop captured(endpoint);
    if (!captured.up()) {
        state.SkipWithError("capture needs CAP_NET_RAW");
        return;
    }
    for (auto _ : state) {
        auto measured = captured.round(endpoint);
        const auto verdict = checks::judge(
            endpoint, checks::assess(endpoint, std::move(measured.round), std::chrono::system_clock::now()));
        if (!verdict.healthy || verdict.packets.empty()) {
            state.SkipWithError("not seen");
        }
    }
}
BENCHMARK(tcp_round_captured)->MeasureProcessCPUTime()->Unit(benchmark::kMicrosecond);

double percentile(std::vector<double>& values, double share) {
    const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::ranges::nth_element(values, values.begin() + place);
    return values[static_cast<std::size_t>(place)];
}

/// A thousand rounds a second; `bias_*` is the measured connect time less that from SYN to SYN-ACK, in
/// microseconds.
void connect_time_bias(benchmark::State& state) {
    using Clock = std::chrono::steady_clock;
    const auto server = ServerProcess::tcp();
    const config::Endpoint endpoint = plain_endpoint(server.port());
    CapturedLoop captured(endpoint);
    if (!captured.up()) {
        state.SkipWithError("capture needs CAP_NET_RAW");
        return;
    }
    std::vector<double> bias;
    auto next = Clock::now();
    for (auto _ : state) {
        const daemon::Measured measured = captured.round(endpoint);
        const probes::Round& round = measured.round;
        const auto tcp = std::ranges::find(round.probes, probes::Stage::tcp, &probes::Observation::stage);
        if (tcp != round.probes.end() && !round.packets.empty() &&
            round.packets.front().facts.handshake_rtt) {
            const probes::Nanoseconds difference = tcp->took - *round.packets.front().facts.handshake_rtt;
            bias.push_back(std::chrono::duration<double, std::micro>(difference).count());
        }
        next += std::chrono::milliseconds(1);
        captured.idle_until(next);
    }
    if (bias.empty()) {
        state.SkipWithError("no handshake was seen");
        return;
    }
    state.counters["bias_p50"] = percentile(bias, 0.5);
    state.counters["bias_p99"] = percentile(bias, 0.99);
    state.counters["seen"] = static_cast<double>(bias.size()) / static_cast<double>(state.iterations());
}
BENCHMARK(connect_time_bias)->Iterations(5000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace whylink::bench
