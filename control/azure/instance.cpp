#include "checks/control/instance.hpp"

#include <algorithm>

#include "config/outside_text.hpp"
#include "control/azure/parse.hpp"
#include "control/azure/read.hpp"

namespace whylink::control {

namespace {

constexpr std::string_view version = "2021-02-01";

Reply failure(Result result, std::string detail) {
    Reply reply;
    reply.result = result;
    reply.detail = std::move(detail);
    return reply;
}

}  // namespace

std::variant<Instance, Reply> azure_instance(Transport& transport, Redaction& redaction,
                                             std::chrono::steady_clock::time_point until) {
    Call call;
    call.op = Op::azure_metadata_instance;
    call.query = {{"api-version", std::string(version)}};
    auto made = make_request(call);
    if (const auto* refused = std::get_if<Refused>(&made)) {
        return failure(Result::error, refused->reason);
    }
    HttpRequest request = std::move(std::get<HttpRequest>(made));
    request.headers.push_back({"Metadata", Secret("true")});
    const HttpResponse response = std::move(transport.perform(std::span(&request, 1), until).front());
    if (response.failure != Failure::none) {
        return failure(Result::unreachable,
                       redaction.apply(outside_text("169.254.169.254: " + response.error)));
    }
    auto instance = response.status == 200 ? parse_azure_instance(response.body) : std::nullopt;
    if (!instance) {
        return failure(
            response.status == 404 ? Result::not_found : Result::error,
            "169.254.169.254: HTTP " + std::to_string(response.status) + ", not Azure's instance metadata");
    }
    instance->origin.read_at = std::chrono::time_point_cast<std::chrono::milliseconds>(response.received_at);
    return std::move(*instance);
}

}  // namespace whylink::control
