// What a response means, by its status and the provider's error.
#include "control/clickhouse/dialect.hpp"

#include <fmt/format.h>

#include "control/outside_json.hpp"

namespace whylink::control {

namespace {

/// {"status": 400, "error": "text", "requestId": …}
std::string error_of(std::string_view body) {
    const auto document = parse_json(body);
    return document ? json_text(*document, "error") : std::string();
}

/// "control-plane:service:view" of an error that names it; else what the operation takes.
std::string permission_in(std::string_view error, const Operation& operation) {
    constexpr std::string_view prefix = "control-plane:";
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz-:";
    const std::size_t at = error.find(prefix);
    if (at == std::string_view::npos) {
        return std::string(operation.permission);
    }
    error.remove_prefix(at);
    return std::string(error.substr(0, error.find_first_not_of(letters)));
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

/// A key has an IP access list of its own, and an address that is not on it is answered like a permission.
std::string detail_of(Result result, const Operation& operation, int status, const std::string& error) {
    if (result == Result::ok) {
        return {};
    }
    if (result == Result::forbidden) {
        return permission_in(error, operation) + " (or the key's IP access list does not have this host)";
    }
    std::string text = fmt::format("HTTP {}{}{}", status, error.empty() ? "" : ": ", error);
    if (result == Result::credentials) {
        text += " (key wrong, expired, or this host is not on its IP access list)";
    }
    return text;
}

}  // namespace

Reply classify_clickhouse(const Operation& operation, const HttpResponse& response) {
    const std::string error = response.status == 200 ? std::string() : error_of(response.body);
    Reply reply;
    reply.result = result_of(response.status);
    reply.code = std::to_string(response.status);
    reply.detail = detail_of(reply.result, operation, response.status, error);
    return reply;
}

}  // namespace whylink::control
