// ClickHouse Cloud's key pair: the id from the config, the secret from its file; interactively, the variables of its
// Terraform provider.
#pragma once

#include <string>
#include <variant>

#include "config/account.hpp"
#include "control/credentials/environment.hpp"
#include "control/http/caller.hpp"
#include "control/secrets/redaction.hpp"
#include "control/secrets/secret.hpp"

namespace whylink::control {

struct ClickHouseKey {
    std::string id;
    Secret secret;
    std::string source;  ///< "key_secret_file", "environment"
};

/// The file is read each time: a key that was replaced is found without a restart.
std::variant<ClickHouseKey, CredentialFault> clickhouse_key(const config::Account& account,
                                                            const Environment& environment,
                                                            Redaction& redaction);

}  // namespace whylink::control
