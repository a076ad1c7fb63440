// Of round after round: whether connects that wait for a second SYN are the rule. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "checks/judge.hpp"

namespace whylink::checks {

/// Whether a SYN was sent again in each of the latest rounds.
class SlowConnects {
  public:
    static constexpr std::size_t window = 10;  ///< rounds, the one at hand not among them
    static constexpr std::size_t least = 2;    ///< of these make it more than the loss of a packet

    void add(const Assessment& round);
    bool come_again() const;

  private:
    std::uint16_t rounds_ = 0;  ///< a bit for each, the latest lowest
};

/// The rounds before as a source of facts: `syn_repeats` where the round at hand is one of several. `before` does not
/// have that round yet.
class ConnectsBefore final : public Source {
  public:
    explicit ConnectsBefore(const SlowConnects& before) : before_(before) {}
    FactSet facts(const Assessment& round) const override;

  private:
    const SlowConnects& before_;
};

}  // namespace whylink::checks
