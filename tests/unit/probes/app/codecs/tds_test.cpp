#include <gtest/gtest.h>

#include <string>

#include "exchange.hpp"

namespace whylink::probes {
namespace {

using std::string_literals::operator""s;

const AppRequest plain = request_for(config::App::tds);
const AppRequest with_tls = request_for(config::App::tds, true);

std::string result(const std::string& body) {
    const std::size_t size = body.size() + 8;
    return "\x04\x01"s + static_cast<char>(size >> 8U) + static_cast<char>(size) + "\0\0\x01\0"s + body;
}

/// The version is 16.0.4105.
std::string answer(char encryption) {
    return result("\0\0\x0b\0\x06\x01\0\x11\0\x01\xff\x10\0\x10\x09\0\0"s + encryption);
}

TEST(Tds, SendsPrelogin) {
    const std::string sent = exchange(plain, "").sent;
    EXPECT_EQ(sent, "\x12\x01\0\x1a\0\0\x01\0\0\0\x0b\0\x06\x01\0\x11\0\x01\xff\x10\0\0\0\0\0\0"s);
    EXPECT_EQ(exchange(with_tls, "").sent, sent.substr(0, sent.size() - 1) + "\x01");
}

TEST(Tds, IsServedWhateverTheServerThinksOfTls) {
    for (const char encryption : {'\0', '\1', '\2', '\3'}) {
        const auto facts = exchange_anyhow(plain, answer(encryption)).facts;
        EXPECT_EQ(facts.reply, AppReply::served);
        EXPECT_EQ(facts.protocol, "tds");
        EXPECT_EQ(facts.server, "16.0.4105");
    }
    EXPECT_EQ(exchange_anyhow(plain, answer('\3')).facts.said, "wants TLS inside TDS, which is not tried");
    expect_no_other_reply_of_a_beginning(plain, answer('\3'), AppReply::served);
}

TEST(Tds, MissesTlsWhereItIsWanted) {
    EXPECT_EQ(exchange_anyhow(with_tls, answer('\2')).facts.reply, AppReply::without_tls);
    EXPECT_EQ(exchange_anyhow(with_tls, answer('\1')).facts.reply, AppReply::served);
    EXPECT_EQ(exchange_anyhow(with_tls, result("\0\0\x06\0\x06\xff\x10\0\0\0\0\0"s)).facts.reply,
              AppReply::without_tls);
}

TEST(Tds, DoesNotExpectAnotherResult) {
    for (const std::string& body : {"\xaa\0\x01"s, "\xff"s, "\0\0\x0b\0\x06"s, "\0\xff\xff\xff\xff\xff"s,
                                    "\0\0\x06\0\x02\xff\x10\0"s}) {
        EXPECT_EQ(exchange_anyhow(plain, result(body)).facts.reply, AppReply::unexpected);
    }
}

TEST(Tds, KnowsWhatIsNotTds) {
    for (const std::string& bytes :
         {"HTTP/1.0 200 OK\r\n\r\n"s, "SSH-2.0-OpenSSH\r\n"s, "\x04\x02"s, "\x04\x01\0\x08\0\0\x01\0"s}) {
        EXPECT_EQ(exchange_anyhow(plain, bytes).facts.reply, AppReply::other_protocol);
    }
    EXPECT_EQ(exchange_anyhow(plain, "\x04\x01\xff\xff\0\0\x01\0"s).facts.reply, AppReply::unexpected);
    EXPECT_EQ(exchange_anyhow(plain, "\x15\x03\x03\0\x02\x02\x46"s).facts.reply, AppReply::wants_tls);
    EXPECT_EQ(exchange_anyhow(plain, "\x04\x01\0\x1a\0"s).facts.reply, AppReply::none);
}

}  // namespace
}  // namespace whylink::probes
