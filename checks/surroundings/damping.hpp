// Of round after round: whether a target counts as healthy, and whether it comes and goes. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "checks/judge.hpp"

namespace whylink::checks {

enum class RoundResult : std::uint8_t {
    passed,
    failed,
    not_made,  ///< for a fault of this host: says nothing about the target
};

/// Of the round by itself, whatever the rounds before it did: `passed` when it is healthy, else `not_made` when
/// its cause is local_limit, else `failed`.
RoundResult result_of(const Verdict& verdict);

/// In rounds in a row; at least 1, and 0 means 1.
struct Thresholds {
    unsigned failure = 2;
    unsigned success = 1;
};

class Health {
  public:
    /// Rounds in which a target may be called intermittent.
    static constexpr std::size_t window = 10;

    /// The first round that could be made decides alone; one that could not leaves everything as it was, so
    /// that it neither ends a row of failed rounds nor adds to it. `cause` is that of the round, before the
    /// history is looked at. The thresholds may change from round to round.
    void add(RoundResult result, Cause cause, Thresholds thresholds);

    /// None before a round could be made.
    std::optional<bool> healthy() const { return healthy_; }
    /// Of the last `window` rounds that could be made.
    std::size_t rounds() const { return size_; }
    std::size_t failed() const;
    /// Of these the latest, up to the last that passed.
    std::size_t failed_in_a_row() const;
    /// Failed and passed at least twice each within the window, in at least two outages with a pass between
    /// them: a link that broke, or broke and was mended, is called what it is and not intermittent.
    bool is_intermittent() const;
    /// The causes of the failed rounds of the window, the most frequent first, equals in the order of Cause.
    std::vector<RecentRounds::CauseCount> causes() const;

  private:
    struct Round {
        bool failed = false;
        Cause cause = Cause::healthy;
    };
    /// `age` 0 is the latest.
    const Round& round(std::size_t age) const { return rounds_[(next_ + window - 1 - age) % window]; }
    void remember(Round round);

    // Small, for there is one of these for each of thousands of targets.
    std::array<Round, window> rounds_{};  ///< a ring
    std::uint8_t next_ = 0;
    std::uint8_t size_ = 0;
    std::optional<bool> healthy_;
    unsigned streak_ = 0;  ///< rounds in a row that speak against healthy_
};

/// The rounds before as a source of facts: `comes_and_goes` where the round at hand is one of several that
/// failed and passed, to and fro. `health` does not have that round yet.
class RoundsBefore final : public Source {
  public:
    explicit RoundsBefore(const Health& health) : health_(health) {}
    FactSet facts(const Assessment& round) const override;
    void tell(Verdict& verdict) const override;

  private:
    const Health& health_;
};

}  // namespace whylink::checks
