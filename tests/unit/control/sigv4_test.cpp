// Signatures of published cases (AWS' Signature Version 4 test suite, and the example of its documentation), and others
// that botocore gives for the same request.
#include "control/aws/sigv4.hpp"

#include <gtest/gtest.h>

#include "control/aws/dialect.hpp"

namespace whylink::control {
namespace {

const auto time_of_suite = std::chrono::system_clock::from_time_t(1'440'938'160);  // 2015-08-30T12:36:00Z

AwsCredentials credentials_of_suite(std::string token = {}) {
    return {"AKIDEXAMPLE",
            Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            Secret(std::move(token)),
            {},
            "test"};
}

HttpRequest get(std::string host, std::string path = "/", std::string query = {}) {
    HttpRequest request;
    request.host = std::move(host);
    request.path = std::move(path);
    request.query = std::move(query);
    return request;
}

std::string authorization(const HttpRequest& request, const SigningScope& scope,
                          const std::string& token = {}) {
    const Signature made = signature_of(request, credentials_of_suite(token), scope, time_of_suite);
    return std::string(made.authorization.reveal());
}

std::string signature(const HttpRequest& request, const SigningScope& scope, const std::string& token = {}) {
    const std::string made = authorization(request, scope, token);
    return made.substr(made.find("Signature=") + 10);
}

TEST(SigV4, GetVanilla) {
    const HttpRequest request = get("example.amazonaws.com");
    const SigningScope scope{"us-east-1", "service"};
    const Signature made = signature_of(request, credentials_of_suite(), scope, time_of_suite);
    EXPECT_EQ(made.canonical_request,
              "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n"
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(made.string_to_sign,
              "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
              "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63");
    EXPECT_EQ(made.authorization.reveal(),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=host;x-amz-date, "
              "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SigV4, TheExampleOfTheDocumentation) {
    HttpRequest request = get("iam.amazonaws.com", "/", "Action=ListUsers&Version=2010-05-08");
    request.headers.push_back({"Content-Type", Secret("application/x-www-form-urlencoded; charset=utf-8")});
    EXPECT_EQ(signature(request, {"us-east-1", "iam"}),
              "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(SigV4, TheOrderOfAQueryIsThatOfItsNames) {
    const SigningScope scope{"us-east-1", "iam"};
    EXPECT_EQ(signature(get("iam.amazonaws.com", "/", "Version=2010-05-08&Action=ListUsers"), scope),
              signature(get("iam.amazonaws.com", "/", "Action=ListUsers&Version=2010-05-08"), scope));
}

TEST(SigV4, AFormWithASessionToken) {
    const auto made = make_request({Op::ec2_vpc_endpoints,
                                    {{"region", "eu-west-1"}, {"suffix", "amazonaws.com"}},
                                    {},
                                    {},
                                    std::nullopt});
    const HttpRequest& request = std::get<HttpRequest>(made);
    EXPECT_EQ(request.body.reveal(), "Action=DescribeVpcEndpoints&Version=2016-11-15");
    const std::string token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8"
        "YUuwthAx7mSEI/qkPpKPi/kMcGd";
    EXPECT_EQ(authorization(request, scope_of(request), token),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/ec2/aws4_request, "
              "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
              "Signature=cf82f298f628132705b663d66b90f4bd5bb970ab4e0e46e7f54abfd9d7025c72");
}

TEST(SigV4, AQueryOfRoute53) {
    const auto made = make_request({Op::route53_record_sets,
                                    {{"suffix", "amazonaws.com"}, {"zone", "Z1"}},
                                    {{"type", "A"}, {"name", "a b.example.com"}},
                                    {},
                                    std::nullopt});
    const HttpRequest& request = std::get<HttpRequest>(made);
    EXPECT_EQ(request.query, "name=a%20b.example.com&type=A");
    EXPECT_EQ(signature(request, scope_of(request)),
              "6ff71b6e2b58bee1aed59e67e2a8e4c855a78f5234e09fdda169e9844eb64c71");
}

TEST(SigV4, APathIsEncodedTwiceAndTheSpacesOfAHeaderAreOne) {
    HttpRequest request = get("example.amazonaws.com", "/a%20b/~c");
    request.headers.push_back({"My-Header1", Secret("  a   b   c ")});
    EXPECT_EQ(signature(request, {"us-east-1", "service"}),
              "4efc69acd2d581e5cf76b8c749a110702c3d4365dff02c8355b85b183c193f41");
}

TEST(SigV4, SigningAddsWhatWasSigned) {
    HttpRequest request = get("example.amazonaws.com");
    sign(request, credentials_of_suite("token"), {"us-east-1", "service"}, time_of_suite);
    ASSERT_EQ(request.headers.size(), 3U);
    EXPECT_EQ(request.headers[0].name, "X-Amz-Date");
    EXPECT_EQ(request.headers[1].name, "X-Amz-Security-Token");
    EXPECT_EQ(request.headers[2].name, "Authorization");
    EXPECT_NE(request.headers[2].value.reveal().find("host;x-amz-date;x-amz-security-token"),
              std::string_view::npos);
}

TEST(SigV4, TheScopeIsByTheHost) {
    const auto scope = [](std::string host) {
        const SigningScope found = scope_of(get(std::move(host)));
        return found.service + "/" + found.region;
    };
    EXPECT_EQ(scope("elasticloadbalancing.eu-west-1.amazonaws.com"), "elasticloadbalancing/eu-west-1");
    EXPECT_EQ(scope("ec2.cn-north-1.amazonaws.com.cn"), "ec2/cn-north-1");
    EXPECT_EQ(scope("route53.amazonaws.com"), "route53/us-east-1");
    EXPECT_EQ(scope("route53.amazonaws.com.cn"), "route53/cn-northwest-1");
}

}  // namespace
}  // namespace whylink::control
