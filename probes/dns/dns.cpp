#include "probes/dns/dns.hpp"

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <iterator>
#include <memory>
#include <utility>

#include "config/dns_name.hpp"
#include "probes/dns/exchange.hpp"

namespace whylink::probes {
namespace {

using Clock = std::chrono::steady_clock;
using Exchanges = std::vector<std::unique_ptr<DnsExchange>>;

bool all_ended(const Exchanges& exchanges) {
    return std::ranges::all_of(exchanges, [](const auto& exchange) { return exchange->ended(); });
}

/// The reply to a query without EDNS is taken once its time has come.
void settle_due(const Exchanges& exchanges, Clock::time_point now) {
    for (const auto& exchange : exchanges) {
        if (const auto at = exchange->settle_at(); at && *at <= now) {
            exchange->settle();
        }
    }
}

Clock::time_point next_settlement(const Exchanges& exchanges, Clock::time_point before) {
    for (const auto& exchange : exchanges) {
        before = std::min(before, exchange->settle_at().value_or(before));
    }
    return before;
}

void send_all_again(const Exchanges& exchanges) {
    for (const auto& exchange : exchanges) {
        exchange->send_again();
        exchange->send_without_edns();
    }
}

/// Asks all questions until each has ended or the time is up; false when it was cancelled before.
asio::awaitable<bool> exchange_all(const Exchanges& exchanges, asio::steady_timer& wake,
                                   std::chrono::milliseconds retransmit, Clock::time_point deadline) {
    for (const auto& exchange : exchanges) {
        exchange->start();
    }
    auto next_send = Clock::now() + retransmit;
    for (;;) {
        const auto now = Clock::now();
        settle_due(exchanges, now >= deadline ? Clock::time_point::max() : now);
        if (all_ended(exchanges) || now >= deadline) {
            break;
        }
        if (now >= next_send) {
            send_all_again(exchanges);
            next_send = now + retransmit;
            continue;
        }
        wake.expires_at(next_settlement(exchanges, std::min(next_send, deadline)));
        co_await wake.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
        // The wait is aborted by every exchange that ends, and by a cancellation from outside: they look
        // alike.
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        if (cancellation.cancelled() != asio::cancellation_type::none) {
            co_return false;
        }
    }
    co_return true;
}

DnsQuery query_facts(const DnsExchange& exchange, Clock::time_point start, bool time_is_up) {
    DnsQuery query = exchange.facts();
    query.timed_out = !exchange.ended() && time_is_up;
    const Clock::time_point end = exchange.ended() ? exchange.ended_at() : Clock::now();
    query.took = std::max(end - exchange.asked_at().value_or(start), Clock::duration::zero());
    return query;
}

/// A query that this host could not make spoils the probe only if no other one got a reply; else it is one
/// family's error beside the other's answer.
void add_local_errors(const Exchanges& exchanges, DnsFacts& facts, Rare<LocalError>& local) {
    const bool replied =
        std::ranges::any_of(facts.queries, [](const DnsQuery& query) { return query.rcode.has_value(); });
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        const auto& fault = exchanges[i]->local();
        if (fault && replied) {
            facts.queries[i].error = fault->error;
        } else if (fault) {
            local = fault;
        }
    }
}

}  // namespace

DnsFacts facts_before(const DnsProbe& probe) {
    DnsFacts facts;
    facts.name = canonical_name(probe.name);
    facts.role = probe.role;
    facts.resolver = probe.resolver;
    facts.resolver_port = probe.resolver_port;
    facts.from_system = probe.from_system;
    return facts;
}

asio::awaitable<Observation> probe_dns(DnsProbe probe) {
    const auto executor = co_await asio::this_coro::executor;
    const auto start = Clock::now();
    Observation observation;
    observation.stage = Stage::dns;
    observation.started = WallClock::now();
    DnsFacts facts = facts_before(probe);

    asio::steady_timer wake(executor);
    Exchanges exchanges;
    for (const RecordType type : probe.types) {
        DnsExchangePlan plan{.question = {.name = facts.name, .type = type},
                             .server = {probe.resolver, probe.resolver_port, probe.resolver_scope},
                             .way = probe.way,
                             .patience = probe.timeout,
                             .tap = probe.tap};
        exchanges.push_back(make_dns_exchange(executor, std::move(plan), [&wake] { wake.cancel(); }));
    }
    const bool time_is_up = co_await exchange_all(
        exchanges, wake, std::max(probe.retransmit, std::chrono::milliseconds(1)), start + probe.timeout);

    for (const auto& exchange : exchanges) {
        facts.queries.push_back(query_facts(*exchange, start, time_is_up));
        observation.took = std::max(observation.took, facts.queries.back().took);
        if (probe.flows != nullptr) {
            std::ranges::move(exchange->take_flows(), std::back_inserter(*probe.flows));
        }
    }
    add_local_errors(exchanges, facts, observation.local);
    observation.facts = std::move(facts);
    co_return observation;
}

}  // namespace whylink::probes
