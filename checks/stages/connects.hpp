// Connections that come up late, because a SYN was sent again.
#pragma once

#include "checks/judge.hpp"

namespace whylink::checks {

/// A SYN of it was lost, which cost what connects a second or more: TCP sends it again no sooner (RFC 6298 section 2.1).
bool waited_for_syn(const JudgedProbe& probe);

/// What the round's ordinary connections show of it, whatever came of them afterwards.
FactSet summarise_connects(const Assessment& round);

}  // namespace whylink::checks
