// What the targets of one host tell about each other: kept up to date target by target, for a daemon whose
// rounds end at different times. Pure.
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

    /// The latest round of an endpoint or a zone, which replaces the one before. Nothing of the arguments is
    /// referred to afterwards.
    void put(Id id, const config::Target& target, const Assessment& round, Moment at);
    /// Unknown ids are ignored.
    void remove(Id id);
    /// How many targets there are. Until each of them was put() once, that nothing works anywhere is not
    /// said: the first two to fail are not all. By default 0: whoever was put() is all.
    void expect(std::size_t targets);

    /// What the others add to the facts of a target that was put(): when everything fails at the network and no
    /// resolver answers it is this host's network (siblings_down, only_names_tried), unless another is reached
    /// (sibling_reached); when another name on the same address is served it is that one service
    /// (sibling_served). A target that nothing could be learnt of for a fault of this host is told nothing of the
    /// network, and keeps nobody else from being told. None for an id that is not there. Rounds from before `since` are
    /// too old to say anything about now; a target whose own is gets none. That nothing works anywhere is not
    /// said while as many are too old as fail; that something works for another, for ten minutes at most and
    /// only when it was seen since the target began to fail, for what broke the one may have broken both.
    /// Cheap for a target that passes: at most a look-up; for one that fails a scan over the others of a few
    /// nanoseconds each.
    FactSet facts_for(Id id, Moment since) const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// The others as a source of facts for one that was put().
class SiblingsOf final : public Source {
  public:
    /// As in Siblings::facts_for().
    SiblingsOf(const Siblings& all, Siblings::Id id, Siblings::Moment since)
        : all_(all), id_(id), since_(since) {}
    FactSet facts(const Assessment& /*round*/) const override { return all_.facts_for(id_, since_); }

  private:
    const Siblings& all_;
    Siblings::Id id_;
    Siblings::Moment since_;
};

}  // namespace whylink::checks
