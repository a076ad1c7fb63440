#include "control/clickhouse/dialect.hpp"

#include <variant>

#include "control/secrets/base64.hpp"

namespace whylink::control {

std::optional<CredentialFault> ClickHouseDialect::authorise(HttpRequest& request,
                                                            std::chrono::steady_clock::time_point /*until*/) {
    auto found = clickhouse_key(account_, environment_, redaction_);
    if (auto* fault = std::get_if<CredentialFault>(&found)) {
        return std::move(*fault);
    }
    const ClickHouseKey& key = std::get<ClickHouseKey>(found);
    std::string pair = key.id + ":" + std::string(key.secret.reveal());
    const Secret encoded(base64(pair));
    wipe(pair);
    redaction_.learn(encoded);
    request.headers.push_back({"Authorization", Secret("Basic " + std::string(encoded.reveal()))});
    return std::nullopt;
}

Reply ClickHouseDialect::classify(const Operation& operation, const HttpResponse& response) const {
    return classify_clickhouse(operation, response);
}

/// The file is read for each request, so there is no other key.
bool ClickHouseDialect::renew() {
    return false;
}

}  // namespace whylink::control
