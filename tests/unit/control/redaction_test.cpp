#include "control/secrets/redaction.hpp"

#include <gtest/gtest.h>

#include <string>

#include "control/secrets/base64.hpp"

namespace whylink::control {
namespace {

TEST(Base64, OfRfc4648) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Redaction, TakesAwayWhatItHasLearnedInEveryForm) {
    Redaction redaction;
    const std::string secret = "s3cr3t/with+\"signs";
    redaction.learn(Secret(secret));
    EXPECT_EQ(redaction.apply("a " + secret + " b"), "a [redacted] b");
    EXPECT_EQ(redaction.apply("s3cr3t%2Fwith%2B%22signs"), "[redacted]");
    EXPECT_EQ(redaction.apply(base64(secret)), "[redacted]");
    EXPECT_EQ(redaction.apply("{\"detail\":\"s3cr3t/with+\\\"signs\"}"), "{\"detail\":\"[redacted]\"}");
}

TEST(Redaction, TakesTheLongestFirstSoThatNoPartIsLeft) {
    Redaction redaction;
    redaction.learn(Secret("abcdefgh"));
    redaction.learn(Secret("abcdefghijkl"));
    EXPECT_EQ(redaction.apply("abcdefghijkl"), "[redacted]");
}

TEST(Redaction, ForgetsWhatIsNotLearnedAgain) {
    Redaction redaction;
    const Secret kept("a-key-of-an-account");
    redaction.learn(kept);
    redaction.learn(Secret("the-first-token"));
    for (std::size_t i = 0; i < max_redacted_forms; ++i) {
        redaction.learn(Secret("a-later-token-" + std::to_string(i)));
        redaction.learn(kept);
    }
    EXPECT_EQ(redaction.apply("a-key-of-an-account"), "[redacted]");
    EXPECT_EQ(redaction.apply("a-later-token-" + std::to_string(max_redacted_forms - 1)), "[redacted]");
    EXPECT_EQ(redaction.apply("the-first-token"), "the-first-token");
}

TEST(Redaction, TakesAwayWhatLooksLikeASecret) {
    const Redaction redaction;
    EXPECT_EQ(redaction.apply("Authorization: Bearer abc.def"), "Authorization: [redacted]");
    EXPECT_EQ(redaction.apply("<SecretAccessKey>abc</SecretAccessKey>"),
              "<SecretAccessKey>[redacted]</SecretAccessKey>");
    EXPECT_EQ(redaction.apply("{\"access_token\": \"abc\", \"x\": 1}"),
              "{\"access_token\": \"[redacted]\", \"x\": 1}");
    EXPECT_EQ(redaction.apply("?client_secret=abc&x=1"), "?client_secret=[redacted]&x=1");
    EXPECT_EQ(redaction.apply("token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2ln end"),
              "token [redacted] end");
}

TEST(Redaction, LeavesAlineOfJsonWhole) {
    const Redaction redaction;
    EXPECT_EQ(redaction.apply("{\"detail\":\"{\\\"access_token\\\":\\\"abc\\\"}\"}"),
              "{\"detail\":\"{\\\"access_token\\\":\\\"[redacted]\\\"}\"}");
}

TEST(Redaction, LeavesOrdinaryTextAsItIs) {
    const Redaction redaction;
    for (const char* text : {"SignatureDoesNotMatch: the clock of this host is 400 s ahead",
                             "sg-0abc: no inbound rule for tcp/9440", "ec2:DescribeVpcEndpoints",
                             "eyJ.example.com", "{\"kind\":\"readings\",\"message\":{\"id\":1}}"}) {
        EXPECT_EQ(redaction.apply(text), text);
    }
}

TEST(Secret, IsEmptyOnceMoved) {
    Secret one("abc");
    const Secret other = std::move(one);
    EXPECT_EQ(other.reveal(), "abc");
    EXPECT_TRUE(one.empty());  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace whylink::control
