#include "daemon/probe/run_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checks/stages/addresses.hpp"
#include "config/dns_name.hpp"
#include "config/document.hpp"
#include "config/duration.hpp"
#include "config/resolver_text.hpp"
#include "config/target.hpp"
#include "daemon/probe/http_url.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/probe_view.hpp"
#include "probes/tcp/socket_options.hpp"

namespace whylink::daemon {
namespace {

using Clock = std::chrono::steady_clock;
using probes::AppFacts;
using probes::DnsFacts;
using probes::Observation;
using probes::TcpFacts;
using probes::TlsFacts;

/// What one round is to be of.
struct Step {
    config::Endpoint endpoint;
    bool is_configured = false;  ///< and so may be connected to wherever its name leads
};

using StepOrRefusal = std::variant<Step, ProbeAnswer>;

/// An address that may be probed is right, whatever DNS zone or address space it is in: only the connection is judged.
std::vector<Cidr> every_address() {
    return {*Cidr::parse("0.0.0.0/0"), *Cidr::parse("::/0")};
}

std::vector<unsigned> all_2xx() {
    std::vector<unsigned> codes;
    for (unsigned code = 200; code < 300; ++code) {
        codes.push_back(code);
    }
    return codes;
}

std::string not_allowed_text(std::string_view what) {
    return fmt::format(
        "{} is not allowed: it is neither a configured endpoint nor inside \"allow\" of [probe]", what);
}

/// Of any name, whatever [probe] allows.
StepOrRefusal made_step(const ProbeOrder& order, const std::string& place, bool tls) {
    config::EndpointOptions options;
    options.target = place;
    options.profile = "none";
    options.tls = tls;
    auto made = config::endpoint_for(options);
    if (const auto* errors = std::get_if<config::TargetErrors>(&made)) {
        return refusal(400, errors->front());
    }
    Step step{std::get<config::Endpoint>(std::move(made)), false};
    step.endpoint.name = order.target;
    step.endpoint.expect = every_address();
    step.endpoint.private_space = false;
    step.endpoint.by_name.profile = !step.endpoint.address;
    return step;
}

/// A configured endpoint keeps what belongs to it: its resolvers, its source address, its trust and its certificate.
Step configured_step(const config::Endpoint& endpoint, bool tls) {
    Step step{endpoint, true};
    step.endpoint.app = config::App::none;
    step.endpoint.expect_script.clear();
    step.endpoint.public_host.clear();
    if (!tls) {
        step.endpoint.tls.mode = config::TlsMode::off;
    } else if (step.endpoint.tls.mode == config::TlsMode::off) {
        step.endpoint.tls = {};
        step.endpoint.tls.server_name = endpoint.address ? std::string() : canonical_name(endpoint.host);
    }
    return step;
}

StepOrRefusal step_to(const ProbeOrder& order, const ProbeAccess& access, const std::string& place,
                      bool tls) {
    const auto parts = config::parse_host_port(place);
    if (!parts || !parts->port) {
        return refusal(400, fmt::format("target must be HOST:PORT ([ADDRESS]:PORT for IPv6); found {}",
                                        config::toml_string(place)));
    }
    const config::Endpoint* configured = access.configured(parts->host, *parts->port);
    if (configured == nullptr && !access.allows_any()) {
        return refusal(403, not_allowed_text(place));
    }
    return configured != nullptr ? StepOrRefusal(configured_step(*configured, tls))
                                 : made_step(order, place, tls);
}

/// Of a configured endpoint the path that its own rounds ask for, and "/": others may do what nobody meant to allow.
bool may_ask(const config::Endpoint& endpoint, const std::string& path) {
    return path == "/" || path == endpoint.http_path;
}

StepOrRefusal step_to(const ProbeOrder& order, const ProbeAccess& access, const HttpUrl& url) {
    StepOrRefusal step = step_to(order, access, url.place(), url.tls);
    auto* good = std::get_if<Step>(&step);
    if (good == nullptr) {
        return step;
    }
    if (good->is_configured && !may_ask(good->endpoint, url.path)) {
        if (!access.allows_any()) {
            return refusal(403,
                           fmt::format("{}: of a configured endpoint only / and its http_path are asked for",
                                       not_allowed_text(url.to_string())));
        }
        step = made_step(order, url.place(), url.tls);
        good = std::get_if<Step>(&step);
        if (good == nullptr) {
            return step;
        }
    }
    good->endpoint.app = config::App::http;
    good->endpoint.http_path = url.path;
    good->endpoint.http_status = all_2xx();
    return step;
}

// ---- what a round shows ----

std::string took_text(probes::Nanoseconds took) {
    return fmt::format("{:.3g} ms", std::chrono::duration<double, std::milli>(took).count());
}

std::string stage_text(const checks::JudgedProbe& probe) {
    const Observation& seen = probe.observation;
    std::string what = std::string(slug(seen.stage));
    if (const DnsFacts* dns = probe.dns()) {
        what += fmt::format(" {} by {}", dns->name, resolver_text(*dns));
        std::vector<std::string> addresses;
        for (const probes::DnsAnswer& answer : answers_of(*dns)) {
            addresses.push_back(answer.address.to_string());
        }
        what += addresses.empty() ? "" : " " + abridged(std::move(addresses), 8);
    } else if (seen.address) {
        what += " " + endpoint_text(*seen.address, seen.port);
    }
    if (const AppFacts* app = probe.app(); app != nullptr && !app->said.empty()) {
        what += " " + app->said;
    }
    return fmt::format("{}: {} in {}", what, slug(probe.outcome), took_text(seen.took));
}

/// blackbox_exporter takes IPv6 where there is any.
std::optional<IpAddress> address_that_counts(const checks::Verdict& verdict) {
    std::optional<IpAddress> first;
    for (const checks::JudgedProbe& probe : verdict.probes) {
        if (probe.tcp() != nullptr && probe.observation.address) {
            const bool better = !first || (first->is_v4() && probe.observation.address->is_v6());
            first = better ? probe.observation.address : first;
        }
    }
    return first;
}

/// The first answer is what a program goes on with; without any, the last nameserver was waited for.
probes::Nanoseconds resolve_time(const checks::Verdict& verdict) {
    std::optional<probes::Nanoseconds> first;
    probes::Nanoseconds last{};
    for (const checks::JudgedProbe& probe : verdict.probes) {
        if (probe.dns() == nullptr) {
            continue;
        }
        const probes::Nanoseconds took = probe.observation.took;
        last = std::max(last, took);
        if (checks::passes(probe.outcome)) {
            first = std::min(first.value_or(took), took);
        }
    }
    return first.value_or(last);
}

void add_phases(ProbeResult& result) {
    result.phases.resolve += resolve_time(*result.verdict);
    for (const checks::JudgedProbe& probe : result.verdict->probes) {
        const Observation& seen = probe.observation;
        if (!seen.address || seen.address != result.address) {
            continue;
        }
        result.phases.connect += probe.tcp() != nullptr ? seen.took : probes::Nanoseconds();
        result.phases.tls += probe.tls() != nullptr ? seen.took : probes::Nanoseconds();
        if (const AppFacts* app = probe.app()) {
            const probes::Nanoseconds first = app->first_byte_after.value_or(seen.took);
            result.phases.processing += first;
            result.phases.transfer += seen.took - std::min(first, seen.took);
        }
    }
}

void judge_round(ProbeResult& result, config::TargetPtr given, Measured measured) {
    result.target = measured.target != nullptr ? std::move(measured.target) : std::move(given);
    auto assessed =
        checks::assess(*result.target, std::move(measured.round), std::chrono::system_clock::now());
    result.verdict =
        std::make_shared<const checks::Verdict>(checks::judge(*result.target, std::move(assessed)));
    result.address = address_that_counts(*result.verdict);
    for (const checks::JudgedProbe& probe : result.verdict->probes) {
        result.log.push_back(stage_text(probe));
    }
    add_phases(result);
}

bool is_handshake_good(const TlsFacts& tls) {
    return tls.progress == probes::TlsProgress::complete && (!tls.verified || tls.verify_faults.empty());
}

bool is_connected(const ProbeResult& result) {
    const auto* tcp = facts_of<TcpFacts>(result);
    return tcp != nullptr && tcp->connected;
}

std::optional<int> http_status(const ProbeResult& result) {
    const auto* app = facts_of<AppFacts>(result);
    return app == nullptr ? std::nullopt : app->status;
}

std::string location_of(const ProbeResult& result) {
    constexpr std::array<int, 5> redirects{301, 302, 303, 307, 308};
    const auto* app = facts_of<AppFacts>(result);
    const bool leads_on = app != nullptr && app->http && app->status &&
                          std::ranges::find(redirects, *app->status) != redirects.end();
    return leads_on ? app->http->location : std::string();
}

// ---- the modules ----

class Run {
  public:
    Run(const ProbeOrder& order, const ProbeAccess& access, RoundContext& context,
        const std::function<bool()>& wanted)
        : order_(order), access_(access), context_(context), wanted_(wanted) {
        result_.order = order;
        result_.started = std::chrono::system_clock::now();
        context_.follow_ups = nullptr;
        context_.packets = nullptr;
        context_.until = start_ + order.timeout;
        result_.log.push_back(fmt::format("module {}, target {}, time-out {}", slug(order.module),
                                          order.target, config::format_duration(order.timeout)));
    }

    asio::awaitable<std::variant<ProbeResult, ProbeAnswer>> run() {
        std::optional<ProbeAnswer> refused;
        switch (order_.module) {
            case ProbeModule::tcp_connect:
            case ProbeModule::tcp_tls:
                refused = co_await connect();
                break;
            case ProbeModule::http_2xx:
                refused = co_await fetch();
                break;
            case ProbeModule::dns:
                refused = co_await ask_server();
                break;
        }
        if (refused) {
            co_return *std::move(refused);
        }
        result_.took = Clock::now() - start_;
        co_return std::move(result_);
    }

  private:
    config::Duration time_left() const {
        const auto left = std::chrono::duration_cast<config::Duration>(context_.until - Clock::now());
        return std::max(left, config::Duration(1));
    }

    /// All nameservers are asked at once and waited for: a dead one must leave time for the connection.
    config::Duration dns_time() const {
        constexpr config::Duration most{5'000};
        return std::min(most, std::max(time_left() / 2, config::Duration(1)));
    }

    /// The refusal, if any.
    asio::awaitable<std::optional<ProbeAnswer>> make_round(Step step) {
        context_.may_connect = nullptr;
        if (!step.is_configured) {
            context_.may_connect = [this](const IpAddress& address) { return access_.allows(address); };
        }
        step.endpoint.timeout = time_left();
        step.endpoint.settle = config::Duration(0);
        step.endpoint.experiments = false;
        context_.max_dns_time = dns_time();
        const config::TargetPtr target = config::make_target(std::move(step.endpoint));
        Measured measured = co_await run_endpoint(*target->endpoint(), context_);
        if (!measured.refused.empty()) {
            // Which address it is would tell anybody who asks what this network's names resolve to.
            const config::Endpoint& endpoint = *target->endpoint();
            co_return refusal(
                403, not_allowed_text(endpoint.address ? endpoint_text(*endpoint.address, endpoint.port)
                                                       : "an address of " + endpoint.host));
        }
        judge_round(result_, target, std::move(measured));
        co_return std::nullopt;
    }

    asio::awaitable<std::optional<ProbeAnswer>> connect() {
        const bool tls = order_.module == ProbeModule::tcp_tls;
        StepOrRefusal step = step_to(order_, access_, order_.target, tls);
        if (auto* refused = std::get_if<ProbeAnswer>(&step)) {
            co_return std::move(*refused);
        }
        auto& good = std::get<Step>(step);
        if (tls && !order_.hostname.empty()) {
            good.endpoint.tls.server_name = canonical_name(order_.hostname);
        }
        if (auto refused = co_await make_round(std::move(good))) {
            co_return refused;
        }
        const auto* handshake = facts_of<TlsFacts>(result_);
        result_.success = tls ? handshake != nullptr && is_handshake_good(*handshake) : is_connected(result_);
        co_return std::nullopt;
    }

    // ---- http_2xx ----

    std::variant<HttpUrl, ProbeAnswer> first_url() const {
        std::optional<HttpUrl> url = HttpUrl::parse(order_.target);
        if (!url) {
            return refusal(400, "target must be a URL of http or https, without user and password; found " +
                                    config::toml_string(order_.target));
        }
        return *std::move(url);
    }

    /// The name that is sent, where the target is an address.
    std::optional<ProbeAnswer> take_hostname(Step& step) const {
        if (order_.hostname.empty()) {
            return std::nullopt;
        }
        if (!step.endpoint.address) {
            return refusal(400, "hostname goes with a target whose host is an address");
        }
        step.endpoint.host = canonical_name(order_.hostname);
        step.endpoint.tls.server_name = step.endpoint.host;
        return std::nullopt;
    }

    asio::awaitable<std::optional<ProbeAnswer>> fetch() {
        auto first = first_url();
        if (auto* refused = std::get_if<ProbeAnswer>(&first)) {
            co_return std::move(*refused);
        }
        std::optional<HttpUrl> url = std::get<HttpUrl>(std::move(first));
        while (url) {
            const bool is_first = result_.target == nullptr;
            std::optional<ProbeAnswer> refused = co_await fetch_from(*url, is_first);
            if (refused && is_first) {
                co_return refused;
            }
            if (refused) {
                result_.log.push_back(fmt::format("redirect to {} not followed: {}", url->to_string(),
                                                  refused->body.substr(0, refused->body.find('\n'))));
                co_return std::nullopt;
            }
            const std::string location = location_of(result_);
            if (location.empty()) {
                const std::optional<int> status = http_status(result_);
                result_.success = status && *status >= 200 && *status < 300;
                co_return std::nullopt;
            }
            url = next_url(*url, location);
        }
        co_return std::nullopt;
    }

    /// `url` outlives it.
    asio::awaitable<std::optional<ProbeAnswer>> fetch_from(const HttpUrl& url, bool is_first) {
        StepOrRefusal step = step_to(order_, access_, url);
        if (auto* refused = std::get_if<ProbeAnswer>(&step)) {
            co_return std::move(*refused);
        }
        auto& good = std::get<Step>(step);
        if (is_first) {
            if (auto refused = take_hostname(good)) {
                co_return refused;
            }
        }
        result_.log.push_back("GET " + url.to_string());
        co_return co_await make_round(std::move(good));
    }

    /// Nothing where the way ends here; the log says why.
    std::optional<HttpUrl> next_url(const HttpUrl& from, const std::string& location) {
        if (result_.redirects == max_redirects) {
            result_.log.push_back(fmt::format("stopped after {} redirects", max_redirects));
            return std::nullopt;
        }
        if (!wanted_() || Clock::now() >= context_.until) {
            result_.log.push_back("no time is left for the redirect");
            return std::nullopt;
        }
        ++result_.redirects;
        std::optional<HttpUrl> next = from.resolve(location);
        if (!next) {
            result_.log.push_back("redirect not followed, which leads to no URL of http or https: " +
                                  config::toml_string(location));
        }
        return next;
    }

    // ---- dns ----

    config::Endpoint queried(const config::Resolver& server) const {
        config::Endpoint endpoint;
        endpoint.name = order_.target;
        endpoint.host = order_.query_name;
        endpoint.port = server.port;
        endpoint.expect = every_address();
        endpoint.private_space = false;
        endpoint.experiments = false;
        endpoint.tls.mode = config::TlsMode::off;
        endpoint.timeout = order_.timeout;
        endpoint.resolvers = {server};
        return endpoint;
    }

    /// Addresses of the server; none where its name does not resolve.
    asio::awaitable<std::vector<IpAddress>> addresses_of(const std::string& host) {
        if (const auto address = IpAddress::parse(host)) {
            co_return std::vector<IpAddress>(1, *address);
        }
        config::Common common;
        common.timeout = dns_time();
        std::vector<Question> questions(1);
        questions.front().name = host;
        Measured measured;
        measured.round.probes =
            co_await ask(std::move(questions), common, config::Family::any, context_.files);
        std::vector<IpAddress> addresses =
            addresses_to_try(measured.round.probes, config::Family::any,
                             [](const IpAddress& address) { return probes::has_route(address); });
        // What there is to report where the server itself is not found.
        config::Endpoint server = queried(config::Resolver{});
        server.host = host;
        judge_round(result_, config::make_target(std::move(server)), std::move(measured));
        co_return addresses;
    }

    asio::awaitable<std::optional<ProbeAnswer>> ask_server() {
        constexpr std::uint16_t dns_port = 53;
        const auto place = config::parse_host_port(order_.target);
        if (!place || (!IpAddress::parse(place->host) && host_name_fault(place->host))) {
            co_return refusal(400, "target must be a DNS server, HOST or HOST:PORT; found " +
                                       config::toml_string(order_.target));
        }
        const std::uint16_t port = place->port.value_or(dns_port);
        const config::Endpoint* configured = access_.configured(place->host, port);
        if (configured == nullptr && !access_.allows_any()) {
            co_return refusal(403, not_allowed_text(order_.target));
        }
        const std::vector<IpAddress> addresses = co_await addresses_of(place->host);
        const bool allowed = std::ranges::all_of(addresses, [&](const IpAddress& address) {
            return configured != nullptr
                       ? checks::is_right_address(*configured, address, probes::NameSource::resolver)
                       : access_.allows(address);
        });
        if (!allowed) {
            co_return refusal(403, not_allowed_text(order_.target));
        }
        if (!addresses.empty() && wanted_()) {
            config::Resolver server{false, chosen(addresses), port};
            co_await query(server);
        }
        co_return std::nullopt;
    }

    static IpAddress chosen(const std::vector<IpAddress>& addresses) {
        const auto v6 = std::ranges::find_if(addresses, &IpAddress::is_v6);
        return v6 == addresses.end() ? addresses.front() : *v6;
    }

    asio::awaitable<void> query(config::Resolver server) {
        config::Endpoint endpoint = queried(server);
        endpoint.timeout = time_left();
        endpoint.family =
            order_.query_type == probes::RecordType::aaaa ? config::Family::ipv6 : config::Family::ipv4;
        const probes::Nanoseconds resolve = result_.phases.resolve;
        const config::TargetPtr target = config::make_target(std::move(endpoint));
        std::vector<Question> questions(1);
        questions.front().name = order_.query_name;
        questions.front().type = order_.query_type;
        Measured measured;
        measured.round.probes = co_await ask(std::move(questions), *target->endpoint(),
                                             target->endpoint()->family, context_.files);
        judge_round(result_, target, std::move(measured));
        // What judge_round() takes for the look-up is the query itself.
        result_.phases.processing = result_.phases.resolve - resolve;
        result_.phases.resolve = resolve;
        result_.address = server.address;
        const auto* dns = facts_of<DnsFacts>(result_);
        result_.success = dns != nullptr && !dns->queries.empty() && dns->queries.front().rcode == 0;
    }

    const ProbeOrder& order_;
    const ProbeAccess& access_;
    RoundContext& context_;
    const std::function<bool()>& wanted_;
    Clock::time_point start_ = Clock::now();
    ProbeResult result_;
};

}  // namespace

asio::awaitable<std::variant<ProbeResult, ProbeAnswer>> run_order(const ProbeOrder& order,
                                                                  const ProbeAccess& access,
                                                                  RoundContext& context,
                                                                  const std::function<bool()>& wanted) {
    Run run(order, access, context, wanted);
    co_return co_await run.run();
}

}  // namespace whylink::daemon
