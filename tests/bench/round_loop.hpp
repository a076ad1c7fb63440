// Whole rounds of one endpoint, probed and judged, as the measured loop.
#pragma once

#include <benchmark/benchmark.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

#include "checks/judge.hpp"
#include "config/config.hpp"
#include "daemon/round.hpp"

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

inline void run_rounds(benchmark::State& state, const config::Endpoint& endpoint) {
    probes::TlsContexts contexts;
    daemon::RoundContext context{.tls = contexts};
    asio::io_context loop;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
            for (auto _ : state) {
                auto observations = co_await daemon::run_endpoint(endpoint, context);
                const auto verdict = checks::judge_endpoint(endpoint, std::move(observations),
                                                            std::chrono::system_clock::now());
                if (!verdict.healthy) {
                    state.SkipWithError(verdict.diagnosis.summary.c_str());
                    co_return;
                }
            }
        },
        asio::detached);
    loop.run();
}

}  // namespace whylink::bench
