#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "exchange.hpp"
#include "probes/app/codecs/hpack.hpp"

namespace whylink::probes {
namespace {

using std::string_literals::operator""s;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

AppRequest in_http2() {
    AppRequest request;
    request.app = config::App::http;
    request.host = "orders.example";
    request.port = 8080;
    request.http2 = true;
    return request;
}

const std::string settings = "\0\0\0\x04\0\0\0\0\0"s;

std::string headers(const std::string& block, char flags = '\x05') {
    return "\0\0"s + static_cast<char>(block.size()) + "\x01"s + flags + "\0\0\0\x01"s + block;
}

AppFacts reply_to(const std::string& frames) {
    const auto facts = exchange_anyhow(in_http2(), frames).facts;
    EXPECT_EQ(facts.protocol, "http");
    EXPECT_TRUE(facts.http2);
    return facts;
}

TEST(Http2, SendsThePrefaceSettingsAndOneRequest) {
    const std::string sent = exchange(in_http2(), "").sent;
    EXPECT_THAT(sent, StartsWith("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04\0\0\0\0\0\0\x02\0\0\0\0"s));
    EXPECT_THAT(sent, HasSubstr("\x82\x86\x84\x01\x13orders.example:8080"s.substr(0, 4)));
    EXPECT_THAT(sent, HasSubstr("orders.example:8080"));
    EXPECT_THAT(sent, HasSubstr("whylink/"));
}

TEST(Http2, AcknowledgesSettingsAndJudgesTheStatus) {
    const Exchanged served = exchange_anyhow(in_http2(), settings + headers("\x88"));
    EXPECT_THAT(served.sent, HasSubstr("\0\0\0\x04\x01\0\0\0\0"s));
    EXPECT_EQ(served.facts.reply, AppReply::served);
    EXPECT_EQ(served.facts.status, 200);
    EXPECT_EQ(served.facts.said, "200");
    EXPECT_EQ(reply_to(settings + headers("\x8d")).reply, AppReply::unexpected);
    EXPECT_EQ(reply_to(settings + headers("\x8e")).reply, AppReply::cannot_serve);
    EXPECT_EQ(reply_to(settings + headers("\x48\x03"
                                          "403"))
                  .reply,
              AppReply::forbidden);
    EXPECT_EQ(reply_to(settings + headers("\x48\x03"
                                          "401"))
                  .reply,
              AppReply::wants_credentials);
}

TEST(Http2, ReadsPastPaddingPriorityAndInterimResponses) {
    EXPECT_EQ(reply_to(settings + headers("\x02\x88\0\0"s, '\x0d')).status, 200);
    EXPECT_EQ(reply_to(settings + headers("\0\0\0\0\x10\x88"s, '\x25')).status, 200);
    EXPECT_EQ(reply_to(settings +
                       headers("\x48\x03"
                               "103") +
                       headers("\x88"))
                  .status,
              200);
}

TEST(Http2, IsToldHowAServerRefuses) {
    const auto reset = reply_to(settings + "\0\0\x04\x03\0\0\0\0\x01\0\0\0\x01"s);
    EXPECT_EQ(reset.reply, AppReply::unexpected);
    EXPECT_EQ(reset.said, "RST_STREAM PROTOCOL_ERROR");
    EXPECT_FALSE(reset.status);
    const auto gone = reply_to(settings + "\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0b"s);
    EXPECT_EQ(gone.said, "GOAWAY ENHANCE_YOUR_CALM");
    EXPECT_EQ(reply_to(settings + "\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\0"s + headers("\x88")).status, 200);
}

TEST(Http2, KnowsWhatIsNotHttp2) {
    EXPECT_EQ(exchange_anyhow(in_http2(), "HTTP/1.1 400 Bad Request\r\n").facts.reply,
              AppReply::other_protocol);
    EXPECT_EQ(exchange_anyhow(in_http2(), std::string(64, '\0')).facts.reply, AppReply::other_protocol);
    EXPECT_EQ(exchange_anyhow(in_http2(), "\x15\x03\x03\0\x02\x02\x46"s).facts.reply, AppReply::wants_tls);
    EXPECT_EQ(exchange_anyhow(in_http2(), settings + "\xff\xff\xff\0\0\0\0\0\0"s).facts.reply,
              AppReply::unexpected);
}

TEST(Http2, IsAnotherProtocolToWhoSpeaksHttp1) {
    AppRequest request = in_http2();
    request.http2 = false;
    const auto facts = exchange_anyhow(request, settings).facts;
    EXPECT_EQ(facts.reply, AppReply::other_protocol);
    EXPECT_FALSE(facts.http2);
}

TEST(Hpack, ReadsTheStatusHoweverItIsWritten) {
    EXPECT_EQ(hpack::status("\x88"), 200);
    EXPECT_EQ(hpack::status("\x20\x88"), 200) << "behind an update of the table's size";
    EXPECT_EQ(hpack::status("\x08\x03"
                            "204"),
              204);
    // RFC 7541 appendix C.6.1: "302" in Huffman's code.
    EXPECT_EQ(hpack::status("\x48\x82\x64\x02"), 302);
    EXPECT_EQ(hpack::status("\x48\x83\x64\x0e\xff"), 307);
    EXPECT_EQ(hpack::status(""), std::nullopt);
    EXPECT_EQ(hpack::status("\x48"), std::nullopt);
    EXPECT_EQ(hpack::status("\x48\x7f"), std::nullopt);
    EXPECT_EQ(hpack::status("\x82"), std::nullopt) << "no status comes first";
    EXPECT_EQ(hpack::status("\x48\x03xyz"), std::nullopt);
    EXPECT_EQ(hpack::status("\xff\xff\xff\xff\xff\xff\xff"), std::nullopt);
}

}  // namespace
}  // namespace whylink::probes
