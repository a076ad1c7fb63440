#include "logged_changes.hpp"

#include <gtest/gtest.h>

#include <iterator>

#include "checks/table/rules.hpp"
#include "checks/texts/causes.hpp"
#include "daemon/log/phrases.hpp"

namespace whylink::fabricated {
namespace {

checks::Verdict verdict_of(const Look& look) {
    checks::Verdict made = verdict(look.healthy.value_or(false), look.cause, look.severity);
    // Some rows have a title of their own; by the others a cause is called what it is.
    const auto row = std::ranges::find_if(checks::rules(), [&look](const checks::Row& of) {
        return of.cause == look.cause && of.title.empty();
    });
    made.decision.row = row == checks::rules().end() ? made.decision.row : &*row;
    made.decision.by_itself = look.cause;
    made.decision.confidence = look.confidence;
    made.facts.insert_if(look.passed, checks::Fact::all_pass);
    if (look.cause != Cause::healthy) {
        made.decision.alternatives = {Cause::local_firewall, Cause::no_route};
    }
    return made;
}

config::TargetPtr target_of(config::TargetKind kind, const std::string& name,
                            const std::map<std::string, std::string>& labels) {
    if (kind == config::TargetKind::zone) {
        config::Zone zone;
        zone.name = name;
        return config::make_target(std::move(zone));
    }
    if (kind == config::TargetKind::watch) {
        config::Watch watch;
        watch.name = name;
        watch.port = 6379;
        return config::make_target(std::move(watch));
    }
    config::Endpoint endpoint;
    endpoint.name = name;
    endpoint.labels = labels;
    return config::make_target(std::move(endpoint));
}

/// What shares the global bound.
bool is_bounded(const daemon::Record& record) {
    return record.level != config::LogLevel::debug && record.event != "suppressed";
}

}  // namespace

std::string title(Cause cause) {
    return daemon::lower_first(checks::text(cause).title);
}

checks::Explanation explained(const config::Target& /*target*/, const checks::Verdict& verdict) {
    checks::Explanation made = explanation();
    if (verdict.decision.cause != Cause::healthy) {
        made.evidence = {"an RST", "another"};
        made.steps = {"Look.", "Wait."};
    }
    return made;
}

daemon::TargetStatusPtr LoggedChanges::put(const std::string& name, const Look& look,
                                           config::TargetKind kind) {
    auto status = std::make_shared<daemon::TargetStatus>();
    status->target = target_of(kind, name, labels_);
    status->verdict = std::make_shared<const checks::Verdict>(verdict_of(look));
    status->healthy = look.healthy;
    status->standing.health_since = noon();
    status->evidence_file = look.evidence_file;
    const auto [known, fresh] = index_.emplace(name, targets_.size());
    if (fresh) {
        targets_.push_back(status);
    } else {
        targets_[known->second] = status;
    }
    return status;
}

std::string name_of(int index) {
    return "t" + std::to_string(index);
}

void all_end(LoggedChanges& logged, const Look& look, int targets) {
    for (int i = 0; i < targets; ++i) {
        logged.round(name_of(i), look);
    }
}

std::vector<daemon::Record> of_event(const std::vector<daemon::Record>& records, std::string_view event) {
    std::vector<daemon::Record> found;
    std::ranges::copy_if(records, std::back_inserter(found),
                         [event](const daemon::Record& record) { return record.event == event; });
    return found;
}

void expect_bounded(const LoggedChanges& logged) {
    if (logged.all().empty()) {
        return;
    }
    // The same as the bound on every stretch: a bucket of that size never lacks a token.
    double tokens = 100;
    auto before = logged.all().front().at;
    for (const LoggedChanges::Said& said : logged.all()) {
        if (!is_bounded(said.record)) {
            continue;
        }
        tokens = std::min(100.0, tokens + 10 * std::chrono::duration<double>(said.at - before).count()) - 1;
        before = said.at;
        ASSERT_GE(tokens, -0.001);
    }
}

void drop_healthy(Truth& truth) {
    std::erase_if(truth,
                  [](const auto& entry) { return entry.second == std::pair(true, std::string("healthy")); });
}

Truth believed(const LoggedChanges& logged) {
    Truth truth;
    for (const LoggedChanges::Said& said : logged.all()) {
        if (const auto name = field<std::string>(said.record, "name")) {
            truth[*name] = {field<bool>(said.record, "healthy").value_or(false),
                            field<std::string>(said.record, "cause").value()};
        }
    }
    drop_healthy(truth);
    return truth;
}

}  // namespace whylink::fabricated
