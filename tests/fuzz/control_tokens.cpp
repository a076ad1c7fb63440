// Any body as what gives credentials: metadata services, STS, Entra, az, files of AWS, and addresses of the environment.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "control/aws/dialect.hpp"
#include "control/azure/read.hpp"
#include "control/credentials/container_uri.hpp"
#include "control/credentials/ini.hpp"
#include "control/credentials/parse.hpp"
#include "control/credentials/rfc3339.hpp"
#include "control_facts.hpp"

using namespace whylink;
using namespace whylink::control;

namespace {

using SystemTime = std::chrono::system_clock::time_point;

const SystemTime now = std::chrono::system_clock::from_time_t(1'796'000'000);

/// What is sent in a header cannot begin another one.
void require_sendable(std::string_view text) {
    fuzz::require(!text.empty() && text.find_first_of("\r\n \t") == std::string_view::npos &&
                  text.find('\0') == std::string_view::npos);
}

void check_aws(const std::string& body) {
    for (const auto& found : {parse_aws_credentials(body), parse_sts_credentials("AssumeRole", body),
                              parse_sts_credentials("AssumeRoleWithWebIdentity", body)}) {
        if (!found) {
            continue;
        }
        require_sendable(found->access_key_id);
        require_sendable(found->secret_key.reveal());
        if (!found->session_token.empty()) {
            require_sendable(found->session_token.reveal());
        }
        fuzz::require(!found->expires_at || found->expires_at->time_since_epoch().count() >= 0);
    }
    fuzz::check_errors(body, [](const HttpResponse& response) {
        return classify_aws(operation(Op::sts_assume_role), response);
    });
}

void require_life(const AzureToken& token) {
    require_sendable(token.bearer.reveal());
    fuzz::require(token.expires_at >= now && token.expires_at <= now + std::chrono::hours(7 * 24));
    fuzz::require_fit(token_identity(token.bearer));
}

void check_azure(const std::string& body) {
    if (const auto token = parse_azure_token(body, now)) {
        require_life(*token);
    }
    if (const auto made = parse_az_token(body, now)) {
        require_life(made->token);
        fuzz::require_fit(made->subscription);
    }
    fuzz::require_fit(parse_azure_error(body));
    static_cast<void>(token_identity(Secret("." + body + ".")));
    if (const auto file = arc_key_file(body)) {
        constexpr std::string_view folder = "/var/opt/azcmagent/tokens/";
        fuzz::require(file->starts_with(folder) && file->find('/', folder.size()) == std::string::npos);
    }
}

void check_files(const std::string& body) {
    for (const auto& [name, section] : parse_ini(body)) {
        fuzz::require(name.find('\n') == std::string::npos);
        for (const auto& [key, value] : section) {
            fuzz::require(key.find_first_of("\n=") == std::string::npos && value_of(section, key) == value);
            fuzz::require(value.find('\n') == std::string::npos);
        }
    }
    const auto time = parse_rfc3339(body);
    fuzz::require(!time || time->time_since_epoch().count() >= 0);
}

/// Whatever the environment says, credentials are asked for on this host and its link alone.
void check_address(const std::string& uri) {
    for (const auto& call : {container_call(uri), identity_call(uri)}) {
        const auto made = call ? make_request(*call) : Refused{};
        const auto* request = std::get_if<HttpRequest>(&made);
        if (request == nullptr) {
            continue;
        }
        const auto address = IpAddress::parse(request->host);
        fuzz::require(request->host == "localhost" || address.has_value());
        fuzz::require(request->port != 0 && !request->through_proxy);
        fuzz::require(request->path.starts_with('/') &&
                      url_of(*request).find_first_of("\r\n ") == std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string body(data, data + size);
    check_aws(body);
    check_azure(body);
    check_files(body);
    check_address(body);
    return 0;
}
