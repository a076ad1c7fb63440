// An [[account]]: whom to ask what the packets cannot tell, and where its credentials are. It names files with secrets and
// never has their content, so that it may be shown, logged and sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "config/vocabulary.hpp"

namespace whylink::config {

enum class AccountProvider : std::uint8_t { aws, azure, gcp, clickhouse };

consteval auto vocabulary(AccountProvider) {
    using enum AccountProvider;
    return terms<AccountProvider>({{aws, "aws", "AWS"},
                                   {azure, "azure", "Azure"},
                                   {gcp, "gcp", "GCP"},
                                   {clickhouse, "clickhouse", "ClickHouse Cloud"}});
}

/// Each key belongs to the providers named; all are optional but ClickHouse's key pair. What is empty is found as the
/// provider's own SDK finds it.
struct Account {
    std::string name;
    AccountProvider provider = AccountProvider::aws;
    std::string region;                           ///< aws
    std::string profile;                          ///< aws: a section of the credentials file
    std::string credentials_file;                 ///< aws, gcp
    std::string role_arn;                         ///< aws: to be assumed
    std::string subscription;                     ///< azure
    std::string tenant_id;                        ///< azure
    std::string client_id;                        ///< azure
    std::string client_secret_file;               ///< azure
    std::string project;                          ///< gcp
    std::string key_id;                           ///< clickhouse
    std::string key_secret_file;                  ///< clickhouse
    std::string organization;                     ///< clickhouse
    std::chrono::milliseconds interval{900'000};  ///< how old an answer may be while nothing fails
    /// Not of the config: `--control` takes what this host has, the az CLI and `~` included.
    bool interactive = false;
    bool operator==(const Account&) const = default;
};

}  // namespace whylink::config
