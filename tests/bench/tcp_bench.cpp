// What a TCP probe costs beside a bare epoll loop.
#include <benchmark/benchmark.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include <chrono>
#include <utility>

#include "baseline.hpp"
#include "checks/judge.hpp"
#include "daemon/round/round.hpp"
#include "probes/tcp/tcp.hpp"
#include "round_loop.hpp"
#include "servers.hpp"

namespace whylink::bench {
namespace {

void tcp_bare_epoll(benchmark::State& state) {
    const auto server = ServerProcess::tcp();
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    for (auto _ : state) {
        bare_tcp(epoll, loopback(server.port()));
    }
    ::close(epoll);
}
BENCHMARK(tcp_bare_epoll)->MeasureProcessCPUTime()->Unit(benchmark::kMicrosecond);

void tcp_probe(benchmark::State& state) {
    const auto server = ServerProcess::tcp();
    const probes::TcpProbe probe{.address = IpAddress::v4({127, 0, 0, 1}),
                                 .port = server.port(),
                                 .timeout = std::chrono::seconds(5),
                                 .settle = std::chrono::milliseconds(0),
                                 .keep = false,
                                 .options = {}};
    asio::io_context loop;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
            for (auto _ : state) {
                const auto result = co_await probes::probe_tcp(probe);
                if (!get<probes::TcpFacts>(result.observation.facts).connected) {
                    state.SkipWithError("not connected");
                    co_return;
                }
            }
        },
        asio::detached);
    loop.run();
}
BENCHMARK(tcp_probe)->MeasureProcessCPUTime()->Unit(benchmark::kMicrosecond);

void tcp_round(benchmark::State& state) {
    const auto server = ServerProcess::tcp();
    auto endpoint = endpoint_at(server.port());
    endpoint.tls.mode = config::TlsMode::off;
    run_rounds(state, endpoint, 1);
}
BENCHMARK(tcp_round)->MeasureProcessCPUTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace whylink::bench
