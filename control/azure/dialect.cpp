#include "control/azure/dialect.hpp"

#include <variant>

namespace whylink::control {

std::optional<CredentialFault> AzureDialect::authorise(HttpRequest& request,
                                                       std::chrono::steady_clock::time_point until) {
    auto found = tokens_.get(until);
    if (auto* fault = std::get_if<CredentialFault>(&found)) {
        return std::move(*fault);
    }
    std::string value = "Bearer " + std::string(std::get<AzureToken>(found).bearer.reveal());
    request.headers.push_back({"Authorization", Secret(std::move(value))});
    return std::nullopt;
}

Reply AzureDialect::classify(const Operation& operation, const HttpResponse& response) const {
    return classify_arm(operation, response);
}

bool AzureDialect::renew() {
    return tokens_.renew();
}

}  // namespace whylink::control
