#include "control/credentials/aws.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "config/outside_text.hpp"
#include "control/aws/dialect.hpp"
#include "control/aws/instance.hpp"
#include "control/aws/sigv4.hpp"
#include "control/credentials/container_uri.hpp"
#include "control/credentials/ini.hpp"
#include "control/credentials/parse.hpp"

namespace whylink::control {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Found = std::variant<AwsCredentials, CredentialFault>;

/// How long before their end credentials are renewed.
constexpr auto renewed_before = 5min;
/// Profiles that take their credentials from another one.
constexpr int most_profiles = 5;
constexpr std::string_view session_name = "whylink";
/// STS where no region is known.
constexpr std::string_view usual_region = "us-east-1";

CredentialFault refused(std::string detail) {
    return {Result::credentials, std::move(detail)};
}

/// Of a service that gives credentials: what it does not know or allow is a refusal of them.
Result without_credentials(Result result) {
    return result == Result::forbidden || result == Result::not_found ? Result::credentials : result;
}

void learn(Redaction& redaction, const AwsCredentials& credentials) {
    redaction.learn(credentials.secret_key);
    redaction.learn(credentials.session_token);
}

/// What an answer gave, by its source.
Found found_in(std::optional<AwsCredentials> credentials, std::string source) {
    if (!credentials) {
        return refused(source + ": no credentials in the answer");
    }
    credentials->source = std::move(source);
    return std::move(*credentials);
}

}  // namespace

struct AwsCredentialChain::State {
    State(config::Account of, const Environment& env, Transport& sends, Redaction& hides)
        : account(std::move(of)),
          environment(env),
          transport(sends),
          redaction(hides),
          metadata(sends, hides, env.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("")) {}

    const config::Account account;
    const Environment& environment;
    Transport& transport;
    Redaction& redaction;
    AwsMetadata metadata;
    std::optional<AwsCredentials> held;
    std::string known_region;

    // Each source gives nothing where it is not configured; what is configured and fails ends the search.
    using Source = std::optional<Found>;

    Source from_variables() const;
    Source from_files(Clock::time_point until);
    Source from_web_identity(const std::string& file, const std::string& role, Clock::time_point until);
    Source from_container(Clock::time_point until);
    Source from_instance(Clock::time_point until);

    Found search(Clock::time_point until);
    Found from_profile(const std::string& name, Clock::time_point until, int depth);
    Found from_credential_source(const std::string& source, Clock::time_point until);
    Found assume(const Found& base, const std::string& role, const std::string& external_id,
                 Clock::time_point until);
    Found ask_sts(Op op, std::vector<Pair> form, const AwsCredentials* signer, std::string source,
                  Clock::time_point until);

    std::string file_of(std::string_view variable, std::string_view name) const;
    /// A section of both files, the credentials file's keys first; none where neither has it.
    std::optional<IniSection> profile(std::string_view name) const;
    std::string profile_name() const;
    std::string region(Clock::time_point until);
};

/// Of the SDKs' places: a variable, else below the home directory.
std::string AwsCredentialChain::State::file_of(std::string_view variable, std::string_view name) const {
    if (auto path = environment.variable(variable)) {
        return *path;
    }
    const auto home = environment.variable("HOME");
    return home ? *home + "/.aws/" + std::string(name) : std::string();
}

std::optional<IniSection> AwsCredentialChain::State::profile(std::string_view name) const {
    const std::string credentials = account.credentials_file.empty()
                                        ? file_of("AWS_SHARED_CREDENTIALS_FILE", "credentials")
                                        : credential_path(environment, account.credentials_file);
    const std::string config = file_of("AWS_CONFIG_FILE", "config");
    const std::string in_config = name == "default" ? "default" : "profile " + std::string(name);
    std::optional<IniSection> found;
    for (const auto& [path, section] :
         {std::pair(credentials, std::string(name)), std::pair(config, in_config)}) {
        const auto content = path.empty() ? Environment::Unreadable{} : environment.read_file(path);
        if (const auto* text = std::get_if<std::string>(&content)) {
            const Ini ini = parse_ini(*text);
            if (const auto place = ini.find(section); place != ini.end()) {
                found = found.value_or(IniSection());
                found->insert(place->second.begin(), place->second.end());
            }
        }
    }
    return found;
}

std::string AwsCredentialChain::State::profile_name() const {
    return account.profile.empty() ? environment.variable("AWS_PROFILE").value_or("default")
                                   : account.profile;
}

AwsCredentialChain::State::Source AwsCredentialChain::State::from_variables() const {
    const auto id = environment.variable("AWS_ACCESS_KEY_ID");
    const auto key = environment.variable("AWS_SECRET_ACCESS_KEY");
    if (!id || !key) {
        return std::nullopt;
    }
    return AwsCredentials{
        *id, Secret(*key), Secret(environment.variable("AWS_SESSION_TOKEN").value_or("")), {}, "environment"};
}

AwsCredentialChain::State::Source AwsCredentialChain::State::from_files(Clock::time_point until) {
    const std::string name = profile_name();
    const bool is_asked_for = !account.profile.empty() || !account.credentials_file.empty();
    const std::optional<IniSection> section = profile(name);
    if (!section && !is_asked_for) {
        return std::nullopt;
    }
    const bool has_any =
        section && (section->contains("aws_access_key_id") || section->contains("role_arn") ||
                    section->contains("credential_process") || section->contains("sso_session") ||
                    section->contains("sso_start_url"));
    if (!has_any && !is_asked_for) {
        return std::nullopt;  // a section with a region alone
    }
    return from_profile(name, until, 0);
}

Found AwsCredentialChain::State::from_profile(const std::string& name, Clock::time_point until, int depth) {
    const std::optional<IniSection> section = profile(name);
    if (!section) {
        return refused(fmt::format("no readable profile {}", name));
    }
    const std::string role = value_of(*section, "role_arn");
    const std::string id = value_of(*section, "aws_access_key_id");
    const std::string source = value_of(*section, "source_profile");
    // A profile that names itself has its own keys for the role.
    const bool assumes = !role.empty() && !(source == name && depth > 0);
    if (assumes) {
        if (const std::string file = value_of(*section, "web_identity_token_file"); !file.empty()) {
            return *from_web_identity(file, role, until);
        }
        if (depth >= most_profiles) {
            return refused("profiles take their credentials from each other in a circle");
        }
        const std::string credential_source = value_of(*section, "credential_source");
        const Found base = credential_source.empty() ? from_profile(source, until, depth + 1)
                                                     : from_credential_source(credential_source, until);
        return assume(base, role, value_of(*section, "external_id"), until);
    }
    if (!id.empty()) {
        return AwsCredentials{id,
                              Secret(value_of(*section, "aws_secret_access_key")),
                              Secret(value_of(*section, "aws_session_token")),
                              {},
                              "profile " + name};
    }
    return refused(
        fmt::format("profile {}: neither keys nor a role (credential_process and SSO are not used)", name));
}

Found AwsCredentialChain::State::from_credential_source(const std::string& source, Clock::time_point until) {
    Source found;
    if (source == "Environment") {
        found = from_variables();
    } else if (source == "EcsContainer") {
        found = from_container(until);
    } else if (source == "Ec2InstanceMetadata") {
        found = from_instance(until);
    }
    return found ? std::move(*found) : refused(fmt::format("credential_source {}: no credentials", source));
}

AwsCredentialChain::State::Source AwsCredentialChain::State::from_web_identity(const std::string& file,
                                                                               const std::string& role,
                                                                               Clock::time_point until) {
    auto token = environment.read_file(file);  // read each time: it is exchanged while the program runs
    if (const auto* fault = std::get_if<Environment::Unreadable>(&token)) {
        return refused(fmt::format("web identity token file: {}", fault->reason));
    }
    const Secret secret(std::get<std::string>(std::move(token)));
    redaction.learn(secret);
    const std::string session =
        environment.variable("AWS_ROLE_SESSION_NAME").value_or(std::string(session_name));
    return ask_sts(
        Op::sts_assume_role_with_web_identity,
        {{"RoleArn", role}, {"RoleSessionName", session}, {"WebIdentityToken", std::string(secret.reveal())}},
        nullptr, "web identity, role " + role, until);
}

AwsCredentialChain::State::Source AwsCredentialChain::State::from_container(Clock::time_point until) {
    const auto relative = environment.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const auto full = environment.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative && !full) {
        return std::nullopt;
    }
    const std::optional<Call> call = container_call(relative ? "http://169.254.170.2" + *relative : *full);
    if (!call) {
        return refused("container credentials: an address that no container service has");
    }
    auto made = make_request(*call);
    auto* request = std::get_if<HttpRequest>(&made);
    if (request == nullptr) {
        return refused("container credentials: " + std::get<Refused>(made).reason);
    }
    Secret authorization(environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or(""));
    if (const auto file = environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
        auto token = read_secret(environment, *file);
        if (const auto* fault = std::get_if<Environment::Unreadable>(&token)) {
            return refused(fmt::format("container authorization token: {}", fault->reason));
        }
        authorization = Secret(std::get<std::string>(std::move(token)));
    }
    if (!authorization.empty()) {
        redaction.learn(authorization);
        request->headers.push_back({"Authorization", authorization});
    }
    const HttpResponse response = std::move(transport.perform(std::span(request, 1), until).front());
    if (response.failure != Failure::none) {
        return CredentialFault{Result::unreachable, "the container's credential service does not answer"};
    }
    if (response.status != 200) {
        return without_token(response.status, fmt::format("container credentials: HTTP {}", response.status));
    }
    return found_in(parse_aws_credentials(response.body), "container");
}

AwsCredentialChain::State::Source AwsCredentialChain::State::from_instance(Clock::time_point until) {
    if (environment.variable("AWS_EC2_METADATA_DISABLED") == "true") {
        return std::nullopt;
    }
    const Reply role = metadata.item("iam/security-credentials/", until);
    if (role.result != Result::ok) {
        return std::nullopt;  // not on AWS, or an instance without a role
    }
    const std::string name = role.body.substr(0, role.body.find('\n'));
    const Reply reply = metadata.item("iam/security-credentials/" + name, until);
    if (reply.result != Result::ok) {
        return CredentialFault{without_credentials(reply.result), reply.detail};
    }
    return found_in(parse_aws_credentials(reply.body), "IMDS role " + outside_text(name));
}

Found AwsCredentialChain::State::assume(const Found& base, const std::string& role,
                                        const std::string& external_id, Clock::time_point until) {
    const auto* credentials = std::get_if<AwsCredentials>(&base);
    if (credentials == nullptr) {
        return base;
    }
    learn(redaction, *credentials);
    std::vector<Pair> form{{"RoleArn", role}, {"RoleSessionName", std::string(session_name)}};
    if (!external_id.empty()) {
        form.emplace_back("ExternalId", external_id);
    }
    return ask_sts(Op::sts_assume_role, std::move(form), credentials,
                   fmt::format("role {} by {}", role, credentials->source), until);
}

Found AwsCredentialChain::State::ask_sts(Op op, std::vector<Pair> form, const AwsCredentials* signer,
                                         std::string source, Clock::time_point until) {
    std::string where = region(until);
    where = where.empty() ? std::string(usual_region) : where;
    auto made = make_request({op,
                              {{"region", where}, {"suffix", std::string(domain_suffix(where))}},
                              {},
                              std::move(form),
                              std::nullopt});
    auto* request = std::get_if<HttpRequest>(&made);
    if (request == nullptr) {
        return refused(source + ": " + std::get<Refused>(made).reason);
    }
    if (signer != nullptr) {
        sign(*request, *signer, scope_of(*request), environment.now());
    }
    const HttpResponse response = std::move(transport.perform(std::span(request, 1), until).front());
    if (response.failure != Failure::none) {
        return CredentialFault{Result::unreachable,
                               fmt::format("{}: {} does not answer", source, request->host)};
    }
    if (response.status != 200) {
        const Reply reply = classify_aws(operation(op), response);
        const bool forbidden = reply.result == Result::forbidden;
        return CredentialFault{without_credentials(reply.result),
                               fmt::format("{}: {}", source, forbidden ? "AccessDenied" : reply.detail)};
    }
    return found_in(parse_sts_credentials(operation(op).action, response.body), std::move(source));
}

Found AwsCredentialChain::State::search(Clock::time_point until) {
    Source found;
    if (!account.profile.empty() || !account.credentials_file.empty()) {
        found = from_files(until);
    } else {
        found = from_variables();
        found = found ? std::move(found) : from_files(until);
        const auto file = environment.variable("AWS_WEB_IDENTITY_TOKEN_FILE");
        const auto role = environment.variable("AWS_ROLE_ARN");
        if (!found && file && role) {
            found = from_web_identity(*file, *role, until);
        }
        found = found ? std::move(found) : from_container(until);
        found = found ? std::move(found) : from_instance(until);
    }
    if (!found) {
        return refused(
            "no credentials: none in the environment, in files, of a container or of the instance");
    }
    return account.role_arn.empty() ? std::move(*found) : assume(*found, account.role_arn, {}, until);
}

std::string AwsCredentialChain::State::region(Clock::time_point until) {
    if (!account.region.empty()) {
        return account.region;
    }
    if (known_region.empty()) {
        for (const std::string_view name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
            known_region = known_region.empty() ? environment.variable(name).value_or("") : known_region;
        }
    }
    if (known_region.empty()) {
        known_region = value_of(profile(profile_name()).value_or(IniSection()), "region");
    }
    if (known_region.empty() && environment.variable("AWS_EC2_METADATA_DISABLED") != "true") {
        const Reply reply = metadata.item("placement/region", until);
        const bool is_region = reply.result == Result::ok && may_stand_in_host(reply.body);
        known_region = is_region ? reply.body : std::string();
    }
    return known_region;
}

AwsCredentialChain::AwsCredentialChain(config::Account account, const Environment& environment,
                                       Transport& transport, Redaction& redaction)
    : state_(std::make_unique<State>(std::move(account), environment, transport, redaction)) {}

AwsCredentialChain::~AwsCredentialChain() = default;

std::variant<AwsCredentials, CredentialFault> AwsCredentialChain::get(Clock::time_point until) {
    State& state = *state_;
    const auto now = state.environment.now();
    const bool lasts =
        state.held && (!state.held->expires_at || *state.held->expires_at - renewed_before > now);
    if (lasts) {
        learn(state.redaction, *state.held);
        return *state.held;
    }
    Found found = state.search(until);
    if (auto* made = std::get_if<AwsCredentials>(&found)) {
        learn(state.redaction, *made);
        if (made->expires_at && *made->expires_at <= now) {
            return refused(made->source + ": expired, or the clock of this host is wrong");
        }
        state.held = *made;
        return found;
    }
    const bool is_usable = state.held && state.held->expires_at > now;
    return is_usable ? Found(*state.held) : std::move(found);
}

bool AwsCredentialChain::renew() {
    const bool is_fixed = state_->held && state_->held->source == "environment";
    state_->held.reset();
    return !is_fixed;
}

std::string AwsCredentialChain::region(Clock::time_point until) {
    return state_->region(until);
}

}  // namespace whylink::control
