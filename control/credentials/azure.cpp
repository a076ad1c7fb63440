#include "control/credentials/azure.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "config/outside_text.hpp"
#include "control/azure/read.hpp"
#include "control/credentials/container_uri.hpp"
#include "control/credentials/parse.hpp"

namespace whylink::control {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Found = std::variant<AzureToken, CredentialFault>;
using Source = std::optional<Found>;

constexpr auto renewed_before = 5min;

const std::array<AzureCloud, 3> clouds{{{"management.azure.com", "login.microsoftonline.com"},
                                        {"management.chinacloudapi.cn", "login.chinacloudapi.cn"},
                                        {"management.usgovcloudapi.net", "login.microsoftonline.us"}}};

CredentialFault refused(std::string detail) {
    return {Result::credentials, std::move(detail)};
}

/// What an answer gave, by its source.
Found found_in(std::optional<AzureToken> token, std::string source) {
    if (!token) {
        return refused(source + ": no token in the answer");
    }
    token->source = std::move(source);
    return std::move(*token);
}

std::string error_in(const HttpResponse& response) {
    const std::string said = parse_azure_error(response.body);
    return said.empty() ? fmt::format("HTTP {}", response.status) : said;
}

}  // namespace

struct AzureTokenChain::State {
    const config::Account account;
    const Environment& environment;
    Transport& transport;
    Redaction& redaction;
    const AzureCloud& cloud;
    std::optional<AzureToken> held;
    std::string known_subscription;

    Found search(Clock::time_point until);
    Source from_service_principal(Clock::time_point until);
    Source from_workload_identity(Clock::time_point until);
    Source from_identity_endpoint(Clock::time_point until);
    Source from_instance(Clock::time_point until);
    Source from_az();

    Found ask_entra(const std::string& tenant, std::vector<Pair> form, std::string source,
                    Clock::time_point until);
    Source ask_arc(HttpRequest request, Clock::time_point until);
    HttpResponse send(const HttpRequest& request, Clock::time_point until) {
        return std::move(transport.perform(std::span(&request, 1), until).front());
    }
    std::string setting(const std::string& configured, std::string_view variable) const {
        return configured.empty() ? environment.variable(variable).value_or("") : configured;
    }
    std::string resource() const { return "https://" + cloud.management + "/"; }
};

Found AzureTokenChain::State::ask_entra(const std::string& tenant, std::vector<Pair> form, std::string source,
                                        Clock::time_point until) {
    form.emplace_back("scope", resource() + ".default");
    auto made = make_request(
        {Op::entra_token, {{"login", cloud.login}, {"tenant", tenant}}, {}, std::move(form), std::nullopt});
    auto* request = std::get_if<HttpRequest>(&made);
    if (request == nullptr) {
        return refused(source + ": " + std::get<Refused>(made).reason);
    }
    const HttpResponse response = send(*request, until);
    if (response.failure != Failure::none) {
        return CredentialFault{Result::unreachable,
                               fmt::format("{}: {} does not answer", source, cloud.login)};
    }
    if (response.status != 200) {
        return without_token(response.status, fmt::format("{}: {}", source, error_in(response)));
    }
    return found_in(parse_azure_token(response.body, environment.now()), std::move(source));
}

Source AzureTokenChain::State::from_service_principal(Clock::time_point until) {
    const std::string tenant = setting(account.tenant_id, "AZURE_TENANT_ID");
    const std::string client = setting(account.client_id, "AZURE_CLIENT_ID");
    Secret secret;
    if (!account.client_secret_file.empty()) {
        auto content = read_secret(environment, account.client_secret_file);
        if (const auto* fault = std::get_if<Environment::Unreadable>(&content)) {
            return refused(fmt::format("client_secret_file: {}", fault->reason));
        }
        secret = Secret(std::get<std::string>(std::move(content)));
    } else {
        secret = Secret(environment.variable("AZURE_CLIENT_SECRET").value_or(""));
    }
    if (secret.empty()) {
        return std::nullopt;
    }
    redaction.learn(secret);
    if (tenant.empty() || client.empty()) {
        return refused("service principal: tenant_id and client_id are needed beside the secret");
    }
    return ask_entra(tenant,
                     {{"grant_type", "client_credentials"},
                      {"client_id", client},
                      {"client_secret", std::string(secret.reveal())}},
                     "service principal " + client, until);
}

Source AzureTokenChain::State::from_workload_identity(Clock::time_point until) {
    const auto file = environment.variable("AZURE_FEDERATED_TOKEN_FILE");
    const std::string tenant = setting(account.tenant_id, "AZURE_TENANT_ID");
    const std::string client = setting(account.client_id, "AZURE_CLIENT_ID");
    if (!file || tenant.empty() || client.empty()) {
        return std::nullopt;
    }
    auto content = read_secret(environment, *file);
    if (const auto* fault = std::get_if<Environment::Unreadable>(&content)) {
        return refused(fmt::format("federated token file: {}", fault->reason));
    }
    const Secret assertion(std::get<std::string>(std::move(content)));
    redaction.learn(assertion);
    return ask_entra(tenant,
                     {{"grant_type", "client_credentials"},
                      {"client_id", client},
                      {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                      {"client_assertion", std::string(assertion.reveal())}},
                     "workload identity " + client, until);
}

/// App Service and its kin have a header, Arc a challenge.
Source AzureTokenChain::State::from_identity_endpoint(Clock::time_point until) {
    const auto endpoint = environment.variable("IDENTITY_ENDPOINT");
    if (!endpoint) {
        return std::nullopt;
    }
    const auto header = environment.variable("IDENTITY_HEADER");
    std::optional<Call> call = identity_call(*endpoint);
    if (!call) {
        return refused("IDENTITY_ENDPOINT: an address that no identity service has");
    }
    call->raw_query.reset();
    call->query = {{"api-version", header ? "2019-08-01" : "2019-11-01"}, {"resource", resource()}};
    const std::string client = setting(account.client_id, "AZURE_CLIENT_ID");
    if (!client.empty()) {
        call->query.emplace_back("client_id", client);
    }
    auto made = make_request(*call);
    auto* request = std::get_if<HttpRequest>(&made);
    if (request == nullptr) {
        return refused("IDENTITY_ENDPOINT: " + std::get<Refused>(made).reason);
    }
    if (!header) {
        return ask_arc(std::move(*request), until);
    }
    const Secret secret(*header);
    redaction.learn(secret);
    request->headers.push_back({"X-IDENTITY-HEADER", secret});
    const HttpResponse response = send(*request, until);
    if (response.failure != Failure::none) {
        return CredentialFault{Result::unreachable, "the identity endpoint does not answer"};
    }
    if (response.status != 200) {
        return without_token(response.status, "managed identity: " + error_in(response));
    }
    return found_in(parse_azure_token(response.body, environment.now()), "managed identity");
}

/// The agent names a file that only its group may read: who can read it may have the token.
Source AzureTokenChain::State::ask_arc(HttpRequest request, Clock::time_point until) {
    request.headers.push_back({"Metadata", Secret("true")});
    const HttpResponse challenge = send(request, until);
    const auto path = arc_key_file(challenge.header("www-authenticate"));
    if (challenge.status != 401 || !path) {
        return refused("Azure Arc: no challenge of its agent");
    }
    auto content = read_secret(environment, *path);
    if (const auto* fault = std::get_if<Environment::Unreadable>(&content)) {
        return refused(fmt::format("Azure Arc: {}: {}", outside_text(*path), fault->reason));
    }
    const Secret key(std::get<std::string>(std::move(content)));
    redaction.learn(key);
    request.headers.push_back({"Authorization", Secret("Basic " + std::string(key.reveal()))});
    const HttpResponse response = send(request, until);
    if (response.status != 200) {
        return without_token(response.status, "Azure Arc: " + error_in(response));
    }
    return found_in(parse_azure_token(response.body, environment.now()), "managed identity (Arc)");
}

Source AzureTokenChain::State::from_instance(Clock::time_point until) {
    std::vector<Pair> query{{"api-version", "2018-02-01"}, {"resource", resource()}};
    if (const std::string client = setting(account.client_id, "AZURE_CLIENT_ID"); !client.empty()) {
        query.emplace_back("client_id", client);
    }
    auto made = make_request({Op::azure_metadata_token, {}, std::move(query), {}, std::nullopt});
    auto* request = std::get_if<HttpRequest>(&made);
    if (request == nullptr) {
        return std::nullopt;
    }
    request->headers.push_back({"Metadata", Secret("true")});
    const HttpResponse response = send(*request, std::min(until, Clock::now() + 1s));
    if (response.failure != Failure::none || response.status == 404) {
        return std::nullopt;  // not on Azure
    }
    if (response.status != 200) {
        return without_token(response.status, "managed identity: " + error_in(response));
    }
    return found_in(parse_azure_token(response.body, environment.now()), "managed identity");
}

Source AzureTokenChain::State::from_az() {
    if (!account.interactive) {
        return std::nullopt;
    }
    auto output = environment.az_access_token(account.tenant_id);
    const auto* text = std::get_if<std::string>(&output);
    if (text == nullptr) {
        const auto& fault = std::get<Environment::Unreadable>(output);
        return fault.error != 0 ? Source() : Source(refused("az CLI: " + fault.reason));
    }
    auto made = parse_az_token(*text, environment.now());
    if (!made) {
        return refused("az CLI: no token in its output");
    }
    known_subscription = known_subscription.empty() ? std::move(made->subscription) : known_subscription;
    return found_in(std::move(made->token), "az CLI");
}

Found AzureTokenChain::State::search(Clock::time_point until) {
    Source found = from_service_principal(until);
    found = found ? std::move(found) : from_workload_identity(until);
    found = found ? std::move(found) : from_identity_endpoint(until);
    found = found ? std::move(found) : from_instance(until);
    found = found ? std::move(found) : from_az();
    return found ? std::move(*found)
                 : Found(refused(
                       "no credentials: no service principal, workload identity or managed identity"));
}

namespace {

const AzureCloud& cloud_of(const Environment& environment) {
    const std::string authority = environment.variable("AZURE_AUTHORITY_HOST").value_or("");
    for (const AzureCloud& cloud : clouds) {
        if (authority.find(cloud.login) != std::string::npos) {
            return cloud;
        }
    }
    return clouds.front();
}

}  // namespace

AzureTokenChain::AzureTokenChain(config::Account account, const Environment& environment,
                                 Transport& transport, Redaction& redaction)
    : state_(std::make_unique<State>(State{
          std::move(account), environment, transport, redaction, cloud_of(environment), std::nullopt, {}})) {}

AzureTokenChain::~AzureTokenChain() = default;

std::variant<AzureToken, CredentialFault> AzureTokenChain::get(Clock::time_point until) {
    State& state = *state_;
    const auto now = state.environment.now();
    if (state.held && state.held->expires_at - renewed_before > now) {
        state.redaction.learn(state.held->bearer);
        return *state.held;
    }
    Found found = state.search(until);
    if (const auto* token = std::get_if<AzureToken>(&found)) {
        state.redaction.learn(token->bearer);
        state.held = *token;
        return found;
    }
    return state.held && state.held->expires_at > now ? Found(*state.held) : std::move(found);
}

bool AzureTokenChain::renew() {
    const bool had = state_->held.has_value();
    state_->held.reset();
    return had;
}

std::string AzureTokenChain::subscription(Clock::time_point until) {
    State& state = *state_;
    if (state.known_subscription.empty()) {
        state.known_subscription = state.setting(state.account.subscription, "AZURE_SUBSCRIPTION_ID");
    }
    if (state.known_subscription.empty()) {
        const auto found = azure_instance(state.transport, state.redaction, until);
        const auto* instance = std::get_if<Instance>(&found);
        state.known_subscription = instance != nullptr ? instance->account : std::string();
    }
    if (state.known_subscription.empty() && state.account.interactive) {
        (void)get(until);  // az names its own
    }
    return state.known_subscription;
}

const AzureCloud& AzureTokenChain::cloud() const {
    return state_->cloud;
}

}  // namespace whylink::control
