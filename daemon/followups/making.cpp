#include "daemon/followups/making.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "probes/gather.hpp"

namespace whylink::daemon {
namespace {

using checks::PlannedFollowUp;
using probes::FollowUp;
using probes::Observation;
using Results = std::vector<Observation>;

constexpr std::chrono::milliseconds shortest_wait{500};

/// Stages that wait one after the other.
int stages_of(const PlannedFollowUp& planned) {
    if (!planned.name.empty()) {
        return 1;
    }
    const bool listens = !planned.tls && planned.app == config::App::none && planned.settle.count() > 0;
    return 1 + (planned.tls ? 1 : 0) + (planned.app != config::App::none ? 1 : 0) + (listens ? 1 : 0);
}

/// Of each stage.
std::chrono::milliseconds timeout_of(const FollowUpRound& round, const PlannedFollowUp& planned) {
    const auto left =
        std::chrono::floor<std::chrono::milliseconds>(round.until - std::chrono::steady_clock::now());
    return std::min<std::chrono::milliseconds>(round.endpoint.timeout, left / stages_of(planned));
}

bool lacks_context(const FollowUpRound& round, const PlannedFollowUp& planned) {
    const auto* context = std::get_if<probes::TlsContextPtr>(&round.tls);
    return planned.tls && (context == nullptr || *context == nullptr);
}

/// A script may hold a password: it goes nowhere but where it was meant to go, and not less protected.
bool may_run_script(const config::Endpoint& endpoint, const PlannedFollowUp& planned) {
    const bool elsewhere = planned.kind != FollowUp::proxy_v2 && planned.kind != FollowUp::small_segments &&
                           planned.kind != FollowUp::repeat;
    return !elsewhere && planned.port == endpoint.port &&
           planned.tls == (endpoint.tls.mode != config::TlsMode::off);
}

bool is_other_name(FollowUp kind) {
    return kind == FollowUp::other_name || kind == FollowUp::alias_name;
}

ConnectionPlan connection_of(const FollowUpRound& round, const PlannedFollowUp& planned) {
    ConnectionPlan plan = plan_of(round.endpoint, *planned.address);
    plan.port = planned.port;
    plan.timeout = timeout_of(round, planned);
    plan.proxy_header = planned.proxy_header;
    plan.max_segment = planned.max_segment;
    plan.tls = planned.tls;
    plan.server_name = planned.server_name;
    plan.settle = std::min(planned.settle, plan.timeout);
    plan.app.app = planned.app;
    plan.app.port = planned.port;
    plan.app.tls = planned.tls;
    if (planned.app == config::App::expect && !may_run_script(round.endpoint, planned)) {
        plan.app.app = config::App::none;
    }
    if (is_other_name(planned.kind) && !planned.server_name.empty()) {
        plan.app.host = planned.server_name;
    }
    return plan;
}

std::optional<Observation> last_stage(ConnectionResult result) {
    return result.app ? std::move(result.app) : result.tls ? std::move(result.tls) : std::move(result.tcp);
}

/// The packets are not followed: those of the report are the ordinary connection's.
asio::awaitable<void> connect(ConnectionPlan plan, const TlsContextOrFault& tls, Results& results) {
    const Capturing nothing(nullptr);
    ConnectionResult result = co_await probe_connection(std::move(plan), tls, nothing);
    if (std::optional<Observation> last = last_stage(std::move(result))) {
        results.push_back(std::move(*last));
    }
}

probes::NameRole role_of(FollowUp kind) {
    switch (kind) {
        case FollowUp::sibling_label:
            return probes::NameRole::random_label;
        case FollowUp::public_name:
            return probes::NameRole::public_host;
        default:
            return probes::NameRole::host;
    }
}

asio::awaitable<void> query(const FollowUpRound& round, PlannedFollowUp planned, Results& results) {
    config::Common common = round.endpoint;
    common.timeout = timeout_of(round, planned);
    if (planned.resolver) {
        common.resolvers = {*planned.resolver};
    }
    std::vector<Question> questions;
    questions.push_back({planned.name, role_of(planned.kind)});
    results = co_await ask(std::move(questions), common, round.endpoint.family, round.files);
}

/// What could not be made says nothing.
void add(FollowUp kind, Results results, std::vector<probes::FollowUpTest>& tests) {
    for (Observation& result : results) {
        if (!result.local) {
            tests.push_back({kind, std::move(result)});
        }
    }
}

}  // namespace

void keep_what_there_is_time_for(const FollowUpRound& round, std::vector<PlannedFollowUp>& plan) {
    const auto enough = std::min<std::chrono::milliseconds>(round.endpoint.timeout, shortest_wait);
    std::erase_if(plan, [&](const PlannedFollowUp& planned) {
        const bool incomplete = planned.name.empty() && !planned.address;
        return incomplete || lacks_context(round, planned) || timeout_of(round, planned) < enough;
    });
}

asio::awaitable<std::vector<probes::FollowUpTest>> make_follow_ups(const FollowUpRound& round,
                                                                   std::vector<PlannedFollowUp> plan) {
    std::vector<Results> results(plan.size());
    std::vector<asio::awaitable<void>> tasks;
    for (std::size_t i = 0; i < plan.size(); ++i) {
        tasks.push_back(plan[i].name.empty() ? connect(connection_of(round, plan[i]), round.tls, results[i])
                                             : query(round, plan[i], results[i]));
    }
    co_await probes::gather(std::move(tasks));
    std::vector<probes::FollowUpTest> tests;
    for (std::size_t i = 0; i < plan.size(); ++i) {
        add(plan[i].kind, std::move(results[i]), tests);
    }
    co_return tests;
}

}  // namespace whylink::daemon
