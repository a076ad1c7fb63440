#include "daemon/round.hpp"

#include <iterator>
#include <utility>
#include <variant>

#include "probes/gather.hpp"
#include "probes/tcp.hpp"
#include "probes/zone_names.hpp"

namespace whylink::daemon {
namespace {

using probes::LocalError;
using probes::Observation;

/// PostgreSQL and MySQL begin in plain text and negotiate TLS inside their own protocol: a ClientHello as the
/// first bytes is an error to them, so it would be a finding about us.
bool begins_with_tls(const config::Endpoint& endpoint) {
    return endpoint.tls.mode != config::TlsMode::off && endpoint.app != config::App::postgres &&
           endpoint.app != config::App::mysql;
}

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

probes::SocketOptions socket_options(const config::Endpoint& endpoint) {
    return {
        .source_address = endpoint.source_address, .interface = endpoint.interface, .mark = endpoint.mark};
}

struct AddressResult {
    std::optional<Observation> tcp;
    std::optional<Observation> tls;
};

Observation tls_not_made(const config::Endpoint& endpoint, const IpAddress& address, LocalError error) {
    Observation observation;
    observation.stage = probes::Stage::tls;
    observation.started = probes::WallClock::now();
    observation.address = address;
    observation.port = endpoint.port;
    observation.local = std::move(error);
    probes::TlsFacts facts;
    facts.server_name = endpoint.tls.server_name;
    observation.facts = std::move(facts);
    return observation;
}

/// Without a TLS context the connection is still tried, and only the handshake is ours to answer for.
asio::awaitable<void> probe_address(const config::Endpoint& endpoint, IpAddress address,
                                    const std::variant<probes::TlsContextPtr, LocalError>& tls,
                                    AddressResult& result) {
    const bool has_tls = begins_with_tls(endpoint);
    const auto* context = std::get_if<probes::TlsContextPtr>(&tls);
    probes::TcpProbe tcp;
    tcp.address = address;
    tcp.port = endpoint.port;
    tcp.timeout = endpoint.timeout;
    tcp.settle = has_tls ? std::chrono::milliseconds(0) : endpoint.settle;
    tcp.keep = has_tls && context != nullptr;
    tcp.options = socket_options(endpoint);
    probes::TcpResult connected = co_await probes::probe_tcp(std::move(tcp));
    auto* facts = std::get_if<probes::TcpFacts>(&connected.observation.facts);
    if (facts != nullptr)
        facts->has_tls = has_tls;
    const bool failed = connected.observation.local || facts == nullptr || !facts->connected;
    result.tcp = std::move(connected.observation);
    if (!has_tls || failed)
        co_return;
    if (context == nullptr) {
        result.tls = tls_not_made(endpoint, address, std::get<LocalError>(tls));
        co_return;
    }
    if (!connected.socket)
        co_return;
    probes::TlsProbe probe;
    probe.address = address;
    probe.port = endpoint.port;
    probe.server_name = endpoint.tls.server_name;
    probe.verify = endpoint.tls.verify;
    probe.timeout = endpoint.timeout;
    probe.context = *context;
    result.tls = co_await probes::probe_tls(std::move(probe), std::move(*connected.socket));
}

asio::awaitable<void> probe_addresses(const config::Endpoint& endpoint,
                                      const std::vector<IpAddress>& addresses, RoundContext& context,
                                      std::vector<Observation>& observations) {
    std::variant<probes::TlsContextPtr, LocalError> tls;
    if (begins_with_tls(endpoint))
        tls = context.tls.get(settings_of(endpoint.tls));
    std::vector<AddressResult> results(addresses.size());
    std::vector<asio::awaitable<void>> tasks;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        tasks.push_back(probe_address(endpoint, addresses[i], tls, results[i]));
    }
    co_await probes::gather(std::move(tasks));
    for (AddressResult& result : results) {
        if (result.tcp)
            observations.push_back(std::move(*result.tcp));
        if (result.tls)
            observations.push_back(std::move(*result.tls));
    }
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

}  // namespace

void prepare(const config::Endpoint& endpoint, RoundContext& context) {
    if (begins_with_tls(endpoint))
        static_cast<void>(context.tls.get(settings_of(endpoint.tls)));
}

asio::awaitable<std::vector<Observation>> run_endpoint(const config::Endpoint& endpoint,
                                                       RoundContext& context) {
    std::vector<Observation> observations;
    if (std::vector<Question> questions = questions_of(endpoint); !questions.empty()) {
        observations = co_await ask(std::move(questions), endpoint, endpoint.family, context.files);
    }
    std::vector<IpAddress> addresses;
    if (endpoint.address) {
        addresses.push_back(*endpoint.address);
    } else {
        const probes::SocketOptions options = socket_options(endpoint);
        addresses = addresses_to_try(observations, endpoint.family, [&options](const IpAddress& address) {
            return probes::has_route(address, options);
        });
    }
    co_await probe_addresses(endpoint, addresses, context, observations);
    co_return observations;
}

asio::awaitable<std::vector<Observation>> run_zone(const config::Zone& zone, RoundContext& context) {
    std::vector<Question> questions;
    for (probes::ZoneName& name : probes::zone_names(zone.zone, zone.known_labels, zone.random_labels)) {
        questions.push_back({std::move(name.name), name.role});
    }
    co_return co_await ask(std::move(questions), zone, zone.family, context.files);
}

}  // namespace whylink::daemon
