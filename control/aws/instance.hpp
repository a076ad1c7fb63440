// This host by AWS' instance metadata (IMDSv2), without any permission: instance identity, interfaces, groups.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "checks/control/instance.hpp"
#include "control/http/caller.hpp"
#include "control/http/transport.hpp"
#include "control/secrets/redaction.hpp"

namespace whylink::control {

/// A session with the metadata service: a token of 6 hours, items by their path. One attempt within 1 s.
class AwsMetadata {
  public:
    /// Both outlive it. `endpoint` is AWS_EC2_METADATA_SERVICE_ENDPOINT, taken only for 169.254.169.254 and fd00:ec2::254.
    AwsMetadata(Transport& transport, Redaction& redaction, std::string_view endpoint = {});

    /// The body of /latest/meta-data/`item`. 404 is `not_found`.
    Reply item(std::string_view item, std::chrono::steady_clock::time_point until);
    /// That of the instance identity document.
    Reply document(std::chrono::steady_clock::time_point until);

  private:
    Reply get(const Call& call, std::chrono::steady_clock::time_point until);
    std::optional<Reply> renew_token(std::chrono::steady_clock::time_point until);

    Transport& transport_;
    Redaction& redaction_;
    std::string host_;
    Secret token_;
    std::chrono::steady_clock::time_point token_until_{};
};

std::variant<Instance, Reply> aws_instance(AwsMetadata& metadata,
                                           std::chrono::steady_clock::time_point until);

}  // namespace whylink::control
