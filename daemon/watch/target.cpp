#include "daemon/watch/target.hpp"

#include <algorithm>
#include <utility>

namespace whylink::daemon {
namespace {

/// Older verdicts of the others say nothing about now: two of one's own rounds ago, and a minute at least, so
/// that frequent targets learn from those that are asked more seldom.
constexpr std::chrono::nanoseconds siblings_at_least = std::chrono::minutes(1);

std::shared_ptr<TargetStatus> status_of(const Watched& what) {
    auto status = std::make_shared<TargetStatus>();
    status->endpoint = what.endpoint;
    status->zone = what.zone;
    status->watch = what.watch;
    return status;
}

}  // namespace

Target::Target(Schedule::Id id, Watched what) : id_(id), what_(std::move(what)), status_(status_of(what_)) {}

void Target::adjust(Watched what) {
    what_ = std::move(what);
    auto status = std::make_shared<TargetStatus>(*status_);
    status->endpoint = what_.endpoint;
    status->zone = what_.zone;
    status->watch = what_.watch;
    status_ = std::move(status);
}

void Target::replace(Watched what) {
    ++version_;
    what_ = std::move(what);
    health_ = {};
    experiments_ = std::make_shared<ExperimentMemory>();
    held_.reset();
    evident_.reset();
    status_ = status_of(what_);
}

void Target::held(probes::Observation observation, std::chrono::steady_clock::time_point ended) {
    held_ = std::move(observation);
    held_until_ = ended + 2 * what_.endpoint->hold_interval;
}

void Target::add_held(FinishedRound& round) {
    const bool wanted = what_.endpoint && what_.endpoint->hold && round.ended < held_until_;
    if (!wanted) {
        held_.reset();
    }
    if (held_) {
        round.observations.push_back(*held_);
    }
}

checks::Verdict Target::judge_alone(FinishedRound& round) const {
    const auto now =
        round.started + std::chrono::duration_cast<std::chrono::system_clock::duration>(round.took);
    if (what_.watch) {
        return checks::judge_watch(what_.watch->watch, std::move(round.observations), now);
    }
    return what_.endpoint ? checks::judge_endpoint(*what_.endpoint, std::move(round.observations), now)
                          : checks::judge_zone(*what_.zone, std::move(round.observations), now);
}

void Target::judge_further(checks::Verdict& verdict, const FinishedRound& round, checks::Siblings& siblings) {
    const checks::Subject subject{what_.endpoint.get(), what_.zone.get(),
                                  what_.watch ? &what_.watch->watch : nullptr};
    const config::Common& common = what_.common();
    const checks::RoundResult result = checks::result_of(verdict);
    // What real traffic does says nothing of what the probes find, nor the other way round.
    if (subject.watch == nullptr) {
        const auto moment =
            std::chrono::duration_cast<std::chrono::nanoseconds>(round.ended.time_since_epoch());
        siblings.put(id_, subject.endpoint, subject.zone, verdict, moment);
        const auto since =
            moment - std::max<std::chrono::nanoseconds>(2 * common.interval, siblings_at_least);
        checks::add_facts(subject, siblings.facts_for(id_, since), verdict);
    }
    health_.add(result, verdict.diagnosis.cause, {common.failure_threshold, common.success_threshold});
    checks::judge_history(subject, health_, verdict);
    verdict.healthy = health_.healthy().value_or(false);
}

void Target::count_probes(const checks::Verdict& verdict, std::vector<ProbeCount>& counts) const {
    for (const checks::JudgedProbe& probe : verdict.probes) {
        if (!probe.observation.experiment.empty()) {
            continue;
        }
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
    return health_.healthy() == true && verdict.facts.contains(checks::Fact::healthy) &&
           verdict.diagnosis.cause != checks::Cause::intermittent;
}

bool Target::wants_evidence() const {
    const checks::Verdict& verdict = *status_->verdict;
    return !what_.zone && !verdict.facts.contains(checks::Fact::healthy) &&
           verdict.diagnosis.cause != checks::Cause::local_limit && evident_ != verdict.diagnosis.cause;
}

void Target::set_evidence(std::string file) {
    if (!file.empty()) {
        evident_ = status_->verdict->diagnosis.cause;
    }
    auto status = std::make_shared<TargetStatus>(*status_);
    status->evidence_file = std::move(file);
    status_ = std::move(status);
}

bool Target::round_ended(FinishedRound round, checks::Siblings& siblings) {
    if (round.paused) {
        experiments_->forget();
    }
    add_held(round);
    checks::Verdict verdict = judge_alone(round);
    left_out_ = round.paused && !left_out_ && has_verdict() &&
                checks::result_of(verdict) == checks::RoundResult::failed;
    if (left_out_) {
        return false;
    }
    const std::optional<bool> before = health_.healthy();
    judge_further(verdict, round, siblings);
    auto status = status_of(what_);
    status->healthy = health_.healthy();
    status->probes_total = status_->probes_total;
    count_probes(verdict, status->probes_total);
    status->packets = status_->packets;
    status->packets.add(verdict);
    if (outage_is_over(verdict)) {
        evident_.reset();
    } else {
        status->evidence_file = status_->evidence_file;
    }
    const bool goes_on = before == health_.healthy() && status_->verdict != nullptr;
    status->standing.round_started = round.started;
    status->standing.round_took = round.took;
    status->standing.health_since = goes_on ? status_->standing.health_since : round.started;
    status->verdict = std::make_shared<const checks::Verdict>(std::move(verdict));
    status_ = std::move(status);
    return true;
}

}  // namespace whylink::daemon
