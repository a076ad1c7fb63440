// Whole rounds of one endpoint, probed and judged, as the measured loop.
#pragma once

#include <benchmark/benchmark.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "checks/explain/explain.hpp"
#include "checks/judge.hpp"
#include "config/config.hpp"
#include "daemon/round/round.hpp"

namespace whylink::bench {

/// An endpoint on 127.0.0.1, watched for no time after its connection is up.
inline config::Endpoint endpoint_at(std::uint16_t port) {
    config::Endpoint endpoint;
    endpoint.name = "bench";
    endpoint.host = "127.0.0.1";
    endpoint.address = IpAddress::v4({127, 0, 0, 1});
    endpoint.port = port;
    endpoint.settle = config::Duration(0);
    return endpoint;
}

inline asio::awaitable<void> run_round(benchmark::State& state, const config::Endpoint& endpoint,
                                       daemon::RoundContext& context) {
    auto measured = co_await daemon::run_endpoint(endpoint, context);
    const auto verdict = checks::judge(
        endpoint, checks::assess(endpoint, std::move(measured.round), std::chrono::system_clock::now()));
    if (!verdict.healthy) {
        state.SkipWithError(checks::explain(endpoint, verdict).summary.c_str());
    }
}

/// Each iteration runs `at_once` rounds side by side; the counter `round` is the CPU time of one.
inline void run_rounds(benchmark::State& state, const config::Endpoint& endpoint, std::size_t at_once) {
    probes::TlsContexts contexts;
    asio::io_context loop;
    daemon::RoundContext context{.tls = contexts, .files = {}};
    for (auto _ : state) {
        for (std::size_t i = 0; i < at_once; ++i) {
            asio::co_spawn(loop, run_round(state, endpoint, context), asio::detached);
        }
        loop.run();
        loop.restart();
    }
    using benchmark::Counter;
    state.counters["round"] = Counter(static_cast<double>(at_once) * static_cast<double>(state.iterations()),
                                      Counter::kIsRate | Counter::kInvert);
}

}  // namespace whylink::bench
