// What the accounts of the provider and of the vendor say of a target: a source of facts, with the words of its texts.
#pragma once

#include <optional>

#include "checks/control/findings.hpp"
#include "checks/judge.hpp"
#include "checks/surroundings/account_words.hpp"
#include "checks/surroundings/source.hpp"

namespace whylink::checks {

/// `readings` outlives it. `subject` is the target as the accounts were asked about it; addresses, aliases and sources
/// are those of the round where it has any. `failing_since`: when the failure began; what was read before says nothing.
class AccountsOf final : public Source {
  public:
    AccountsOf(const control::Readings& readings, control::Subject subject,
               std::optional<control::Time> failing_since);

    FactSet facts(const Assessment& round) const override;
    void tell(Verdict& verdict) const override;

  private:
    control::Subject subject(const Assessment& round) const;
    bool is_fresh(control::Time read_at, const Assessment& round) const;
    bool is_absent(const control::Findings& found, const control::Subject& subject,
                   const Assessment& round) const;
    control::Findings findings(const control::Subject& subject, const Assessment& round) const;

    const control::Readings& readings_;
    control::Subject subject_;
    std::optional<control::Time> failing_since_;
};

}  // namespace whylink::checks
