// What of a valid configuration cannot work, or does harm, and can be told without a packet.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/document.hpp"
#include "config/files.hpp"
#include "config/load.hpp"

namespace whylink::config {

/// Where a target was read, for the places of its values.
struct TablePlace {
    std::string file;
    Position at;  ///< of the table
    const Table* table = nullptr;
};

struct PlacedTarget {
    TargetPtr target;
    TablePlace place;
};

struct PlacedDefaults {
    Common values;
    TablePlace place;  ///< no table: the config has no [defaults]
};

struct PlacedDaemon {
    Daemon values;
    TablePlace place;  ///< no table: the config has no [daemon]; then the main file
};

struct PlacedAccount {
    Account account;
    TablePlace place;
};

/// One warning for each row of the table of lints that fits, at the value that it is about. Targets that are
/// switched off are looked at as well. `files` are asked who else may read a key, once for each.
std::vector<Error> lint(std::span<const PlacedTarget> targets, const PlacedDefaults& defaults,
                        const PlacedDaemon& daemon, const Files& files);

/// The same of accounts: `files` are asked whether the account that probes could read a secret.
std::vector<Error> lint_accounts(std::span<const PlacedAccount> accounts, const Files& files);

}  // namespace whylink::config
