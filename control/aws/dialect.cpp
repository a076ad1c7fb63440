#include "control/aws/dialect.hpp"

#include <variant>

namespace whylink::control {

std::optional<CredentialFault> AwsDialect::authorise(HttpRequest& request,
                                                     std::chrono::steady_clock::time_point until) {
    auto found = credentials_.get(until);
    if (auto* fault = std::get_if<CredentialFault>(&found)) {
        return std::move(*fault);
    }
    sign(request, std::get<AwsCredentials>(found), scope_of(request), environment_.now());
    return std::nullopt;
}

Reply AwsDialect::classify(const Operation& operation, const HttpResponse& response) const {
    return classify_aws(operation, response);
}

bool AwsDialect::renew() {
    return credentials_.renew();
}

SigningScope scope_of(const HttpRequest& request) {
    const std::string_view host = request.host;
    const std::size_t dot = host.find('.');
    const std::string service(host.substr(0, dot));
    if (service == "route53") {
        return {host.ends_with(".cn") ? "cn-northwest-1" : "us-east-1", service};
    }
    const std::string_view rest = host.substr(dot + 1);
    return {std::string(rest.substr(0, rest.find('.'))), service};
}

std::string_view domain_suffix(std::string_view region) {
    return region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

}  // namespace whylink::control
