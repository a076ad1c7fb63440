#include "control/aws/instance.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "control/credentials/parse.hpp"

namespace whylink::control {

namespace {

using namespace std::chrono_literals;

/// Renewed well before its end.
constexpr std::string_view token_seconds = "21600";
constexpr auto token_use = 5h;
constexpr auto longest_wait = 1s;

std::string host_of(std::string_view endpoint) {
    const bool is_v6 = endpoint.find("fd00:ec2::254") != std::string_view::npos;
    return is_v6 ? "fd00:ec2::254" : "169.254.169.254";
}

Reply reply_of(const HttpResponse& response) {
    Reply reply;
    reply.status = response.status;
    reply.read_at = std::chrono::time_point_cast<std::chrono::milliseconds>(response.received_at);
    if (response.failure != Failure::none) {
        reply.result = Result::unreachable;
        reply.detail = "the instance metadata service does not answer";
        return reply;
    }
    reply.result = response.status == 200   ? Result::ok
                   : response.status == 404 ? Result::not_found
                   : response.status == 429 ? Result::throttled
                                            : Result::error;
    if (reply.result != Result::ok) {
        reply.detail = fmt::format("instance metadata: HTTP {}", response.status);
    }
    return reply;
}

}  // namespace

AwsMetadata::AwsMetadata(Transport& transport, Redaction& redaction, std::string_view endpoint)
    : transport_(transport), redaction_(redaction), host_(host_of(endpoint)) {}

Reply AwsMetadata::item(std::string_view item, std::chrono::steady_clock::time_point until) {
    Call call;
    call.op = Op::aws_metadata_item;
    call.path = {{"aws_metadata", host_}, {"item", std::string(item)}};
    return get(call, until);
}

Reply AwsMetadata::document(std::chrono::steady_clock::time_point until) {
    Call call;
    call.op = Op::aws_metadata_document;
    call.path = {{"aws_metadata", host_}};
    return get(call, until);
}

Reply AwsMetadata::get(const Call& call, std::chrono::steady_clock::time_point until) {
    until = std::min(until, std::chrono::steady_clock::now() + longest_wait);
    if (auto fault = renew_token(until)) {
        return std::move(*fault);
    }
    auto made = make_request(call);
    auto* request = std::get_if<HttpRequest>(&made);
    if (request == nullptr) {
        return failed(Result::error, "no item of the instance metadata");
    }
    request->headers.push_back({"X-aws-ec2-metadata-token", token_});
    HttpResponse response = std::move(transport_.perform(std::span(request, 1), until).front());
    Reply reply = reply_of(response);
    reply.body = std::move(response.body);
    if (response.status == 401) {
        token_ = Secret();
    }
    return reply;
}

std::optional<Reply> AwsMetadata::renew_token(std::chrono::steady_clock::time_point until) {
    if (!token_.empty() && std::chrono::steady_clock::now() < token_until_) {
        return std::nullopt;
    }
    auto made = make_request({Op::aws_metadata_token, {{"aws_metadata", host_}}, {}, {}, std::nullopt});
    auto* request = std::get_if<HttpRequest>(&made);
    if (request == nullptr) {
        return failed(Result::error, "no address of the instance metadata");
    }
    request->headers.push_back({"X-aws-ec2-metadata-token-ttl-seconds", Secret(std::string(token_seconds))});
    HttpResponse response = std::move(transport_.perform(std::span(request, 1), until).front());
    Reply reply = reply_of(response);
    if (reply.result != Result::ok) {
        return reply;
    }
    if (!is_credential(response.body)) {
        return failed(Result::error, "instance metadata: no token in the answer");
    }
    token_ = Secret(std::move(response.body));
    redaction_.learn(token_);
    token_until_ = std::chrono::steady_clock::now() + token_use;
    return std::nullopt;
}

}  // namespace whylink::control
