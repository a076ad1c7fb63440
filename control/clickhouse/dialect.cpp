#include "control/clickhouse/dialect.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "control/secrets/base64.hpp"

namespace whylink::control {

namespace {

/// {"status": 400, "error": "text", "requestId": "…"}
std::string error_of(std::string_view body) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    return json.is_object() && json.contains("error") && json["error"].is_string()
               ? json["error"].get<std::string>()
               : std::string();
}

Result result_of(int status) {
    switch (status) {
        case 200:
            return Result::ok;
        case 401:
            return Result::credentials;
        case 403:
            return Result::forbidden;
        case 404:
            return Result::not_found;
        case 429:
            return Result::throttled;
        default:
            return Result::error;
    }
}

}  // namespace

std::optional<CredentialFault> ClickHouseDialect::authorise(HttpRequest& request,
                                                            std::chrono::steady_clock::time_point /*until*/) {
    auto found = clickhouse_key(account_, environment_, redaction_);
    if (auto* fault = std::get_if<CredentialFault>(&found)) {
        return std::move(*fault);
    }
    const auto& key = std::get<ClickHouseKey>(found);
    std::string pair = key.id + ":" + std::string(key.secret.reveal());
    const Secret encoded(base64(pair));
    wipe(pair);
    redaction_.learn(encoded);
    request.headers.push_back({"Authorization", Secret("Basic " + std::string(encoded.reveal()))});
    return std::nullopt;
}

Reply ClickHouseDialect::classify(const Operation& operation, const HttpResponse& response) const {
    Reply reply;
    reply.result = result_of(response.status);
    if (reply.result == Result::ok) {
        return reply;
    }
    const std::string error = error_of(response.body);
    reply.code = std::to_string(response.status);
    reply.detail = error.empty() ? fmt::format("HTTP {}", response.status)
                                 : fmt::format("HTTP {}: {}", response.status, error);
    if (reply.result == Result::forbidden) {
        // A key has a list of addresses of its own, which answers the same.
        reply.detail =
            fmt::format("{} (or the key's IP access list does not have this host)", operation.permission);
    } else if (reply.result == Result::credentials) {
        reply.detail += " (key wrong, expired, or this host is not on its IP access list)";
    }
    return reply;
}

bool ClickHouseDialect::renew() {
    return false;
}

}  // namespace whylink::control
