#include "daemon/watch/target.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "checks/as_named.hpp"
#include "checks/surroundings/accounts.hpp"
#include "daemon/control/subject.hpp"

namespace whylink::daemon {
namespace {

/// Older verdicts of the others say nothing about now: two of one's own rounds ago, and a minute at least, so
/// that frequent targets learn from those that are asked more seldom.
constexpr std::chrono::nanoseconds min_siblings_age = std::chrono::minutes(1);

/// By itself; over a pause only, for it takes a judgement of its own.
bool failed(const config::Target& target, const checks::Assessment& shown) {
    return !shown.passed() && checks::result_of(checks::judge(target, shown)) == checks::RoundResult::failed;
}

std::shared_ptr<TargetStatus> status_of(config::TargetPtr what) {
    auto status = std::make_shared<TargetStatus>();
    status->target = std::move(what);
    return status;
}

}  // namespace

Target::Target(Schedule::Id id, config::TargetPtr what)
    : id_(id), what_(std::move(what)), status_(status_of(what_)) {}

void Target::adjust(config::TargetPtr what) {
    what_ = std::move(what);
    auto status = std::make_shared<TargetStatus>(*status_);
    status->target = what_;
    status_ = std::move(status);
}

void Target::replace(config::TargetPtr what) {
    ++version_;
    // A target is its name.
    if (status_->healthy) {
        const Standing& standing = status_->standing;
        remembered_ = StoredHealth{*status_->healthy, standing.health_since,
                                   *status_->healthy ? standing.round_started : standing.last_healthy};
    }
    what_ = std::move(what);
    health_ = {};
    slow_connects_ = {};
    failing_since_ = {};
    follow_ups_ = std::make_shared<FollowUpMemory>();
    held_.reset();
    evident_.reset();
    status_ = status_of(what_);
}

void Target::held(probes::HeldConnection connection, std::chrono::steady_clock::time_point ended) {
    held_ = std::move(connection);
    held_until_ = ended + 2 * what_->endpoint()->hold_interval;
}

void Target::add_held(FinishedRound& round) {
    const bool wanted = what_->endpoint() != nullptr && what_->endpoint()->hold && round.ended < held_until_;
    if (!wanted) {
        held_.reset();
    }
    if (held_) {
        round.measured.holds.push_back(*held_);
    }
}

checks::Verdict Target::judge(const config::Target& seen, checks::Assessment shown,
                              const FinishedRound& round, checks::Siblings& siblings,
                              const checks::RecallPast& recall) {
    const config::TargetHead& head = what_->head();
    const auto moment = std::chrono::duration_cast<std::chrono::nanoseconds>(round.ended.time_since_epoch());
    // What real traffic does says nothing of what the probes find, nor the other way round.
    if (what_->watch() == nullptr) {
        siblings.put(id_, seen, shown, moment);
    }
    const checks::SiblingsOf others(
        siblings, id_, moment - std::max<std::chrono::nanoseconds>(2 * head.interval, min_siblings_age));
    const checks::RoundsBefore before(health_);
    const checks::ConnectsBefore connects_before(slow_connects_);
    const checks::PastOf past(recall);
    std::vector<const checks::Source*> surroundings{&others, &before, &connects_before, &past};
    std::optional<checks::AccountsOf> accounts;
    if (round.readings != nullptr) {
        accounts.emplace(*round.readings->all, subject_of(seen, &shown), failing_since_.since());
        surroundings.push_back(&*accounts);
    }
    checks::Verdict verdict = checks::judge(seen, std::move(shown), surroundings);
    slow_connects_.add(verdict);
    health_.add(checks::result_of(verdict), verdict.decision.by_itself,
                {head.failure_threshold, head.success_threshold});
    verdict.healthy = health_.healthy().value_or(false);
    return verdict;
}

void Target::count_probes(const checks::Verdict& verdict, std::vector<ProbeCount>& counts) const {
    for (const checks::JudgedProbe& probe : verdict.probes) {
        const auto same = std::ranges::find_if(counts, [&probe](const ProbeCount& count) {
            return count.stage == probe.observation.stage && count.outcome == probe.outcome;
        });
        if (same != counts.end()) {
            ++same->count;
        } else {
            counts.push_back({probe.observation.stage, probe.outcome, 1});
        }
    }
}

bool Target::outage_is_over(const checks::Verdict& verdict) const {
    return health_.healthy() == true && verdict.passed() && verdict.decision.cause != Cause::intermittent;
}

bool Target::wants_evidence() const {
    const checks::Verdict& verdict = *status_->verdict;
    return what_->zone() == nullptr && !verdict.passed() && verdict.decision.cause != Cause::local_limit &&
           evident_ != verdict.decision.cause;
}

/// Of the status that the round finds.
std::optional<std::chrono::system_clock::time_point> Target::last_healthy() const {
    if (health_.healthy() != false) {
        return std::nullopt;
    }
    return status_->healthy == true ? status_->standing.round_started : status_->standing.last_healthy;
}

void Target::set_history(TargetHistoryPtr history) {
    auto status = std::make_shared<TargetStatus>(*status_);
    status->standing.history = std::move(history);
    status_ = std::move(status);
}

/// The first round after a start, or of another configuration, goes on from what was known.
void Target::go_on_from_remembered(Standing& standing) {
    if (!remembered_ || !health_.healthy()) {
        return;
    }
    if (remembered_->healthy == health_.healthy()) {
        standing.health_since = remembered_->since;
    }
    if (health_.healthy() == false) {
        standing.last_healthy = remembered_->last_healthy;
    }
    remembered_.reset();
}

void Target::set_evidence(std::string file) {
    if (!file.empty()) {
        evident_ = status_->verdict->decision.cause;
    }
    auto status = std::make_shared<TargetStatus>(*status_);
    status->evidence_file = std::move(file);
    status_ = std::move(status);
}

bool Target::round_ended(FinishedRound round, checks::Siblings& siblings, const checks::RecallPast& recall) {
    if (round.paused) {
        follow_ups_->forget();
    }
    add_held(round);
    // Of the present configuration, whose labels may be newer than the round.
    const config::TargetPtr seen = round.named ? checks::as_named(what_, round.measured.probes) : what_;
    checks::Assessment shown = checks::assess(
        *seen, std::move(round.measured),
        round.started + std::chrono::duration_cast<std::chrono::system_clock::duration>(round.took));
    left_out_ = round.paused && !left_out_ && has_verdict() && failed(*seen, shown);
    if (left_out_) {
        return false;
    }
    const std::optional<bool> before = health_.healthy();
    failing_since_.add(shown, round.started);
    checks::Verdict verdict = judge(*seen, std::move(shown), round, siblings, recall);
    auto status = status_of(seen);
    status->healthy = health_.healthy();
    status->failing_since = failing_since_.since();
    status->readings = round.readings;
    status->probes_total = status_->probes_total;
    count_probes(verdict, status->probes_total);
    status->without_series = shown_addresses_.left_out_of(verdict, round.ended);
    status->packets = status_->packets;
    status->packets.add(verdict);
    status->rtt = status_->rtt;
    status->rtt.add(seen->kind(), verdict);
    if (outage_is_over(verdict)) {
        evident_.reset();
    } else {
        status->evidence_file = status_->evidence_file;
    }
    const bool goes_on = before == health_.healthy() && status_->verdict != nullptr;
    status->standing.round_started = round.started;
    status->standing.round_took = round.took;
    status->standing.health_since = goes_on ? status_->standing.health_since : round.started;
    status->standing.last_healthy = last_healthy();
    go_on_from_remembered(status->standing);
    status->verdict = std::make_shared<const checks::Verdict>(std::move(verdict));
    status_ = std::move(status);
    return true;
}

}  // namespace whylink::daemon
