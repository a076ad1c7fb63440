#include "daemon/round/http2_attempt.hpp"

#include <utility>
#include <variant>

#include "config/first_bytes.hpp"

namespace whylink::daemon {

bool answers_in_http2(const ConnectionResult& tried) {
    const auto* app = tried.app && !tried.app->local ? get_if<probes::AppFacts>(&tried.app->facts) : nullptr;
    return app != nullptr && !app->http2 && app->reply == probes::AppReply::other_protocol &&
           config::is_http2(app->first_bytes);
}

asio::awaitable<std::optional<probes::Observation>> attempt_http2(ConnectionPlan plan,
                                                                  const TlsContextOrFault& tls,
                                                                  const Capturing& capturing) {
    plan.app.http2 = true;
    const Capturing not_captured = capturing.without_packets();
    ConnectionResult result = co_await probe_connection(std::move(plan), tls, not_captured);
    const auto* facts = result.app ? get_if<probes::AppFacts>(&result.app->facts) : nullptr;
    const bool decisive = facts != nullptr && !result.app->local && facts->reply != probes::AppReply::none;
    co_return decisive ? std::move(result.app) : std::nullopt;
}

}  // namespace whylink::daemon
