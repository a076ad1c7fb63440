#include "daemon/round/plain_attempt.hpp"

#include <utility>

namespace whylink::daemon {
namespace {

using config::App;

/// One that waits for its client to speak first.
App known_by(std::uint16_t port) {
    const App usual = config::app_by_port(port);
    return config::application(usual).server_speaks_first ? App::none : usual;
}

/// The handshake was made and not a byte of the answer was TLS; or the protocol offers none inside.
bool got_no_tls(const ConnectionResult& tried) {
    const auto* app = tried.app ? std::get_if<probes::AppFacts>(&tried.app->facts) : nullptr;
    if (app != nullptr) {
        return app->reply == probes::AppReply::without_tls;
    }
    const auto* tls =
        tried.tls && !tried.tls->local ? std::get_if<probes::TlsFacts>(&tried.tls->facts) : nullptr;
    return tls != nullptr && (tls->bytes_received == 0 || !tls->first_bytes_are_tls);
}

}  // namespace

App plain_app(const config::Endpoint& endpoint, const ConnectionResult& tried) {
    if (endpoint.tls.mode != config::TlsMode::attempt || !got_no_tls(tried)) {
        return App::none;
    }
    return endpoint.app != App::none ? endpoint.app : known_by(endpoint.port);
}

asio::awaitable<std::optional<probes::Observation>> attempt_plain(ConnectionPlan plan, App app) {
    plan.tls = false;
    plan.app.tls = false;
    plan.app.app = app;
    plan.settle = std::chrono::milliseconds(0);
    // Its packets would stand in the report as those of the connection that failed.
    const Capturing not_captured(nullptr);
    const TlsContextOrFault no_tls;
    ConnectionResult result = co_await probe_connection(std::move(plan), no_tls, not_captured);
    const auto* facts = result.app ? std::get_if<probes::AppFacts>(&result.app->facts) : nullptr;
    const bool spoke = facts != nullptr && !result.app->local && facts->reply != probes::AppReply::none;
    co_return spoke ? std::move(result.app) : std::nullopt;
}

}  // namespace whylink::daemon
