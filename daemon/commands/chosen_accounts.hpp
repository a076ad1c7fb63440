// Which accounts a one-shot command reads.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "daemon/commands/cli.hpp"
#include "daemon/control/one_shot.hpp"

namespace whylink::daemon {

/// How the reader of these is reached: a secret that is a credential of systemd (a file without "/") only the service
/// has, so its socket is tried first then.
ControlClient::Options client_for(const std::vector<config::Account>& accounts);

/// Of `check`: each target is read from those that fit.
AccountOptions configured_accounts(const config::Config& config);

/// Of `diagnose --account`, `--control` and `--where`; else every mistake. The config is read only for `--account`.
std::variant<AccountOptions, std::vector<std::string>> chosen_accounts(const DiagnoseCommand& command,
                                                                       const config::Target& target,
                                                                       const std::string& config_file);

}  // namespace whylink::daemon
