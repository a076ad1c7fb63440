#include "daemon/round/round.hpp"

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include "daemon/round/connection_stage.hpp"
#include "daemon/round/plain_attempt.hpp"
#include "probes/dns/zone_names.hpp"
#include "probes/gather.hpp"
#include "probes/host/next_hop.hpp"

namespace whylink::daemon {
namespace {

using probes::Observation;

int wire_version(config::TlsVersion version) {
    return 0x0301 + static_cast<int>(version);
}

probes::TlsSettings settings_of(const config::Tls& tls) {
    return {.ca_file = tls.ca_file,
            .cert_file = tls.cert_file,
            .key_file = tls.key_file,
            .min_version = wire_version(tls.min_version),
            .alpn = tls.alpn};
}

asio::awaitable<void> probe_address(const config::Endpoint& endpoint, IpAddress address,
                                    const TlsContextOrFault& tls, const Capturing& capturing,
                                    ConnectionResult& result) {
    result = co_await probe_connection(plan_of(endpoint, address), tls, capturing);
    if (const config::App app = plain_app(endpoint, result); app != config::App::none) {
        if (auto spoken = co_await attempt_plain(plan_of(endpoint, address), app)) {
            result.app = std::move(spoken);
        }
    }
}

/// Only where no SYN was seen to leave does the next hop explain anything.
probes::NextHop next_hop_of(const config::Endpoint& endpoint, const IpAddress& address,
                            const std::optional<Observation>& tcp, const probes::PacketFacts& packets) {
    const auto* facts = tcp ? std::get_if<probes::TcpFacts>(&tcp->facts) : nullptr;
    const bool unseen = facts != nullptr && !facts->connected && !tcp->local && packets.syn == 0;
    return unseen ? probes::next_hop(address, socket_options(endpoint)) : probes::NextHop::unknown;
}

probes::CapturedConnection packets_of(const config::Endpoint& endpoint, const IpAddress& address,
                                      const ConnectionResult& result) {
    probes::CapturedConnection connection;
    connection.address = address;
    connection.port = endpoint.port;
    connection.started = result.tcp->started;
    connection.took = result.tcp->took + (result.tls ? result.tls->took : probes::Nanoseconds()) +
                      (result.app ? result.app->took : probes::Nanoseconds());
    connection.facts = result.flow->facts();
    connection.facts.next_hop = next_hop_of(endpoint, address, result.tcp, connection.facts);
    return connection;
}

/// Reads what the kernel has first: all packets of what has ended are there.
void take_packets(const config::Endpoint& endpoint, const std::vector<IpAddress>& addresses,
                  std::vector<ConnectionResult>& results, const Capturing& capturing, Measured& measured) {
    if (!capturing.tap) {
        return;
    }
    capturing.tap->drain();
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        if (!results[i].flow) {
            continue;
        }
        measured.round.packets.push_back(packets_of(endpoint, addresses[i], results[i]));
        measured.frames.merge(results[i].flow->take_frames());
    }
}

asio::awaitable<void> probe_addresses(const config::Endpoint& endpoint,
                                      const std::vector<IpAddress>& addresses, const TlsContextOrFault& tls,
                                      const Capturing& capturing, Measured& measured) {
    std::vector<ConnectionResult> results(addresses.size());
    std::vector<asio::awaitable<void>> tasks;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        tasks.push_back(probe_address(endpoint, addresses[i], tls, capturing, results[i]));
    }
    co_await probes::gather(std::move(tasks));
    take_packets(endpoint, addresses, results, capturing, measured);
    for (ConnectionResult& result : results) {
        for (std::optional<Observation>* stage : {&result.tcp, &result.tls, &result.app}) {
            if (*stage) {
                measured.round.probes.push_back(std::move(**stage));
            }
        }
    }
}

asio::awaitable<Measured> ask_captured(std::vector<Question> questions, const config::Common& common,
                                       config::Family family, const RoundContext& context,
                                       const Capturing& capturing) {
    Measured measured;
    if (!capturing.tap) {
        measured.round.probes = co_await ask(std::move(questions), common, family, context.files);
        co_return measured;
    }
    DnsCapture capture{*capturing.tap,
                       [&capturing](const ResolverAddress& resolver) {
                           capturing.packets->expect_resolver(resolver.address, resolver.port);
                       },
                       {}};
    measured.round.probes = co_await ask(std::move(questions), common, family, context.files, &capture);
    capturing.tap->drain();
    for (probes::FollowedFlow& flow : capture.flows) {
        measured.frames.merge(flow.take_frames());
    }
    co_return measured;
}

/// An address needs no DNS, but the public name that belongs to it does.
std::vector<Question> questions_of(const config::Endpoint& endpoint) {
    std::vector<Question> questions;
    if (!endpoint.address) {
        questions.push_back({endpoint.host, probes::NameRole::host});
    }
    if (!endpoint.public_host.empty()) {
        questions.push_back({endpoint.public_host, probes::NameRole::public_host});
    }
    return questions;
}

/// One-shot commands may take a stage longer, and with a short `timeout` what a follow-up test of three stages
/// needs, for nobody asks again; the daemon's next round of the endpoint is not to find this one under way.
std::chrono::steady_clock::time_point end_of_follow_ups(const config::Endpoint& endpoint,
                                                        std::chrono::steady_clock::time_point start,
                                                        bool one_shot) {
    constexpr std::chrono::milliseconds three_stages{2000};
    if (one_shot) {
        return std::chrono::steady_clock::now() +
               std::max<std::chrono::milliseconds>(endpoint.timeout, three_stages);
    }
    const auto margin = std::clamp<std::chrono::milliseconds>(
        endpoint.interval / 10, std::chrono::milliseconds(100), std::chrono::milliseconds(1000));
    return start + endpoint.interval - margin;
}

}  // namespace

TlsContextOrFault tls_context_of(const config::Endpoint& endpoint, RoundContext& context) {
    return endpoint.tls.mode == config::TlsMode::off ? TlsContextOrFault()
                                                     : context.tls.get(settings_of(endpoint.tls));
}

asio::awaitable<Measured> run_endpoint(const config::Endpoint& endpoint, RoundContext& context,
                                       FollowUpMemory* memory) {
    const auto start = std::chrono::steady_clock::now();
    const Capturing capturing(context.packets);
    Measured measured;
    if (std::vector<Question> questions = questions_of(endpoint); !questions.empty()) {
        measured = co_await ask_captured(std::move(questions), endpoint, endpoint.family, context, capturing);
    }
    std::vector<IpAddress> addresses;
    if (endpoint.address) {
        addresses.push_back(*endpoint.address);
    } else {
        const probes::SocketOptions options = socket_options(endpoint);
        addresses = addresses_to_try(
            measured.round.probes, endpoint.family,
            [&options](const IpAddress& address) { return probes::has_route(address, options); });
    }
    const TlsContextOrFault tls = tls_context_of(endpoint, context);
    co_await probe_addresses(endpoint, addresses, tls, capturing, measured);
    if (context.follow_ups) {
        FollowUpRound further{.endpoint = endpoint,
                              .files = context.files,
                              .tls = tls,
                              .budget = *context.follow_ups,
                              .memory = memory,
                              .until = end_of_follow_ups(endpoint, start, memory == nullptr)};
        co_await follow_up(std::move(further), measured);
    }
    co_return measured;
}

asio::awaitable<Measured> run_zone(const config::Zone& zone, RoundContext& context) {
    std::vector<Question> questions;
    for (probes::ZoneName& name : probes::zone_names(zone.zone, zone.known_labels, zone.random_labels)) {
        questions.push_back({std::move(name.name), name.role});
    }
    Measured measured;
    measured.round.probes = co_await ask(std::move(questions), zone, zone.family, context.files);
    co_return measured;
}

asio::awaitable<Measured> run_watch(const config::Watch& watch, RoundContext& context) {
    if (context.packets == nullptr) {
        co_return Measured{};
    }
    const std::chrono::nanoseconds looked = context.packets->looking_for(watch.name);
    if (looked < watch.window) {
        asio::steady_timer rest(co_await asio::this_coro::executor, watch.window - looked);
        co_await rest.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    }
    co_return context.packets->look(watch);
}

asio::awaitable<Measured> run_round(const config::Target& target, RoundContext& context,
                                    FollowUpMemory* memory) {
    if (target.endpoint() != nullptr) {
        return run_endpoint(*target.endpoint(), context, memory);
    }
    return target.zone() != nullptr ? run_zone(*target.zone(), context) : run_watch(*target.watch(), context);
}

}  // namespace whylink::daemon
