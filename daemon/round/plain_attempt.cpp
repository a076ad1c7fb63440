#include "daemon/round/plain_attempt.hpp"

#include <utility>

namespace whylink::daemon {
namespace {

using config::App;
using probes::Observation;

/// One that waits for its client to speak first.
App known_by(std::uint16_t port) {
    const App usual = config::plain_guess(port);
    return config::application(usual).server_speaks_first ? App::none : usual;
}

/// A native protocol only where it is named: its port is that of many other services.
App spoken_at_once(const config::Endpoint& endpoint) {
    const App usual = config::app_by_port(endpoint.port);
    const bool is_other = endpoint.app != App::none && endpoint.app != usual;
    const bool is_guess = endpoint.app == App::none && config::speaks_natively(usual, endpoint.port);
    return endpoint.tls.mode != config::TlsMode::attempt || is_other || is_guess ? App::none : usual;
}

const probes::AppFacts* app_facts(const ConnectionResult& result) {
    return result.app && !result.app->local ? get_if<probes::AppFacts>(&result.app->facts) : nullptr;
}

/// The handshake was made and not a byte of the answer was TLS; or the protocol offers none inside.
bool got_no_tls(const ConnectionResult& tried) {
    if (app_facts(tried) != nullptr) {
        return offers_no_tls(tried);
    }
    const auto* tls = tried.tls && !tried.tls->local ? get_if<probes::TlsFacts>(&tried.tls->facts) : nullptr;
    return tls != nullptr && (tls->bytes_received == 0 || !tls->first_bytes_are_tls);
}

}  // namespace

std::optional<ConnectionPlan> own_protocol(const config::Endpoint& endpoint, const IpAddress& address) {
    const App app = spoken_at_once(endpoint);
    if (app == App::none) {
        return std::nullopt;
    }
    ConnectionPlan plan = plan_of(endpoint, address);
    plan.tls = config::application(app).tls == config::TlsStart::inside;
    // Whoever shows a certificate does not show it to anybody.
    plan.verify = plan.verify && !(endpoint.tls.ca_file.empty() && endpoint.tls.cert_file.empty());
    plan.app.app = app;
    plan.app.tls = plan.tls;
    return plan;
}

bool is_settled(const ConnectionResult& tried) {
    const auto* tcp = tried.tcp && !tried.tcp->local ? get_if<probes::TcpFacts>(&tried.tcp->facts) : nullptr;
    if (tcp == nullptr || !tcp->connected) {
        return true;
    }
    const probes::AppFacts* app = app_facts(tried);
    using enum probes::AppReply;
    const bool spoke = app != nullptr && app->reply != none && app->reply != other_protocol &&
                       app->reply != wants_tls && app->reply != without_tls;
    // A handshake inside the protocol that failed says enough.
    return spoke || (app == nullptr && tried.tls.has_value());
}

bool offers_no_tls(const ConnectionResult& tried) {
    const probes::AppFacts* app = app_facts(tried);
    return app != nullptr && app->reply == probes::AppReply::without_tls;
}

bool has_spoken(const Observation& app) {
    const auto* facts = get_if<probes::AppFacts>(&app.facts);
    return facts != nullptr && !app.local && facts->reply != probes::AppReply::none;
}

App plain_app(const config::Endpoint& endpoint, const ConnectionResult& tried) {
    if (endpoint.tls.mode != config::TlsMode::attempt || !got_no_tls(tried)) {
        return App::none;
    }
    if (endpoint.app == App::expect) {
        return App::none;  // a script is not said with less protection than it is meant to have
    }
    return endpoint.app != App::none ? endpoint.app : known_by(endpoint.port);
}

asio::awaitable<PlainAttempt> attempt_plain(ConnectionPlan plan, App app, const Capturing& capturing) {
    plan.tls = false;
    plan.app.tls = false;
    plan.app.app = app;
    plan.settle = std::chrono::milliseconds(0);
    const TlsContextOrFault no_tls;
    ConnectionResult result = co_await probe_connection(std::move(plan), no_tls, capturing);
    PlainAttempt attempt;
    attempt.flow = std::move(result.flow);
    if (result.app && has_spoken(*result.app)) {
        attempt.app = std::move(result.app);
    }
    co_return attempt;
}

}  // namespace whylink::daemon
