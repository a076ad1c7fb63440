#include "fabricated_snapshot.hpp"

#include <fmt/format.h>

#include <utility>

namespace whylink::fabricated {

using namespace std::chrono_literals;
using config::TargetKind;
using daemon::TargetStatus;

namespace {

void count(const checks::JudgedProbe& probe, std::vector<daemon::ProbeCount>& counts) {
    for (daemon::ProbeCount& known : counts) {
        if (known.stage == probe.observation.stage && known.outcome == probe.outcome) {
            ++known.count;
            return;
        }
    }
    counts.push_back({probe.observation.stage, probe.outcome, 1});
}

void observe(daemon::Totals& totals, TargetKind kind, probes::Stage stage, double seconds) {
    totals.probe_duration.at(static_cast<std::size_t>(kind))
        .at(static_cast<std::size_t>(stage))
        .observe(seconds);
}

}  // namespace

TargetStatus watched(daemon::ReportEntry made) {
    TargetStatus status;
    status.target = std::move(made.target);
    status.evidence_file = std::move(made.evidence_file);
    status.healthy = made.verdict->healthy;
    for (const checks::JudgedProbe& probe : made.verdict->probes) {
        count(probe, status.probes_total);
    }
    status.verdict = std::move(made.verdict);
    status.packets.add(*status.verdict);
    status.standing = {.round_started = noon(), .round_took = 120ms, .health_since = noon()};
    return status;
}

TargetStatus unwatched(std::string name) {
    config::Endpoint endpoint;
    endpoint.name = std::move(name);
    TargetStatus status;
    status.target = config::make_target(std::move(endpoint));
    return status;
}

daemon::Snapshot snapshot(std::vector<TargetStatus> targets) {
    daemon::Snapshot result;
    result.vantage_point = "vm-7";
    for (TargetStatus& status : targets) {
        result.targets.push_back(std::make_shared<const TargetStatus>(std::move(status)));
    }
    for (auto& stages : result.totals.probe_duration) {
        stages.fill(daemon::Histogram(daemon::probe_duration_bounds()));
    }
    result.totals.scheduler_lag = daemon::Histogram(daemon::scheduler_lag_bounds());
    result.loop_stalls = daemon::Histogram(daemon::loop_stall_bounds());
    result.config.last_success = noon();
    return result;
}

daemon::Snapshot full_snapshot() {
    fabricated::EndpointEntry failing = failing_endpoint("clickhouse-prod");
    failing.endpoint.labels = {{"team", "data"}, {"note", "a \"quoted\" \\ line\nand another"}};
    fabricated::ZoneEntry zone = fabricated::zone("zone-westus3", true, Cause::healthy, checks::Severity::ok);
    zone.zone.labels = {{"environment", "b\xc3\xbchne"}};
    zone.verdict.probes = {dns("abcd.example", {"10.0.0.4"}), dns("random.example", {"10.0.0.4"})};
    fabricated::WatchEntry watch = fabricated::watch("saas", true, Cause::healthy, checks::Severity::ok);
    watch.watch.labels = {{"team", "cache"}};
    failing.verdict.packets = {packets("10.0.0.4")};
    TargetStatus failed = watched(std::move(failing));
    failed.without_series = {address("10.0.0.99")};
    failed.readings = readings("acme-azure", control::ConnectionState::waiting);
    daemon::Snapshot result =
        snapshot({watched(healthy_endpoint("the \"one\" \\ \xe2\x82\xac")), std::move(failed),
                  unwatched("new"), watched(std::move(zone)), watched(std::move(watch))});
    observe(result.totals, TargetKind::endpoint, probes::Stage::dns, 0.0012);
    observe(result.totals, TargetKind::endpoint, probes::Stage::tcp, 0.0004);
    observe(result.totals, TargetKind::endpoint, probes::Stage::tcp, 20);
    observe(result.totals, TargetKind::zone, probes::Stage::dns, 0.003);
    observe(result.totals, TargetKind::watch, probes::Stage::packets, 10);
    result.totals.scheduler_lag.observe(0.0002);
    result.totals.rounds = 9;
    result.totals.overruns = 2;
    result.totals.missed = 1;
    result.totals.follow_ups.at(static_cast<std::size_t>(probes::FollowUp::proxy_v2))
        .at(static_cast<std::size_t>(checks::Outcome::pending_allowlist)) = 3;
    result.totals.follow_ups_left_out = 6;
    result.rounds_under_way = 4;
    result.log_records_dropped = 5;
    result.capture = {.interface = "any", .up = true, .packets = 2005, .dropped = 7};
    result.evidence = {.up = true, .results = {11, 0, 1, 2}, .files = 8, .bytes = 131072};
    result.history = {.up = true, .dropped = 3};
    result.control.reads[{"acme-azure", "GET privateEndpoints", control::Result::ok}] = 96;
    result.control.reads[{"acme-azure", "GET networkInterfaces", control::Result::forbidden}] = 2;
    return result;
}

daemon::Snapshot large_snapshot(std::size_t count) {
    std::vector<TargetStatus> targets;
    for (std::size_t i = 0; i < count; ++i) {
        fabricated::EndpointEntry report =
            endpoint(fmt::format("endpoint-{:05}", i), true, Cause::healthy, checks::Severity::ok);
        report.verdict.probes = {tcp(fmt::format("10.{}.{}.{}", i >> 16U & 255U, i >> 8U & 255U, i & 255U))};
        report.verdict.probes.front().observation.took =
            400us + std::chrono::nanoseconds(i * 7919 % 1'000'000);
        targets.push_back(watched(std::move(report)));
    }
    return snapshot(std::move(targets));
}

}  // namespace whylink::fabricated
