#include <algorithm>

#include <pugixml.hpp>

#include "control/aws/xml.hpp"
#include "control/credentials/parse.hpp"
#include "control/credentials/rfc3339.hpp"
#include "control/outside_json.hpp"

namespace whylink::control {

namespace {

std::optional<AwsCredentials> credentials_of(std::string id, std::string key, std::string token,
                                             const std::string& expiration) {
    AwsCredentials made;
    made.access_key_id = std::move(id);
    made.secret_key = Secret(std::move(key));
    made.session_token = Secret(std::move(token));
    made.expires_at = parse_rfc3339(expiration);
    const bool fits = is_credential(made.access_key_id) && is_credential(made.secret_key.reveal()) &&
                      (made.session_token.empty() || is_credential(made.session_token.reveal()));
    return fits ? std::optional(std::move(made)) : std::nullopt;
}

}  // namespace

bool is_credential(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<AwsCredentials> parse_aws_credentials(std::string_view body) {
    const auto json = parse_json(body);
    if (!json) {
        return std::nullopt;
    }
    return credentials_of(json_whole_text(*json, "AccessKeyId"), json_whole_text(*json, "SecretAccessKey"),
                          json_whole_text(*json, "Token"), json_whole_text(*json, "Expiration"));
}

std::optional<AwsCredentials> parse_sts_credentials(std::string_view action, std::string_view body) {
    pugi::xml_document document;
    const std::string response = std::string(action) + "Response";
    const std::string result = std::string(action) + "Result";
    if (!parse_xml(document, body, response)) {
        return std::nullopt;
    }
    const pugi::xml_node node = document.child(response.c_str()).child(result.c_str()).child("Credentials");
    return credentials_of(node.child_value("AccessKeyId"), node.child_value("SecretAccessKey"),
                          node.child_value("SessionToken"), node.child_value("Expiration"));
}

}  // namespace whylink::control
