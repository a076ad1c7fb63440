// What a response means, by its status and the provider's error.
#include "control/aws/dialect.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "control/aws/xml.hpp"

namespace whylink::control {

namespace {

struct AwsError {
    std::string code;
    std::string message;
};

/// Of both shapes: Response/Errors/Error of EC2, ErrorResponse/Error of the others.
AwsError error_of(std::string_view body) {
    pugi::xml_document document;
    if (parse_xml(document, body, "Response")) {
        const pugi::xml_node error = document.child("Response").child("Errors").child("Error");
        return {text_of(error, "Code"), text_of(error, "Message")};
    }
    if (parse_xml(document, body, "ErrorResponse")) {
        const pugi::xml_node error = document.child("ErrorResponse").child("Error");
        return {text_of(error, "Code"), text_of(error, "Message")};
    }
    return {};
}

bool is_one_of(std::span<const std::string_view> codes, std::string_view code) {
    return std::ranges::find(codes, code) != codes.end();
}

constexpr std::array<std::string_view, 4> permission_codes{"UnauthorizedOperation", "AccessDenied",
                                                           "AccessDeniedException", "OptInRequired"};
constexpr std::array<std::string_view, 12> credential_codes{"AuthFailure",
                                                            "SignatureDoesNotMatch",
                                                            "InvalidClientTokenId",
                                                            "ExpiredToken",
                                                            "ExpiredTokenException",
                                                            "RequestExpired",
                                                            "InvalidAccessKeyId",
                                                            "MissingAuthenticationToken",
                                                            "IncompleteSignature",
                                                            "UnrecognizedClientException",
                                                            "InvalidSignatureException",
                                                            "RequestTimeTooSkewed"};
constexpr std::array<std::string_view, 6> pace_codes{"RequestLimitExceeded", "Throttling",
                                                     "ThrottlingException",  "PriorRequestNotComplete",
                                                     "RequestThrottled",     "SlowDown"};
/// Beside "….NotFound" and "NoSuch…".
constexpr std::array<std::string_view, 4> absence_codes{"InvalidServiceName", "LoadBalancerNotFound",
                                                        "TargetGroupNotFound", "ListenerNotFound"};

bool is_absence(std::string_view code) {
    return code.ends_with(".NotFound") || code.starts_with("NoSuch") || is_one_of(absence_codes, code);
}

/// AWS refuses a signature whose time is more than 5 minutes off.
constexpr std::chrono::seconds most_skew{300};

std::string clock_text(std::chrono::seconds ahead) {
    return fmt::format("; the clock of this host is {} s {}", std::abs(ahead.count()),
                       ahead.count() > 0 ? "ahead" : "behind");
}

Result result_of(const HttpResponse& response, std::string_view code) {
    if (response.status == 200) {
        return Result::ok;
    }
    if (is_one_of(permission_codes, code)) {
        return Result::forbidden;
    }
    if (is_one_of(credential_codes, code)) {
        return Result::credentials;
    }
    if (is_one_of(pace_codes, code) || response.status == 429) {
        return Result::throttled;
    }
    return is_absence(code) ? Result::not_found : Result::error;
}

std::string detail_of(Result result, const Operation& operation, const HttpResponse& response,
                      const AwsError& error) {
    if (result == Result::ok) {
        return {};
    }
    if (result == Result::forbidden && !operation.permission.empty()) {
        return std::string(operation.permission);
    }
    std::string text = error.code.empty() ? fmt::format("HTTP {}", response.status)
                                          : fmt::format("{}: {}", error.code, error.message);
    const auto ahead = response.clock_ahead();
    if (result == Result::credentials && ahead && std::chrono::abs(*ahead) >= most_skew) {
        text += clock_text(*ahead);
    }
    return text;
}

}  // namespace

Reply classify_aws(const Operation& operation, const HttpResponse& response) {
    const AwsError error = response.status == 200 ? AwsError{} : error_of(response.body);
    Reply reply;
    reply.code = error.code;
    reply.result = result_of(response, error.code);
    reply.detail = detail_of(reply.result, operation, response, error);
    return reply;
}

}  // namespace whylink::control
