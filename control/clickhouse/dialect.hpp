// How ClickHouse Cloud's API is spoken to: HTTP Basic with a key pair, errors as JSON, X-RateLimit-Reset in seconds.
#pragma once

#include "config/account.hpp"
#include "control/credentials/clickhouse.hpp"
#include "control/http/caller.hpp"

namespace whylink::control {

class ClickHouseDialect : public Dialect {
  public:
    /// All outlive it.
    ClickHouseDialect(const config::Account& account, const Environment& environment, Redaction& redaction)
        : account_(account), environment_(environment), redaction_(redaction) {}

    std::optional<CredentialFault> authorise(HttpRequest& request,
                                             std::chrono::steady_clock::time_point until) override;
    Reply classify(const Operation& operation, const HttpResponse& response) const override;
    bool renew() override;

  private:
    const config::Account& account_;
    const Environment& environment_;
    Redaction& redaction_;
};

/// What a response of ClickHouse Cloud's API means.
Reply classify_clickhouse(const Operation& operation, const HttpResponse& response);

}  // namespace whylink::control
