// What is remembered of a target when one of its rounds ends. Pure.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "checks/judge.hpp"

namespace whylink::checks {

struct KnownPast {
    /// How long it was healthy before the present failure; none: never, or nobody knows.
    std::optional<std::chrono::seconds> healthy_for;
    bool never_healthy = false;
    /// What changed between the last round that passed and the first that failed: `address_changed` and the like.
    FactSet changed;
};

/// Of a round that fails, once its probes are judged and before the table is read.
using RecallPast = std::function<KnownPast(const Assessment& round)>;

/// The past as a source of facts for a round that fails. They choose the first steps, and keep a cause that a change
/// explains as well from being certain.
class PastOf final : public Source {
  public:
    /// From here on a failure is a change, an expiry or a removal, and no step that was left out at the beginning.
    static constexpr std::chrono::hours long_time{7 * 24};

    /// Of what is not remembered there are no facts.
    explicit PastOf(RecallPast recall) : recall_(std::move(recall)) {}
    FactSet facts(const Assessment& round) const override;

  private:
    RecallPast recall_;
};

}  // namespace whylink::checks
