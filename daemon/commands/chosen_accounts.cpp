#include "daemon/commands/chosen_accounts.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "config/load.hpp"
#include "config/nearest.hpp"
#include "daemon/control/choice.hpp"
#include "daemon/system/standard_streams.hpp"
#include "probes/host/identity.hpp"

namespace whylink::daemon {
namespace {

using config::Account;
using config::AccountProvider;

bool is_credential(const std::string& file) {
    return !file.empty() && file.find('/') == std::string::npos;
}

bool needs_service(const Account& account) {
    return is_credential(account.credentials_file) || is_credential(account.client_secret_file) ||
           is_credential(account.key_secret_file);
}

/// By the name of its provider.
Account found_account(AccountProvider provider) {
    Account account;
    account.name = slug(provider);
    account.provider = provider;
    account.interactive = true;
    return account;
}

/// ClickHouse's key is where its Terraform provider has it.
bool has_clickhouse_key() {
    constexpr std::array variables{"CLICKHOUSE_CLOUD_API_KEY", "CLICKHOUSE_TOKEN_KEY"};
    return std::ranges::any_of(variables, [](const char* name) {
        return std::getenv(name) != nullptr;  // NOLINT(concurrency-mt-unsafe)
    });
}

std::vector<Account> found_accounts(const config::Target& target) {
    std::vector<Account> accounts;
    if (const auto provider = provider_of(target, probes::host_identity().cloud)) {
        accounts.push_back(found_account(*provider));
    }
    if (vendor_of(target) == "clickhouse" && has_clickhouse_key()) {
        accounts.push_back(found_account(AccountProvider::clickhouse));
    }
    if (accounts.empty()) {
        complain(
            "--control: neither the name nor this host says which cloud the link is in; "
            "set --profile aws, azure or gcp");
    }
    return accounts;
}

std::string unknown_account(const std::string& name, const std::vector<Account>& accounts) {
    std::vector<std::string_view> known;
    for (const Account& account : accounts) {
        known.push_back(account.name);
    }
    return fmt::format("--account: no [[account]] is named \"{}\"{}", name, config::name_hint(name, known));
}

/// Those that are named, in their order; every mistake.
std::vector<std::string> add_named(const std::vector<std::string>& names, const std::string& config_file,
                                   std::vector<Account>& accounts) {
    std::vector<std::string> mistakes;
    const config::LoadResult loaded = config::load_file(config_file);
    for (const config::Error& error : loaded.errors) {
        mistakes.push_back(error.to_string());
    }
    for (const std::string& name : names) {
        const auto found = std::ranges::find(loaded.config.accounts, name, &Account::name);
        if (found != loaded.config.accounts.end()) {
            accounts.push_back(*found);
        } else if (loaded.ok()) {
            mistakes.push_back(unknown_account(name, loaded.config.accounts));
        }
    }
    return mistakes;
}

}  // namespace

ControlClient::Options client_for(const std::vector<Account>& accounts) {
    ControlClient::Options options{.socket = "", .program = find_reader()};
    if (std::ranges::any_of(accounts, needs_service)) {
        options.socket = control::socket_path;
    }
    return options;
}

AccountOptions configured_accounts(const config::Config& config) {
    AccountOptions options;
    options.accounts = config.accounts;
    options.where = config.daemon.metadata;
    options.client = client_for(options.accounts);
    return options;
}

std::variant<AccountOptions, std::vector<std::string>> chosen_accounts(const DiagnoseCommand& command,
                                                                       const config::Target& target,
                                                                       const std::string& config_file) {
    AccountOptions options;
    options.for_every_target = true;
    options.where = command.where;
    if (!command.accounts.empty()) {
        if (auto mistakes = add_named(command.accounts, config_file, options.accounts); !mistakes.empty()) {
            return mistakes;
        }
    }
    if (command.control) {
        std::ranges::move(found_accounts(target), std::back_inserter(options.accounts));
    }
    options.client = client_for(options.accounts);
    return options;
}

}  // namespace whylink::daemon
