#include "daemon/commands/srv_targets.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "checks/surroundings/srv_targets.hpp"

namespace whylink::daemon {
namespace {

constexpr std::size_t max_followed = 8;

/// The endpoint as it was given, at the target's host and port.
config::Endpoint endpoint_at(const config::Endpoint& endpoint, const probes::SrvTarget& target) {
    config::Endpoint made = endpoint;
    made.name = fmt::format("{}:{}", target.name, target.port);
    if (made.tls.server_name == endpoint.host) {
        made.tls.server_name = target.name;
    }
    made.host = target.name;
    made.port = target.port;
    made.public_host.clear();
    return made;
}

std::vector<config::TargetPtr> endpoints_of(const ReportEntry& entry) {
    std::vector<config::TargetPtr> endpoints;
    const config::Endpoint* endpoint = entry.target->endpoint();
    if (endpoint == nullptr) {
        return endpoints;
    }
    for (const probes::SrvTarget& target : checks::srv_targets_of(*entry.verdict)) {
        config::Endpoint made = endpoint_at(*endpoint, target);
        const bool is_known = std::ranges::any_of(
            endpoints, [&](const config::TargetPtr& known) { return known->name() == made.name; });
        if (!is_known && endpoints.size() < max_followed) {
            endpoints.push_back(config::make_target(std::move(made)));
        }
    }
    return endpoints;
}

void judge_again(ReportEntry& entry, std::span<const ReportEntry> followed) {
    std::vector<checks::CheckedEndpoint> checked;
    for (const ReportEntry& target : followed) {
        checked.push_back(checks::checked_endpoint(*target.target, *target.verdict));
    }
    const checks::SrvTargetsOf source(checked);
    const std::array<const checks::Source*, 1> surroundings{&source};
    checks::Assessment round = *entry.verdict;
    entry.verdict =
        std::make_shared<const checks::Verdict>(checks::judge(*entry.target, std::move(round), surroundings));
    entry.explanation = nullptr;
}

}  // namespace

void follow_srv_targets(CheckResult& result, const CheckOptions& options) {
    std::vector<ReportEntry> followed;
    CheckOptions of_dns = options;
    of_dns.names_from = NameFrom::dns;
    for (ReportEntry& entry : result.report.entries) {
        const std::vector<config::TargetPtr> endpoints = endpoints_of(entry);
        if (endpoints.empty()) {
            continue;
        }
        CheckResult further = run_check(endpoints, of_dns);
        judge_again(entry, further.report.entries);
        result.frames.merge(std::move(further.frames));
        result.report.duration += further.report.duration;
        std::ranges::move(further.report.entries, std::back_inserter(followed));
    }
    std::ranges::move(followed, std::back_inserter(result.report.entries));
}

}  // namespace whylink::daemon
