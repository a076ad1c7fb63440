#include "control/azure/dialect.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace whylink::control {

namespace {

struct AzureError {
    std::string code;
    std::string message;
};

/// {"error": {"code", "message"}}, and without the outer object.
AzureError error_of(std::string_view body) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (!json.is_object()) {
        return {};
    }
    const auto& error = json.contains("error") && json["error"].is_object() ? json["error"] : json;
    const auto text = [&](const char* name) {
        return error.contains(name) && error[name].is_string() ? error[name].get<std::string>()
                                                               : std::string();
    };
    return {text("code"), text("message")};
}

Result result_of(int status, std::string_view code) {
    if (status == 200 || status == 202) {
        return Result::ok;
    }
    if (status == 401) {
        return Result::credentials;
    }
    // Without any right in a subscription it "is not found".
    if (status == 403 || code == "SubscriptionNotFound" || code == "AuthorizationFailed") {
        return Result::forbidden;
    }
    if (status == 429) {
        return Result::throttled;
    }
    return status == 404 || status == 410 ? Result::not_found : Result::error;
}

}  // namespace

std::optional<CredentialFault> AzureDialect::authorise(HttpRequest& request,
                                                       std::chrono::steady_clock::time_point until) {
    auto found = tokens_.get(until);
    if (auto* fault = std::get_if<CredentialFault>(&found)) {
        return std::move(*fault);
    }
    const AzureToken& token = std::get<AzureToken>(found);
    request.headers.push_back({"Authorization", Secret("Bearer " + std::string(token.bearer.reveal()))});
    return std::nullopt;
}

Reply AzureDialect::classify(const Operation& operation, const HttpResponse& response) const {
    Reply reply;
    const AzureError error = response.status < 300 ? AzureError{} : error_of(response.body);
    reply.result = result_of(response.status, error.code);
    reply.code = error.code;
    if (reply.result == Result::forbidden && !operation.permission.empty()) {
        reply.detail = operation.permission;
    } else if (reply.result != Result::ok) {
        reply.detail = error.code.empty() ? fmt::format("HTTP {}", response.status)
                                          : fmt::format("{}: {}", error.code, error.message);
    }
    return reply;
}

bool AzureDialect::renew() {
    return tokens_.renew();
}

}  // namespace whylink::control
