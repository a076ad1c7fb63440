#include "daemon/round/hold.hpp"

#include <chrono>
#include <utility>

#include "checks/stages/addresses.hpp"
#include "daemon/round/connection_stage.hpp"
#include "probes/tcp/hold.hpp"

namespace whylink::daemon {
namespace {

/// HTTP asks the server to close after its answer, so that it is held before it is spoken to.
bool stays_open(const probes::AppRequest& request) {
    return !config::application(request.app).over_http || config::speaks_natively(request.app, request.port);
}

ConnectionPlan plan_of_hold(const config::Endpoint& endpoint, const IpAddress& address) {
    ConnectionPlan plan = plan_of(endpoint, address);
    plan.keep = true;
    if (!stays_open(plan.app)) {
        plan.app.app = config::App::none;
    }
    // Its idle time is what counts; it is not listened to before.
    plan.settle = std::chrono::milliseconds(0);
    return plan;
}

}  // namespace

std::optional<IpAddress> working_address(const config::Endpoint& endpoint, const checks::Assessment& round) {
    for (const checks::AddressState& state : checks::address_states(endpoint, round)) {
        if (state.right && checks::passes(state.last->outcome)) {
            return state.address;
        }
    }
    return std::nullopt;
}

std::optional<IpAddress> working_address(const config::Endpoint& endpoint, const probes::Round& measured) {
    return working_address(endpoint, checks::assess(endpoint, measured, std::chrono::system_clock::now()));
}

asio::awaitable<std::optional<probes::HeldConnection>> hold_connection(const config::Endpoint& endpoint,
                                                                       IpAddress address,
                                                                       RoundContext& context) {
    const TlsContextOrFault tls = tls_context_of(endpoint, context);
    // Followed as long as it is held, so that no watch takes it for traffic; of no interest else.
    const Capturing capturing(context.packets);
    ConnectionPlan plan = plan_of_hold(endpoint, address);
    ConnectionResult connection = co_await probe_connection(plan, tls, capturing);
    if (!connection.stream && endpoint.tls.mode == config::TlsMode::attempt) {
        // A plain-text service, which is held as it is found.
        plan.tls = false;
        plan.app.app = config::App::none;
        connection = co_await probe_connection(plan, tls, capturing);
    }
    if (!connection.stream) {
        co_return std::nullopt;
    }
    if (connection.flow) {
        connection.flow->take_frames();
    }
    co_return co_await probes::probe_hold(
        {.address = address, .port = endpoint.port, .idle = *endpoint.hold, .timeout = endpoint.timeout},
        std::move(connection.stream));
}

}  // namespace whylink::daemon
