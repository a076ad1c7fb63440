// The chains of credentials: their order, what each source asks for, and what is said where there is none.
#include <gtest/gtest.h>

#include "control/credentials/aws.hpp"
#include "control/credentials/azure.hpp"
#include "control/credentials/clickhouse.hpp"
#include "control/credentials/ini.hpp"
#include "tests/unit/control/fakes.hpp"

namespace whylink::control {
namespace {

constexpr std::string_view expiration = "2015-08-30T13:36:00Z";  // an hour after the clock of the tests

class Aws : public testing::Test {
  protected:
    std::variant<AwsCredentials, CredentialFault> find(config::Account account = {}) {
        AwsCredentialChain chain(std::move(account), environment_, transport_, redaction_);
        return chain.get(soon());
    }
    /// "ID from SOURCE", or the fault.
    std::string found(config::Account account = {}) {
        const auto credentials = find(std::move(account));
        if (const auto* fault = std::get_if<CredentialFault>(&credentials)) {
            return fault->detail;
        }
        const auto& one = std::get<AwsCredentials>(credentials);
        return one.access_key_id + " from " + one.source;
    }
    void set_keys(const std::string& id) {
        environment_.variables["AWS_ACCESS_KEY_ID"] = id;
        environment_.variables["AWS_SECRET_ACCESS_KEY"] = "secret-of-" + id;
    }
    void set_files(std::string credentials, std::string config = {}) {
        environment_.variables["HOME"] = "/home/u";
        environment_.files["/home/u/.aws/credentials"] = std::move(credentials);
        environment_.files["/home/u/.aws/config"] = std::move(config);
    }
    /// An instance with a role.
    void set_instance() {
        transport_.answers = [](const Sent& sent) {
            if (sent.url.ends_with("/latest/api/token")) {
                return FakeTransport::answer(200, "session-token-of-imds");
            }
            if (!sent.headers.contains("X-aws-ec2-metadata-token")) {
                return FakeTransport::answer(401);
            }
            if (sent.url.ends_with("/iam/security-credentials/")) {
                return FakeTransport::answer(200, "reader");
            }
            if (sent.url.ends_with("/iam/security-credentials/reader")) {
                return FakeTransport::answer(200, credentials_of("ASIAINSTANCE"));
            }
            return FakeTransport::answer(404);
        };
    }
    static std::string credentials_of(const std::string& id) {
        return R"({"Code": "Success", "AccessKeyId": ")" + id +
               R"(", "SecretAccessKey": "secret-key", "Token": "session-token", "Expiration": ")" +
               std::string(expiration) + "\"}";
    }
    static std::string of_sts(const std::string& action) {
        return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
               "Result><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey>"
               "<SessionToken>role-token</SessionToken><Expiration>" +
               std::string(expiration) + "</Expiration></Credentials></" + action + "Result></" + action +
               "Response>";
    }

    FakeEnvironment environment_;
    FakeTransport transport_;
    Redaction redaction_;
};

TEST_F(Aws, TakesTheEnvironmentBeforeFilesBeforeTheInstance) {
    set_instance();
    EXPECT_EQ(found(), "ASIAINSTANCE from IMDS role reader");
    set_files("[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = file-secret\n");
    EXPECT_EQ(found(), "AKIAFILE from profile default");
    set_keys("AKIAENV");
    EXPECT_EQ(found(), "AKIAENV from environment");
}

TEST_F(Aws, SendsNoTokenOfTheInstanceThatIsNone) {
    transport_.answers = [](const Sent&) { return FakeTransport::answer(200, "token\r\nX-Injected: 1"); };
    EXPECT_TRUE(std::holds_alternative<CredentialFault>(find()));
    for (const Sent& sent : transport_.sent) {
        EXPECT_EQ(sent.method, "PUT");
    }
}

TEST_F(Aws, TakesTheProfileOfTheConfigBeforeAll) {
    set_keys("AKIAENV");
    set_files("[ops]\naws_access_key_id = AKIAOPS\naws_secret_access_key = ops-secret\n");
    config::Account account;
    account.profile = "ops";
    EXPECT_EQ(found(account), "AKIAOPS from profile ops");
    account.profile = "missing";
    EXPECT_EQ(found(account), "no readable profile missing");
}

TEST_F(Aws, AFileWithoutASlashIsACredentialOfSystemd) {
    environment_.variables["CREDENTIALS_DIRECTORY"] = "/run/credentials/whylink-control.service";
    environment_.files["/run/credentials/whylink-control.service/aws"] =
        "[default]\naws_access_key_id = AKIACRED\naws_secret_access_key = x\n";
    config::Account account;
    account.credentials_file = "aws";
    EXPECT_EQ(found(account), "AKIACRED from profile default");
}

TEST_F(Aws, AssumesTheRoleOfTheConfigSignedByWhatItFound) {
    set_keys("AKIAENV");
    config::Account account;
    account.region = "eu-west-1";
    account.role_arn = "arn:aws:iam::123456789012:role/reader";
    transport_.answers = [](const Sent&) { return FakeTransport::answer(200, of_sts("AssumeRole")); };
    EXPECT_EQ(found(account), "ASIAROLE from role arn:aws:iam::123456789012:role/reader by environment");
    ASSERT_EQ(transport_.sent.size(), 1U);
    EXPECT_EQ(transport_.sent[0].url, "https://sts.eu-west-1.amazonaws.com/");
    EXPECT_TRUE(transport_.sent[0].headers.contains("Authorization"));
    EXPECT_NE(transport_.sent[0].body.find("Action=AssumeRole&"), std::string::npos);
}

TEST_F(Aws, FollowsProfilesToTheirSourceAndNotInACircle) {
    set_files("[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = x\n",
              "[default]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = base\n"
              "[profile x]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = y\n"
              "[profile y]\nrole_arn = arn:aws:iam::1:role/y\nsource_profile = x\n");
    transport_.answers = [](const Sent&) { return FakeTransport::answer(200, of_sts("AssumeRole")); };
    EXPECT_EQ(found(), "ASIAROLE from role arn:aws:iam::1:role/a by profile base");
    config::Account account;
    account.profile = "x";
    EXPECT_EQ(found(account), "profiles take their credentials from each other in a circle");
}

TEST_F(Aws, SaysWhichProfilesItDoesNotUse) {
    set_files("", "[default]\nsso_session = corp\n");
    EXPECT_NE(found().find("SSO"), std::string::npos);
}

TEST_F(Aws, ExchangesAWebIdentityUnsigned) {
    environment_.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";
    environment_.variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/pod";
    environment_.files["/token"] = "web-identity-token";
    transport_.answers = [](const Sent&) {
        return FakeTransport::answer(200, of_sts("AssumeRoleWithWebIdentity"));
    };
    EXPECT_EQ(found(), "ASIAROLE from web identity, role arn:aws:iam::1:role/pod");
    const Sent& sent = transport_.sent.back();
    EXPECT_FALSE(sent.headers.contains("Authorization"));
    EXPECT_NE(sent.body.find("WebIdentityToken=web-identity-token"), std::string::npos);
    EXPECT_EQ(redaction_.apply("web-identity-token"), "[redacted]");
}

TEST_F(Aws, AsksAContainersServiceAtItsOwnAddressesAlone) {
    environment_.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/1";
    transport_.answers = [](const Sent&) { return FakeTransport::answer(200, credentials_of("ASIATASK")); };
    EXPECT_EQ(found(), "ASIATASK from container");
    EXPECT_EQ(transport_.sent.back().url, "http://169.254.170.2/v2/credentials/1");
    EXPECT_FALSE(transport_.sent.back().through_proxy);

    environment_.variables.erase("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    environment_.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";
    environment_.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/token";
    environment_.files["/token"] = "pod-identity-token\n";
    EXPECT_EQ(found(), "ASIATASK from container");
    EXPECT_EQ(transport_.sent.back().headers.at("Authorization"), "pod-identity-token");

    const std::size_t before = transport_.sent.size();
    for (const char* bad : {"http://10.0.0.1/x", "http://example.com/x", "https://evil.example.com/x",
                            "ftp://127.0.0.1/x", "http://127.0.0.1@example.com/x", "garbage"}) {
        environment_.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = bad;
        EXPECT_TRUE(found().starts_with("container credentials: ")) << bad;
    }
    EXPECT_EQ(transport_.sent.size(), before);
}

TEST_F(Aws, HoldsThemUntilShortlyBeforeTheirEnd) {
    set_instance();
    AwsCredentialChain chain({}, environment_, transport_, redaction_);
    ASSERT_TRUE(std::holds_alternative<AwsCredentials>(chain.get(soon())));
    const std::size_t before = transport_.sent.size();
    environment_.time += std::chrono::minutes(54);
    ASSERT_TRUE(std::holds_alternative<AwsCredentials>(chain.get(soon())));
    EXPECT_EQ(transport_.sent.size(), before);
    environment_.time += std::chrono::minutes(2);
    transport_.answers = [](const Sent&) { return FakeTransport::unanswered(); };
    EXPECT_TRUE(std::holds_alternative<AwsCredentials>(chain.get(soon())))
        << "they are good for 4 minutes still";
    EXPECT_GT(transport_.sent.size(), before);
    environment_.time += std::chrono::minutes(5);
    EXPECT_TRUE(std::holds_alternative<CredentialFault>(chain.get(soon())));
}

TEST_F(Aws, SaysThatOneThatIsNewAndExpiredMayBeTheClocksFault) {
    set_instance();
    environment_.time += std::chrono::hours(2);
    EXPECT_EQ(found(), "IMDS role reader: expired, or the clock of this host is wrong");
}

TEST_F(Aws, WithoutAnySaysWhereItLooked) {
    const auto credentials = find();
    EXPECT_EQ(std::get<CredentialFault>(credentials).result, Result::credentials);
    EXPECT_EQ(transport_.sent.size(), 1U) << "the metadata service, once";
    environment_.variables["AWS_EC2_METADATA_DISABLED"] = "true";
    EXPECT_TRUE(found().starts_with("no credentials: ")) << found();
    EXPECT_EQ(transport_.sent.size(), 1U);
}

TEST_F(Aws, FindsTheRegion) {
    const auto region = [&](config::Account account = {}) {
        AwsCredentialChain chain(std::move(account), environment_, transport_, redaction_);
        return chain.region(soon());
    };
    EXPECT_EQ(region(), "");
    set_files("", "[default]\nregion = eu-north-1\n");
    EXPECT_EQ(region(), "eu-north-1");
    environment_.variables["AWS_DEFAULT_REGION"] = "eu-west-2";
    EXPECT_EQ(region(), "eu-west-2");
    environment_.variables["AWS_REGION"] = "eu-west-1";
    EXPECT_EQ(region(), "eu-west-1");
    config::Account account;
    account.region = "us-east-1";
    EXPECT_EQ(region(account), "us-east-1");
}

class Azure : public testing::Test {
  protected:
    std::string found(config::Account account = {}) {
        AzureTokenChain chain(std::move(account), environment_, transport_, redaction_);
        const auto token = chain.get(soon());
        const auto* fault = std::get_if<CredentialFault>(&token);
        return fault != nullptr ? fault->detail : std::get<AzureToken>(token).source;
    }
    void answer(int status, std::string body) {
        transport_.answers = [=](const Sent&) { return FakeTransport::answer(status, body); };
    }
    static std::string token() {
        return R"({"token_type": "Bearer", "expires_in": 3599, "access_token": "a-bearer-token"})";
    }

    FakeEnvironment environment_;
    FakeTransport transport_;
    Redaction redaction_;
};

TEST_F(Azure, AsksWithASecretOfTheConfig) {
    config::Account account;
    account.tenant_id = "tenant";
    account.client_id = "client";
    account.client_secret_file = "/secret";
    environment_.files["/secret"] = "client-secret-1\n";
    answer(200, token());
    EXPECT_EQ(found(account), "service principal client");
    EXPECT_EQ(transport_.sent.back().url, "https://login.microsoftonline.com/tenant/oauth2/v2.0/token");
    EXPECT_EQ(transport_.sent.back().body,
              "client_id=client&client_secret=client-secret-1&grant_type=client_credentials&"
              "scope=https%3A%2F%2Fmanagement.azure.com%2F.default");
    EXPECT_EQ(redaction_.apply("client-secret-1 a-bearer-token"), "[redacted] [redacted]");
}

TEST_F(Azure, SaysWhatEntraSays) {
    environment_.variables = {
        {"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_ID", "c"}, {"AZURE_CLIENT_SECRET", "client-secret-1"}};
    answer(401,
           R"({"error": "invalid_client", "error_description": "AADSTS7000222: expired.\r\nTrace ID: 1"})");
    EXPECT_EQ(found(), "service principal c: invalid_client: AADSTS7000222: expired.");
}

TEST(TokenService, FailsOrRefuses) {
    EXPECT_EQ(without_token(400, "x").result, Result::credentials);
    EXPECT_EQ(without_token(401, "x").result, Result::credentials);
    EXPECT_EQ(without_token(429, "x").result, Result::throttled);
    EXPECT_EQ(without_token(500, "x").result, Result::error);
    EXPECT_EQ(without_token(503, "x").result, Result::error);
}

TEST_F(Azure, ExchangesAWorkloadIdentity) {
    environment_.variables = {
        {"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_ID", "c"}, {"AZURE_FEDERATED_TOKEN_FILE", "/token"}};
    environment_.files["/token"] = "federated-token";
    answer(200, token());
    EXPECT_EQ(found(), "workload identity c");
    EXPECT_NE(transport_.sent.back().body.find("client_assertion=federated-token"), std::string::npos);
}

TEST_F(Azure, AsksTheMetadataServiceLast) {
    answer(200, R"({"access_token": "a-bearer-token", "expires_in": "3599", "token_type": "Bearer"})");
    EXPECT_EQ(found(), "managed identity");
    EXPECT_EQ(transport_.sent.back().url,
              "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&"
              "resource=https%3A%2F%2Fmanagement.azure.com%2F");
    EXPECT_EQ(transport_.sent.back().headers.at("Metadata"), "true");
    EXPECT_FALSE(transport_.sent.back().through_proxy);
}

TEST_F(Azure, AsksAnIdentityEndpointOnThisHostAlone) {
    environment_.variables = {{"IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token/"},
                              {"IDENTITY_HEADER", "identity-header-1"}};
    answer(200, token());
    EXPECT_EQ(found(), "managed identity");
    EXPECT_TRUE(
        transport_.sent.back().url.starts_with("http://127.0.0.1:41741/msi/token/?api-version=2019-08-01"))
        << transport_.sent.back().url;
    EXPECT_EQ(transport_.sent.back().headers.at("X-IDENTITY-HEADER"), "identity-header-1");
    const std::size_t before = transport_.sent.size();
    environment_.variables["IDENTITY_ENDPOINT"] = "http://10.0.0.1/msi/token";
    EXPECT_TRUE(found().starts_with("IDENTITY_ENDPOINT: ")) << found();
    EXPECT_EQ(transport_.sent.size(), before);
}

TEST_F(Azure, ReadsTheFileThatArcAsksForAndNoOther) {
    environment_.variables = {{"IDENTITY_ENDPOINT", "http://localhost:40342/metadata/identity/oauth2/token"}};
    environment_.files["/var/opt/azcmagent/tokens/1.key"] = "arc-challenge";
    environment_.files["/etc/shadow.key"] = "not-for-arc";
    std::string realm = "/var/opt/azcmagent/tokens/1.key";
    transport_.answers = [&](const Sent& sent) {
        return sent.headers.contains("Authorization")
                   ? FakeTransport::answer(200, token())
                   : FakeTransport::answer(401, {}, {{"www-authenticate", "Basic realm=" + realm}});
    };
    EXPECT_EQ(found(), "managed identity (Arc)");
    EXPECT_EQ(transport_.sent.back().headers.at("Authorization"), "Basic arc-challenge");
    for (const char* bad : {"/etc/shadow.key", "/var/opt/azcmagent/tokens/../../../../etc/shadow.key"}) {
        realm = bad;
        EXPECT_EQ(found(), "Azure Arc: no challenge of its agent") << bad;
    }
}

TEST_F(Azure, AsksTheCliOnlyWhereSomebodySitsThere) {
    environment_.az = R"({"accessToken": "a-bearer-token", "expires_on": 1440941760, "subscription": "sub"})";
    EXPECT_TRUE(found().starts_with("no credentials: ")) << found();
    config::Account account;
    account.interactive = true;
    EXPECT_EQ(found(account), "az CLI");
}

TEST_F(Azure, TheCloudIsByTheAuthority) {
    environment_.variables["AZURE_AUTHORITY_HOST"] = "https://login.microsoftonline.us/";
    const AzureTokenChain chain({}, environment_, transport_, redaction_);
    EXPECT_EQ(chain.cloud().management, "management.usgovcloudapi.net");
    environment_.variables["AZURE_AUTHORITY_HOST"] = "https://login.example.com/";
    const AzureTokenChain other({}, environment_, transport_, redaction_);
    EXPECT_EQ(other.cloud().management, "management.azure.com");
}

TEST(ClickHouse, TheKeyIsOfTheConfigAndItsFile) {
    FakeEnvironment environment;
    Redaction redaction;
    config::Account account;
    account.key_id = "id";
    account.key_secret_file = "/secret";
    const auto missing = clickhouse_key(account, environment, redaction);
    EXPECT_EQ(std::get<CredentialFault>(missing).detail, "key_secret_file: No such file or directory");
    environment.files["/secret"] = "key-secret-1\n";
    const auto key = clickhouse_key(account, environment, redaction);
    EXPECT_EQ(std::get<ClickHouseKey>(key).secret.reveal(), "key-secret-1");
    EXPECT_EQ(redaction.apply("key-secret-1"), "[redacted]");
}

TEST(ClickHouse, VariablesAreForTheCommandLine) {
    FakeEnvironment environment;
    environment.variables = {{"CLICKHOUSE_TOKEN_KEY", "old"}, {"CLICKHOUSE_TOKEN_SECRET", "key-secret-1"}};
    Redaction redaction;
    config::Account account;
    EXPECT_TRUE(std::holds_alternative<CredentialFault>(clickhouse_key(account, environment, redaction)));
    account.interactive = true;
    const auto key = clickhouse_key(account, environment, redaction);
    EXPECT_EQ(std::get<ClickHouseKey>(key).id, "old");
}

TEST(Ini, HasSectionsKeysAndComments) {
    const Ini ini = parse_ini(
        "# c\n; c\nlost = 1\n[default]\r\n a = continued\nkey=value # kept\n[ profile x ]\nk =  v  \nbad\n");
    EXPECT_EQ(ini.size(), 2U);
    EXPECT_EQ(value_of(ini.at("default"), "key"), "value # kept");
    EXPECT_EQ(value_of(ini.at("default"), "a"), "");
    EXPECT_EQ(value_of(ini.at("profile x"), "k"), "v");
}

}  // namespace
}  // namespace whylink::control
