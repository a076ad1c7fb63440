// `whylink account check`: what each account can be read for, and what is missing.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "config/account.hpp"
#include "daemon/commands/cli.hpp"
#include "daemon/control/client.hpp"
#include "daemon/report/human/terminal.hpp"

namespace whylink::daemon {

/// An account and what came of its check.
struct CheckedAccount {
    config::Account account;
    std::variant<control::CheckAnswer, NoReader> answer;

    /// Every operation may be called.
    bool is_readable() const;
};

/// For people. At the end of each account that lacks something stands the smallest policy or role that grants it.
std::string account_report(const std::vector<CheckedAccount>& checked, const HumanStyle& style);
/// The same for programs: one object with the list `accounts`.
std::string account_json(const std::vector<CheckedAccount>& checked);

/// Asks the reader about the accounts that the command names, prints the report, and gives the status to exit with:
/// 0 all can be read, 1 something cannot, 2 an unknown name, 3 there is no account.
int check_accounts(const std::vector<config::Account>& accounts, const AccountCheckCommand& command,
                   const HumanStyle& style);

}  // namespace whylink::daemon
