// What a query as a follow-up test has shown.
#pragma once

#include <span>

#include "checks/followups/results.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// `probe` is a query of that kind; `probes` are the ordinary ones.
Finding finding_of_query(probes::FollowUp kind, const JudgedProbe& probe,
                         std::span<const JudgedProbe> probes);

/// What the findings do not say.
FactSet further_facts_of_queries(std::span<const FollowUpResult> results);

}  // namespace whylink::checks
