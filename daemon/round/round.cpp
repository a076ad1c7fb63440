#include "daemon/round/round.hpp"

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include "checks/as_named.hpp"
#include "config/capacity.hpp"
#include "daemon/packets/flow_frames.hpp"
#include "daemon/round/connection_stage.hpp"
#include "daemon/round/finite_field_attempt.hpp"
#include "daemon/round/http2_attempt.hpp"
#include "daemon/round/plain_attempt.hpp"
#include "probes/dns/zone_names.hpp"
#include "probes/gather.hpp"
#include "probes/host/next_hop.hpp"

namespace whylink::daemon {
namespace {

using probes::Observation;

// Some of them may be there.
constexpr std::string_view answers_missing = "answers missing";

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

struct ProbedAddress {
    ConnectionResult result;
    std::vector<probes::FollowedFlow> further;  ///< of the connections that were made beside it
};

void keep_flow(std::optional<probes::FollowedFlow>& flow, ProbedAddress& probed) {
    if (flow) {
        probed.further.push_back(std::move(*flow));
    }
}

/// What answers in HTTP/2 is asked in it.
asio::awaitable<void> ask_in_http2(ConnectionPlan plan, const TlsContextOrFault& tls,
                                   const Capturing& capturing, ProbedAddress& probed) {
    if (auto spoken = co_await attempt_http2(std::move(plan), tls, capturing)) {
        probed.result.app = std::move(spoken);
    }
}

asio::awaitable<std::optional<Observation>> in_plain_text(ConnectionPlan plan, config::App app,
                                                          const Capturing& capturing, ProbedAddress& probed) {
    PlainAttempt attempt = co_await attempt_plain(std::move(plan), app, capturing);
    keep_flow(attempt.flow, probed);
    co_return std::move(attempt.app);
}

/// After a TLS handshake that failed as it does where plain text is spoken.
asio::awaitable<void> try_plain_text(ConnectionPlan plan, config::App app, const Capturing& capturing,
                                     ProbedAddress& probed) {
    std::optional<Observation> said = co_await in_plain_text(std::move(plan), app, capturing, probed);
    if (said && has_spoken(*said)) {
        probed.result.app = std::move(said);
    }
}

asio::awaitable<void> probe_as_configured(const config::Endpoint& endpoint, IpAddress address,
                                          const TlsContextOrFault& tls, const Capturing& capturing,
                                          ProbedAddress& probed) {
    probed.result = co_await probe_connection(plan_of(endpoint, address), tls, capturing);
    if (lacks_common_cipher(probed.result)) {
        co_await attempt_finite_field(plan_of(endpoint, address), tls, capturing, probed.result);
    }
    if (answers_in_http2(probed.result)) {
        co_await ask_in_http2(plan_of(endpoint, address), tls, capturing, probed);
    }
}

asio::awaitable<void> probe_by_port(const config::Endpoint& endpoint, ConnectionPlan own,
                                    const TlsContextOrFault& tls, const Capturing& capturing,
                                    ProbedAddress& probed) {
    ConnectionResult& result = probed.result;
    result = co_await probe_connection(own, tls, capturing);
    if (answers_in_http2(result)) {
        co_await ask_in_http2(own, tls, capturing, probed);
    }
    if (is_settled(result)) {
        co_return;
    }
    const bool no_tls = offers_no_tls(result);
    std::optional<Observation> said = result.app;  // in its own protocol, where that settles nothing
    if (no_tls) {
        said = co_await in_plain_text(own, own.app.app, capturing, probed);
    }
    if (no_tls && said) {
        result.app = std::move(said);
        co_return;
    }
    keep_flow(result.flow, probed);
    co_await probe_as_configured(endpoint, own.address, tls, capturing, probed);
    if (plain_app(endpoint, result) != config::App::none && said && has_spoken(*said)) {
        result.app = std::move(said);
    }
}

asio::awaitable<void> probe_address(const config::Endpoint& endpoint, IpAddress address,
                                    const TlsContextOrFault& tls, const Capturing& capturing,
                                    ProbedAddress& probed) {
    co_await probe_as_configured(endpoint, address, tls, capturing, probed);
    const config::App app = plain_app(endpoint, probed.result);
    if (app != config::App::none) {
        co_await try_plain_text(plan_of(endpoint, address), app, capturing, probed);
    }
}

/// Its first attempts are in the own protocol of a port that has one, where that is left open.
asio::awaitable<void> probe_task(const config::Endpoint& endpoint, const IpAddress& address,
                                 const TlsContextOrFault& tls, const Capturing& capturing,
                                 ProbedAddress& probed) {
    if (std::optional<ConnectionPlan> own = own_protocol(endpoint, address)) {
        return probe_by_port(endpoint, *std::move(own), tls, capturing, probed);
    }
    return probe_address(endpoint, address, tls, capturing, probed);
}

/// Only where no SYN was seen to leave does the next hop explain anything.
probes::NextHop next_hop_of(const config::Endpoint& endpoint, const IpAddress& address,
                            const std::optional<Observation>& tcp, const probes::PacketFacts& packets) {
    const auto* facts = tcp ? get_if<probes::TcpFacts>(&tcp->facts) : nullptr;
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
                  std::vector<ProbedAddress>& probed, const Capturing& capturing, Measured& measured) {
    if (!capturing.tap) {
        return;
    }
    capturing.tap->drain();
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        ConnectionResult& result = probed[i].result;
        if (result.flow) {
            measured.round.packets.push_back(packets_of(endpoint, addresses[i], result));
            measured.frames.merge(described_frames(*result.flow));
        }
        for (probes::FollowedFlow& flow : probed[i].further) {
            measured.frames.merge(described_frames(flow));
        }
    }
}

asio::awaitable<void> probe_addresses(const config::Endpoint& endpoint,
                                      const std::vector<IpAddress>& addresses, const TlsContextOrFault& tls,
                                      const Capturing& capturing, std::function<bool()> go_on,
                                      Measured& measured) {
    std::vector<ProbedAddress> probed(addresses.size());
    std::vector<asio::awaitable<void>> tasks;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        tasks.push_back(probe_task(endpoint, addresses[i], tls, capturing, probed[i]));
    }
    co_await probes::gather_few(std::move(tasks), config::max_connections, std::move(go_on));
    take_packets(endpoint, addresses, probed, capturing, measured);
    for (auto& [result, further] : probed) {
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
        measured.frames.merge(described_frames(flow));
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
std::chrono::steady_clock::time_point end_of_round(const config::Endpoint& endpoint,
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

/// Whether the next address may be begun: that its first stage may time out must fit in what is left of the round.
std::function<bool()> until_end_of_round(const config::Endpoint& endpoint, const RoundContext& context,
                                         std::chrono::steady_clock::time_point start, bool one_shot) {
    if (one_shot) {
        return [until = context.until] { return std::chrono::steady_clock::now() < until; };
    }
    return [latest = end_of_round(endpoint, start, one_shot) - endpoint.timeout] {
        return std::chrono::steady_clock::now() <= latest;
    };
}

std::vector<IpAddress> choose_addresses(const config::Endpoint& endpoint, const RoundContext& context,
                                        std::vector<Observation>& answers) {
    if (endpoint.address) {
        return {*endpoint.address};
    }
    const probes::SocketOptions options = socket_options(endpoint);
    const auto now = OwnAddresses::Clock::now();
    mark_own_answers(answers, endpoint, context.names_from, [&context, now](const IpAddress& address) {
        return context.own_addresses->contains(address, now);
    });
    std::vector<IpAddress> addresses = addresses_to_try(
        answers, endpoint.family,
        [&options](const IpAddress& address) { return probes::has_route(address, options); });
    leave_out_special(addresses, answers, endpoint, context.names_from);
    leave_out_surplus(addresses, endpoint);
    return addresses;
}

std::vector<IpAddress> refused_addresses(const std::vector<IpAddress>& addresses,
                                         const RoundContext& context) {
    std::vector<IpAddress> refused;
    if (context.may_connect) {
        std::ranges::copy_if(addresses, std::back_inserter(refused),
                             [&context](const IpAddress& address) { return !context.may_connect(address); });
    }
    return refused;
}

}  // namespace

TlsContextOrFault tls_context_of(const config::Endpoint& endpoint, RoundContext& context) {
    return endpoint.tls.mode == config::TlsMode::off ? TlsContextOrFault()
                                                     : context.tls.get(settings_of(endpoint.tls));
}

asio::awaitable<Measured> run_endpoint(const config::Endpoint& given, RoundContext& context,
                                       FollowUpMemory* memory) {
    const auto start = std::chrono::steady_clock::now();
    Capturing capturing(context.packets, context.waiting);
    capturing.until = context.until;
    Measured measured;
    if (std::vector<Question> questions = questions_of(given); !questions.empty()) {
        config::Common asking = given;
        asking.timeout = std::min(asking.timeout, context.max_dns_time);
        const Wait wait(context.waiting, "DNS", questions.front().name, answers_missing, asking.timeout);
        measured = co_await ask_captured(std::move(questions), asking, given.family, context, capturing);
    }
    // The names that were given may say more of the endpoint than its config does.
    measured.target = checks::named_target(given, measured.round.probes);
    measured.round.proxies = context.proxies;
    measured.round.cloud = context.cloud;
    const config::Endpoint& endpoint = measured.target == nullptr ? given : *measured.target->endpoint();
    const std::vector<IpAddress> addresses = choose_addresses(endpoint, context, measured.round.probes);
    measured.refused = refused_addresses(addresses, context);
    if (!measured.refused.empty()) {
        co_return measured;
    }
    const TlsContextOrFault tls = tls_context_of(endpoint, context);
    co_await probe_addresses(endpoint, addresses, tls, capturing,
                             until_end_of_round(endpoint, context, start, memory == nullptr), measured);
    if (context.follow_ups) {
        FollowUpRound further{.endpoint = endpoint,
                              .files = context.files,
                              .tls = tls,
                              .budget = *context.follow_ups,
                              .memory = memory,
                              .until = end_of_round(endpoint, start, memory == nullptr),
                              .capturing = &capturing,
                              .own_addresses = context.own_addresses.get()};
        if (auto under_way = follow_up(std::move(further), measured)) {
            co_await *std::move(under_way);
        }
    }
    co_return measured;
}

asio::awaitable<Measured> run_zone(const config::Zone& zone, RoundContext& context) {
    std::vector<Question> questions;
    for (probes::ZoneName& name : probes::zone_names(zone.zone, zone.known_labels, zone.random_labels)) {
        questions.push_back({std::move(name.name), name.role});
    }
    const Wait wait(context.waiting, "DNS", zone.zone, answers_missing, zone.timeout);
    Measured measured;
    measured.round.probes = co_await ask(std::move(questions), zone, zone.family, context.files);
    measured.round.cloud = context.cloud;
    co_return measured;
}

asio::awaitable<Measured> run_watch(const config::Watch& watch, RoundContext& context) {
    if (context.packets == nullptr) {
        co_return Measured{};
    }
    const std::chrono::nanoseconds looked = context.packets->looking_for(watch.name);
    if (looked < watch.window) {
        const Wait wait(context.waiting, "watch", watch.name, "packets are captured", watch.window);
        asio::steady_timer rest(co_await asio::this_coro::executor, watch.window - looked);
        co_await rest.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    }
    Measured measured = context.packets->look(watch);
    measured.round.cloud = context.cloud;
    co_return measured;
}

asio::awaitable<Measured> run_round(const config::Target& target, RoundContext& context,
                                    FollowUpMemory* memory) {
    if (target.endpoint() != nullptr) {
        return run_endpoint(*target.endpoint(), context, memory);
    }
    return target.zone() != nullptr ? run_zone(*target.zone(), context) : run_watch(*target.watch(), context);
}

}  // namespace whylink::daemon
