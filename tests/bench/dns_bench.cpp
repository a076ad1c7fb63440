// What a DNS query costs beside a bare socket.
#include <benchmark/benchmark.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include <variant>
#include <vector>

#include "baseline.hpp"
#include "probes/dns/dns.hpp"
#include "servers.hpp"

namespace whylink::bench {
namespace {

void dns_bare_epoll(benchmark::State& state) {
    const auto server = ServerProcess::dns();
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    for (auto _ : state) {
        bare_dns(epoll, server.port());
    }
    ::close(epoll);
}
BENCHMARK(dns_bare_epoll)->MeasureProcessCPUTime()->Unit(benchmark::kMicrosecond);

void run_dns_probes(benchmark::State& state, const std::vector<probes::RecordType>& types) {
    const auto server = ServerProcess::dns();
    probes::DnsProbe probe;
    probe.name = "abcd.link.example.test";
    probe.resolver = IpAddress::v4({127, 0, 0, 1});
    probe.resolver_port = server.port();
    probe.types = types;
    asio::io_context loop;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
            for (auto _ : state) {
                const auto observation = co_await probes::probe_dns(probe);
                if (get<probes::DnsFacts>(observation.facts).queries.at(0).answers.empty()) {
                    state.SkipWithError("no answer");
                    co_return;
                }
            }
        },
        asio::detached);
    loop.run();
}

void dns_query_a(benchmark::State& state) {
    run_dns_probes(state, {probes::RecordType::a});
}
BENCHMARK(dns_query_a)->MeasureProcessCPUTime()->Unit(benchmark::kMicrosecond);

/// Two queries: halve it for the cost of one.
void dns_probe_a_and_aaaa(benchmark::State& state) {
    run_dns_probes(state, {probes::RecordType::a, probes::RecordType::aaaa});
}
BENCHMARK(dns_probe_a_and_aaaa)->MeasureProcessCPUTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace whylink::bench
