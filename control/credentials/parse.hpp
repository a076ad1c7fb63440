// Answers of services that give credentials. Pure: text in, credentials out, nothing where there are none or where they
// could not be sent as they are.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "control/credentials/aws.hpp"
#include "control/credentials/azure.hpp"

namespace whylink::control {

/// Printable ASCII without spaces: what a header takes. Not empty.
bool is_credential(std::string_view text);

// `source` is the caller's to fill in.

/// Of the instance metadata and of a container's service.
std::optional<AwsCredentials> parse_aws_credentials(std::string_view body);
/// Of `action`: AssumeRole or AssumeRoleWithWebIdentity.
std::optional<AwsCredentials> parse_sts_credentials(std::string_view action, std::string_view body);

/// Of Entra and of managed identities.
std::optional<AzureToken> parse_azure_token(std::string_view body, std::chrono::system_clock::time_point now);

struct AzToken {
    AzureToken token;
    std::string subscription;  ///< empty: not said
};

/// Of `az account get-access-token`.
std::optional<AzToken> parse_az_token(std::string_view output, std::chrono::system_clock::time_point now);

/// Of Entra: `error` and the first line of its description, which has an AADSTS code; empty: none.
std::string parse_azure_error(std::string_view body);

/// The file that a challenge of Azure Arc's agent names; none where it is not one of its folder.
std::optional<std::string> arc_key_file(std::string_view challenge);

}  // namespace whylink::control
