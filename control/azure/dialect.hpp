// How Azure Resource Manager is spoken to: a bearer token, and errors as JSON.
#pragma once

#include "control/credentials/azure.hpp"
#include "control/http/caller.hpp"

namespace whylink::control {

class AzureDialect : public Dialect {
  public:
    /// It outlives this.
    explicit AzureDialect(AzureTokenChain& tokens) : tokens_(tokens) {}

    std::optional<CredentialFault> authorise(HttpRequest& request,
                                             std::chrono::steady_clock::time_point until) override;
    Reply classify(const Operation& operation, const HttpResponse& response) const override;
    bool renew() override;

  private:
    AzureTokenChain& tokens_;
};

/// What a response of Azure Resource Manager means.
Reply classify_arm(const Operation& operation, const HttpResponse& response);

}  // namespace whylink::control
