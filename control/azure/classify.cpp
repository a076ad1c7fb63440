// What a response means, by its status and the provider's error.
#include "control/azure/dialect.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "control/outside_json.hpp"

namespace whylink::control {

namespace {

struct ArmError {
    std::string code;
    std::string message;
};

/// {"error": {"code": …, "message": …}}, and without the outer object.
ArmError error_of(std::string_view body) {
    const auto document = parse_json(body);
    if (!document) {
        return {};
    }
    const nlohmann::json& inner = json_at(*document, "error");
    const nlohmann::json& error = inner.is_object() ? inner : *document;
    return {json_text(error, "code"), json_text(error, "message")};
}

bool is_success(int status) {
    return status == 200 || status == 202 || status == 204;
}

/// An identity without any role in a subscription is told that there is none.
bool is_hidden_subscription(const ArmError& error) {
    return error.code == "SubscriptionNotFound" || error.code == "InvalidSubscriptionId";
}

Result result_of(int status, const ArmError& error) {
    if (is_success(status)) {
        return Result::ok;
    }
    if (status == 403 || error.code == "AuthorizationFailed" || is_hidden_subscription(error)) {
        return Result::forbidden;
    }
    switch (status) {
        case 401:
            return Result::credentials;
        case 404:
        case 410:
            return Result::not_found;
        case 429:
            return Result::throttled;
        default:
            return Result::error;
    }
}

/// "… does not have authorization to perform action 'Microsoft.Network/privateEndpoints/read' over scope …"
std::string action_in(std::string_view message) {
    constexpr std::string_view before = "action '";
    const std::size_t at = message.find(before);
    if (at == std::string_view::npos) {
        return {};
    }
    message.remove_prefix(at + before.size());
    const std::string_view action = message.substr(0, message.find('\''));
    return action.starts_with("Microsoft.") ? std::string(action) : std::string();
}

/// The permission; of a refusal that is none of roles (a policy, a subscription that is disabled) why.
std::string forbidden_text(const Operation& operation, const ArmError& error) {
    const std::string action = action_in(error.message);
    const std::string permission = action.empty() ? std::string(operation.permission) : action;
    if (error.code.empty() || error.code == "AuthorizationFailed" ||
        error.code == "LinkedAuthorizationFailed") {
        return permission;
    }
    return fmt::format("{} ({}: {})", permission, error.code, error.message);
}

/// What is left of the quota, as far as the answer says.
std::string quota_text(const HttpResponse& response) {
    std::string text;
    for (const auto& [name, value] : response.headers) {
        if (name.starts_with("x-ms-ratelimit-remaining-")) {
            text += fmt::format(", {} {}", name, value);
        }
    }
    return text;
}

/// A token is refused where it seems to be of the past or of the future.
std::string clock_text(const HttpResponse& response) {
    constexpr std::chrono::seconds most_skew{300};
    const auto ahead = response.clock_ahead();
    if (!ahead || std::chrono::abs(*ahead) < most_skew) {
        return {};
    }
    return fmt::format("; the clock of this host is {} s {}", std::abs(ahead->count()),
                       ahead->count() > 0 ? "ahead" : "behind");
}

std::string detail_of(Result result, const Operation& operation, const HttpResponse& response,
                      const ArmError& error) {
    if (result == Result::ok) {
        return {};
    }
    if (result == Result::forbidden) {
        return forbidden_text(operation, error);
    }
    std::string text = error.code.empty() ? fmt::format("HTTP {}", response.status)
                                          : fmt::format("{}: {}", error.code, error.message);
    text += result == Result::throttled ? quota_text(response) : std::string();
    text += result == Result::credentials ? clock_text(response) : std::string();
    return text;
}

}  // namespace

Reply classify_arm(const Operation& operation, const HttpResponse& response) {
    const ArmError error = is_success(response.status) ? ArmError{} : error_of(response.body);
    Reply reply;
    reply.code = error.code;
    reply.result = result_of(response.status, error);
    reply.detail = detail_of(reply.result, operation, response, error);
    return reply;
}

}  // namespace whylink::control
