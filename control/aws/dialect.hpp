// How AWS is spoken to: SigV4, and errors in the two XML shapes (EC2; ELB, STS and Route 53).
#pragma once

#include <string>

#include "control/aws/sigv4.hpp"
#include "control/credentials/aws.hpp"
#include "control/credentials/environment.hpp"
#include "control/http/caller.hpp"

namespace whylink::control {

class AwsDialect : public Dialect {
  public:
    /// Both outlive it.
    AwsDialect(AwsCredentialChain& credentials, const Environment& environment)
        : credentials_(credentials), environment_(environment) {}

    std::optional<CredentialFault> authorise(HttpRequest& request,
                                             std::chrono::steady_clock::time_point until) override;
    Reply classify(const Operation& operation, const HttpResponse& response) const override;
    bool renew() override;

  private:
    AwsCredentialChain& credentials_;
    const Environment& environment_;
};

/// What a response of AWS with an HTTP status means.
Reply classify_aws(const Operation& operation, const HttpResponse& response);

/// The region and service that a request to this host is signed for.
SigningScope scope_of(const HttpRequest& request);
/// "amazonaws.com", "amazonaws.com.cn" for cn-*.
std::string_view domain_suffix(std::string_view region);

}  // namespace whylink::control
