// What the findings about a target are in its texts: words of placeholders, and lines of the evidence.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/control/findings.hpp"
#include "checks/judge.hpp"

namespace whylink::checks {

/// For the placeholders of explain/wording.hpp, whose names they have; each is empty where it is not known.
struct AccountWords {
    std::string endpoint;        ///< "vpce-0abc", the last part of a Resource ID
    std::string endpoint_id;     ///< in full
    std::string state;           ///< "waits for acceptance (pendingAcceptance)"
    std::string rule;            ///< "sg-0abc: no inbound rule for tcp/9440 from 10.0.3.10"
    std::string fix;             ///< "Add an inbound rule to sg-0abc …": what lets the connection through
    std::string right_address;   ///< of the endpoint
    std::string zone_reason;     ///< "zone example.com has no link to vnet-app"
    std::string vendor_service;  ///< its identifier
    std::string vendor_state;    ///< "prod is stopped"
    std::string connection;      ///< "vpce-0abc (account 402592597372)": waits for us
    std::string target_group;    ///< "orders: 2 of 2 targets unhealthy (Target.FailedHealthChecks)"
    std::vector<std::string>
        lines;  ///< of the evidence, what the diagnosis leaves unexplained not among them
};

AccountWords account_words(const control::Findings& found);

/// A line of the evidence, and the fact that it is about: what the diagnosis leaves unexplained is said there.
struct AccountLine {
    std::optional<Fact> fact;
    std::string text;
};

std::vector<AccountLine> account_lines(const control::Findings& found, const Assessment& round,
                                       const AccountWords& words);

}  // namespace whylink::checks
