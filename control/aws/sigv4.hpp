// AWS Signature Version 4 of a request (docs.aws.amazon.com, "Signature Version 4 signing process"). Written here and not
// left to libcurl 7.88, whose canonical query and path are wrong outside `POST /`; OpenSSL does the hashing.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "control/credentials/aws.hpp"
#include "control/http/call.hpp"

namespace whylink::control {

/// For whom a request is signed.
struct SigningScope {
    std::string region;   ///< "eu-west-1"; of global services "us-east-1"
    std::string service;  ///< "ec2", "elasticloadbalancing", "route53", "sts"
};

/// The steps, for the tests against published cases.
struct Signature {
    std::string canonical_request;
    std::string string_to_sign;
    Secret authorization;  ///< the header's value
};

/// Signs every header that the request has, with `host` and `x-amz-date` added where they are missing, and the session
/// token.
Signature signature_of(const HttpRequest& request, const AwsCredentials& credentials,
                       const SigningScope& scope, std::chrono::system_clock::time_point now);

/// Adds X-Amz-Date, X-Amz-Security-Token and Authorization.
void sign(HttpRequest& request, const AwsCredentials& credentials, const SigningScope& scope,
          std::chrono::system_clock::time_point now);

}  // namespace whylink::control
