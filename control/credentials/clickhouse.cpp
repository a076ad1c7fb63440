#include "control/credentials/clickhouse.hpp"

#include <array>

#include <fmt/format.h>

namespace whylink::control {

namespace {

/// Those of the Terraform provider, and the ones of before its version 3.15.
constexpr std::array<std::array<std::string_view, 2>, 2> variables{
    {{"CLICKHOUSE_CLOUD_API_KEY", "CLICKHOUSE_CLOUD_API_SECRET"},
     {"CLICKHOUSE_TOKEN_KEY", "CLICKHOUSE_TOKEN_SECRET"}}};

}  // namespace

std::variant<ClickHouseKey, CredentialFault> clickhouse_key(const config::Account& account,
                                                            const Environment& environment,
                                                            Redaction& redaction) {
    ClickHouseKey key;
    if (!account.key_secret_file.empty()) {
        auto content = read_secret(environment, account.key_secret_file);
        if (const auto* fault = std::get_if<Environment::Unreadable>(&content)) {
            return CredentialFault{Result::credentials, fmt::format("key_secret_file: {}", fault->reason)};
        }
        key = {account.key_id, Secret(std::get<std::string>(std::move(content))), "key_secret_file"};
    } else if (account.interactive) {
        for (const auto& [id, secret] : variables) {
            if (key.secret.empty()) {
                key = {environment.variable(id).value_or(""),
                       Secret(environment.variable(secret).value_or("")), "environment"};
            }
        }
    }
    if (key.id.empty() || key.secret.empty()) {
        return CredentialFault{Result::credentials, "no key: key_id and key_secret_file"};
    }
    redaction.learn(key.secret);
    return key;
}

}  // namespace whylink::control
