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
    not_made,  ///< for a fault of this VM: says nothing about the target
};

/// `not_made` when the verdict's cause is local_limit.
RoundResult result_of(const Verdict& verdict);

/// In rounds in a row; at least 1.
struct Thresholds {
    unsigned failure = 2;
    unsigned success = 1;
};

class Health {
  public:
    /// Rounds in which a target may be called intermittent.
    static constexpr std::size_t window = 10;

    /// The first round that could be made decides alone; one that could not leaves everything as it was.
    /// `cause` is that of the round by itself.
    void add(RoundResult result, Cause cause, Thresholds thresholds);

    /// None before a round could be made.
    std::optional<bool> healthy() const { return healthy_; }
    /// Of the last `window` rounds that could be made.
    std::size_t rounds() const { return size_; }
    std::size_t failed() const;
    /// Failed and passed at least twice each within the window, and changed to and fro: at least two changes,
    /// so that a link which broke once, or was mended once, is called what it is and not intermittent.
    bool is_intermittent() const;
    /// The causes of the failed rounds of the window, the most frequent first.
    struct CauseCount {
        Cause cause;
        std::size_t count;
    };
    std::vector<CauseCount> causes() const;

  private:
    struct Round {
        bool failed = false;
        Cause cause = Cause::healthy;
    };
    std::array<Round, window> rounds_{};  ///< a ring
    std::size_t next_ = 0;
    std::size_t size_ = 0;
    std::optional<bool> healthy_;
    unsigned streak_ = 0;  ///< rounds in a row that speak against healthy_
};

/// Draws the diagnosis of the latest round anew in the light of those before: `intermittent` where the target
/// comes and goes, with the numbers as evidence. Outcomes and health stay as they are. Exactly one of
/// `endpoint` and `zone` is set.
void judge_history(const config::Endpoint* endpoint, const config::Zone* zone, const Health& health,
                   Verdict& verdict);

}  // namespace whylink::checks
