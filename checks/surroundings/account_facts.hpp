// What the findings about a target are in the table: facts.
#pragma once

#include "checks/control/findings.hpp"
#include "checks/judge.hpp"

namespace whylink::checks {

FactSet account_facts(const control::Findings& found, const control::Subject& subject,
                      const Assessment& round);

/// Of an endpoint's state alone; empty: it says nothing.
FactSet link_facts(control::ConnectionState state);
/// A peer's connection that this side must accept.
bool waits_for_us(const control::Findings& found);
/// Nothing comes, and the only connection there is does not exist any more.
bool has_ended_peer(const control::Findings& found, const Assessment& round);

}  // namespace whylink::checks
