#include "checks/surroundings/damping.hpp"

#include <algorithm>
#include <tuple>

namespace whylink::checks {
RoundResult result_of(const Verdict& verdict) {
    if (verdict.passed()) {
        return RoundResult::passed;
    }
    return verdict.decision.by_itself == Cause::local_limit ? RoundResult::not_made : RoundResult::failed;
}

void Health::remember(Round round) {
    rounds_[next_] = round;
    next_ = static_cast<std::uint8_t>((next_ + 1U) % window);
    if (size_ < window) {
        ++size_;
    }
}

void Health::add(RoundResult result, Cause cause, Thresholds thresholds) {
    if (result == RoundResult::not_made) {
        return;
    }
    const bool passed = result == RoundResult::passed;
    remember({!passed, cause});
    if (healthy_.value_or(passed) == passed) {
        healthy_ = passed;
        streak_ = 0;
        return;
    }
    ++streak_;
    if (streak_ >= (passed ? thresholds.success : thresholds.failure)) {
        healthy_ = passed;
        streak_ = 0;
    }
}

std::size_t Health::failed() const {
    std::size_t count = 0;
    for (std::size_t age = 0; age < size_; ++age) {
        count += round(age).failed ? 1U : 0U;
    }
    return count;
}

std::size_t Health::failed_in_a_row() const {
    std::size_t age = 0;
    while (age < size_ && round(age).failed) {
        ++age;
    }
    return age;
}

bool Health::is_intermittent() const {
    constexpr std::size_t least = 2;  // failed rounds, passed rounds, and outages
    std::size_t outages = 0;
    bool failed_before = false;
    for (std::size_t age = 0; age < size_; ++age) {
        outages += round(age).failed && !failed_before ? 1U : 0U;
        failed_before = round(age).failed;
    }
    return failed() >= least && rounds() - failed() >= least && outages >= least;
}

std::vector<RecentRounds::CauseCount> Health::causes() const {
    std::vector<RecentRounds::CauseCount> counts;
    for (std::size_t age = 0; age < size_; ++age) {
        const Round& entry = round(age);
        if (!entry.failed) {
            continue;
        }
        const auto known = std::ranges::find_if(
            counts, [&](const RecentRounds::CauseCount& count) { return count.cause == entry.cause; });
        if (known == counts.end()) {
            counts.push_back({entry.cause, 1});
        } else {
            ++known->count;
        }
    }
    std::ranges::sort(counts, [](const auto& a, const auto& b) {
        return std::tie(b.count, a.cause) < std::tie(a.count, b.cause);
    });
    return counts;
}

FactSet RoundsBefore::facts(const Assessment& round) const {
    // A round that could not be made is left out by the table, for only it knows.
    Health with = health_;
    with.add(round.passed() ? RoundResult::passed : RoundResult::failed, Cause::healthy, {});
    FactSet facts;
    facts.insert_if(with.is_intermittent(), Fact::comes_and_goes);
    facts.insert_if(!round.passed() && health_.rounds() > 0 && health_.failed_in_a_row() == 0,
                    Fact::passed_just_before);
    return facts;
}

void RoundsBefore::tell(Verdict& verdict) const {
    if (verdict.decision.cause != Cause::intermittent) {
        return;
    }
    Health with = health_;
    with.add(verdict.passed() ? RoundResult::passed : RoundResult::failed, verdict.decision.by_itself, {});
    verdict.recent = RecentRounds{with.rounds(), with.failed(), with.causes()};
}

}  // namespace whylink::checks
