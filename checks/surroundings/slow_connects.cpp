#include "checks/surroundings/slow_connects.hpp"

#include <bit>

namespace whylink::checks {

void SlowConnects::add(const Assessment& round) {
    constexpr unsigned kept = (1U << window) - 1;
    const unsigned latest = round.facts.contains(Fact::syn_repeated) ? 1 : 0;
    rounds_ = static_cast<std::uint16_t>((unsigned{rounds_} << 1U | latest) & kept);
}

bool SlowConnects::come_again() const {
    return static_cast<std::size_t>(std::popcount(rounds_)) >= least;
}

FactSet ConnectsBefore::facts(const Assessment& round) const {
    const bool again = round.facts.contains(Fact::syn_repeated) && before_.come_again();
    return again ? FactSet{Fact::syn_repeats} : FactSet();
}

}  // namespace whylink::checks
