// What the targets of one VM tell about each other: kept up to date target by target, for a daemon whose
// rounds end at different times. judge_siblings() in judge.hpp is the same for rounds of one time. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "checks/judge.hpp"

namespace whylink::checks {

class Siblings {
  public:
    using Id = std::uint32_t;
    /// Any monotonic clock's reading; the judgement only compares.
    using Moment = std::chrono::nanoseconds;

    Siblings();
    ~Siblings();
    Siblings(const Siblings&) = delete;
    Siblings& operator=(const Siblings&) = delete;

    /// The latest verdict of an endpoint or a zone, which replaces the one before. Nothing of the arguments is
    /// referred to afterwards.
    void put(Id id, const config::Target& target, const Verdict& verdict, Moment at);
    /// Unknown ids are ignored.
    void remove(Id id);
    /// How many targets there are. Until each of them was put() once, that nothing works anywhere is not
    /// said: the first two to fail are not all. By default 0: whoever was put() is all.
    void expect(std::size_t targets);

    /// What the others add to the facts of a target that was put(): Fact::siblings_down and only_names_tried,
    /// sibling_reached, sibling_served. None for an id that is not there. Verdicts from before `since` are
    /// too old to say anything about now; a target whose own is gets none. That nothing works anywhere is not
    /// said while as many are too old as fail; that something works for another, for ten minutes at most and
    /// only when it was seen since the target began to fail, for what broke the one may have broken both.
    /// Cheap for a target that passes: at most a look-up; for one that fails a scan over the others of a few
    /// nanoseconds each.
    FactSet facts_for(Id id, Moment since) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Draws the diagnosis anew with further facts; nothing happens when there are none. Outcomes and health stay
/// as they are.
void add_facts(const config::Target& target, FactSet facts, Verdict& verdict);

}  // namespace whylink::checks
