// What the accounts of the provider and of the vendor say of a target: facts of the table, and the words that its texts
// are filled with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/control/findings.hpp"
#include "checks/judge.hpp"
#include "checks/surroundings/source.hpp"

namespace whylink::checks {

/// For the placeholders of explain/wording.hpp, whose names they have; each is empty where it is not known.
struct AccountWords {
    std::string endpoint;        ///< "vpce-0abc", the last part of a Resource ID
    std::string endpoint_id;     ///< in full
    std::string state;           ///< "waits for acceptance (pendingAcceptance)"
    std::string rule;            ///< "sg-0abc: no inbound rule for tcp/9440 from 10.0.3.10"
    std::string right_address;   ///< of the endpoint
    std::string zone_reason;     ///< "zone example.com has no link to vnet-app"
    std::string vendor_service;  ///< its identifier
    std::string vendor_state;    ///< "prod is stopped"
    std::string connection;      ///< "vpce-0abc (account 402592597372)": waits for us
    std::string target_group;    ///< "orders: 2 of 2 targets unhealthy (Target.FailedHealthChecks)"
    std::vector<std::string>
        lines;  ///< of the evidence, what the diagnosis leaves unexplained not among them
};

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
    control::Findings findings(const control::Subject& subject, const Assessment& round) const;

    const control::Readings& readings_;
    control::Subject subject_;
    std::optional<control::Time> failing_since_;
};

}  // namespace whylink::checks
