#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "exchange.hpp"

namespace whylink::probes {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

AppRequest on_port(std::uint16_t port, bool tls = true) {
    AppRequest request;
    request.app = config::App::clickhouse;
    request.host = "abcd.westus3.privatelink.azure.clickhouse.cloud";
    request.port = port;
    request.tls = tls;
    return request;
}

// ---- HTTP ----

TEST(ClickhouseHttp, AsksForPingOnEveryPortThatIsNotNative) {
    for (const std::uint16_t port : std::array<std::uint16_t, 5>{80, 443, 8123, 8443, 3306}) {
        EXPECT_THAT(exchange(on_port(port), "").sent, StartsWith("GET /ping HTTP/1.1\r\n")) << port;
    }
}

/// As the server frames it, and as a proxy may.
TEST(ClickhouseHttp, IsServedByOkAlone) {
    const auto of = [](std::string_view reply) {
        const auto facts = exchange_anyhow(on_port(8443), reply).facts;
        EXPECT_EQ(facts.protocol, "clickhouse");
        EXPECT_EQ(facts.status, 200);
        return facts.reply;
    };
    EXPECT_EQ(of("HTTP/1.1 200 OK\r\nConnection: Close\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "4\r\nOk.\n\r\n0\r\n\r\n"),
              AppReply::served);
    EXPECT_EQ(of("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nOk.\n"), AppReply::served);
    EXPECT_EQ(of("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>It works!"), AppReply::unexpected);
    EXPECT_EQ(of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), AppReply::unexpected);
}

TEST(ClickhouseHttp, JudgesRefusalsAsHttp) {
    const auto of = [](std::string_view status) {
        return exchange_anyhow(on_port(8443),
                               "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n\r\n")
            .facts.reply;
    };
    EXPECT_EQ(of("403 Forbidden"), AppReply::forbidden);
    EXPECT_EQ(of("503 Service Unavailable"), AppReply::cannot_serve);
    EXPECT_EQ(of("401 Unauthorized"), AppReply::wants_credentials);
    EXPECT_EQ(of("302 Found"), AppReply::unexpected);
    EXPECT_EQ(of("404 Not Found"), AppReply::unexpected);
}

TEST(ClickhouseHttp, NamesTheNativePortInTheServersWords) {
    const auto facts = exchange_anyhow(on_port(8124, false),
                                       "HTTP/1.0 400 Bad Request\r\n\r\nPort 9000 is for clickhouse-client "
                                       "program\r\nYou must use port 8123 for HTTP.\r\n",
                                       true)
                           .facts;
    EXPECT_EQ(facts.reply, AppReply::unexpected);
    EXPECT_EQ(facts.said,
              "400 Bad Request: Port 9000 is for clickhouse-client program You must use port 8123 for HTTP.");
}

// ---- native: the bytes are laid out after src/Server/TCPHandler.cpp (sendHello) and
// src/IO/WriteHelpers.cpp (writeException) ----

std::string text(std::string_view value) {
    std::string bytes;
    std::size_t length = value.size();
    for (; length >= 0x80; length >>= 7U) {
        bytes += static_cast<char>(length | 0x80U);
    }
    bytes += static_cast<char>(length);
    return bytes + std::string(value);
}

std::string server_hello() {
    using namespace std::string_literals;
    return "\0"s + text("ClickHouse") + "\x18\x03" + "\xaf\xa9\x03" + text("UTC");
}

std::string exception(unsigned code, std::string_view message, std::string_view stack = "0. main") {
    std::string bytes = "\x02";
    for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes += static_cast<char>((code >> shift) & 0xffU);
    }
    return bytes + text("DB::Exception") + text(message) + text(stack) + std::string(1, '\0');
}

AppReply reply_to_exception(unsigned code, std::string_view message = "DB::Exception: no") {
    const std::string bytes = exception(code, message);
    const auto exchanged = exchange_anyhow(on_port(9440), bytes);
    EXPECT_EQ(exchanged.next, Codec::Next::done);
    EXPECT_EQ(exchanged.facts.status, static_cast<int>(code));
    expect_no_other_reply_of_a_beginning(on_port(9440), bytes, exchanged.facts.reply);
    return exchanged.facts.reply;
}

TEST(ClickhouseNative, SaysHelloWithoutAUser) {
    using namespace std::string_literals;
    const std::string hello = "\0\x07whylink\x00\x01\xaa\xa6\x03\0\0\0"s;
    EXPECT_EQ(exchange(on_port(9000, false), "").sent, hello);
    EXPECT_EQ(exchange(on_port(9440), "").sent, hello);
}

TEST(ClickhouseNative, IsServedByAHello) {
    const auto facts = exchange_anyhow(on_port(9440), server_hello()).facts;
    EXPECT_EQ(facts.protocol, "clickhouse");
    EXPECT_EQ(facts.reply, AppReply::served);
    EXPECT_EQ(facts.server, "ClickHouse 24.3");
    expect_no_other_reply_of_a_beginning(on_port(9440), server_hello(), AppReply::served);
}

TEST(ClickhouseNative, IsReachedWhenItMissesTheUser) {
    const std::string message = "DB::NetException: Unexpected packet from client (no user in Hello package)";
    EXPECT_EQ(reply_to_exception(101, message), AppReply::wants_credentials);
    EXPECT_EQ(exchange(on_port(9440), exception(101, message)).facts.said, message);
    for (const unsigned code : {192U, 193U, 194U, 516U}) {
        EXPECT_EQ(reply_to_exception(code), AppReply::wants_credentials) << code;
    }
}

TEST(ClickhouseNative, TellsRefusalsApart) {
    EXPECT_EQ(reply_to_exception(195), AppReply::forbidden);
    EXPECT_EQ(reply_to_exception(202), AppReply::cannot_serve);
    EXPECT_EQ(reply_to_exception(241), AppReply::cannot_serve);
    EXPECT_EQ(reply_to_exception(101, "DB::NetException: Unexpected packet from client (expected Hello)"),
              AppReply::unexpected);
    EXPECT_EQ(reply_to_exception(1000), AppReply::unexpected);
}

TEST(ClickhouseNative, WaitsForNoMoreOfAMessageThanItShows) {
    // Announces 2 GiB of message.
    const std::string bytes =
        exception(516, "").substr(0, 19) + "\xff\xff\xff\xff\x07" + std::string(400, 'm');
    const auto exchanged = exchange_anyhow(on_port(9440), bytes);
    EXPECT_EQ(exchanged.next, Codec::Next::done);
    EXPECT_EQ(exchanged.facts.said, std::string(200, 'm') + "… (2147483447 B left out)");
}

TEST(ClickhouseNative, HearsThatThePortSpeaksTls) {
    const std::string_view alert{"\x15\x03\x03\x00\x02\x02\x46", 7};
    EXPECT_EQ(exchange_anyhow(on_port(9440, false), alert).facts.reply, AppReply::wants_tls);
    EXPECT_EQ(exchange_anyhow(on_port(9440), alert).facts.reply, AppReply::other_protocol);
}

TEST(ClickhouseNative, SeesAnotherProtocolAtTheFirstByteThatCannotBe) {
    using namespace std::string_literals;
    const auto is_other = [](const std::string& bytes) {
        const auto exchanged = exchange_anyhow(on_port(9440), bytes);
        return exchanged.next == Codec::Next::done && exchanged.facts.reply == AppReply::other_protocol;
    };
    EXPECT_TRUE(is_other("H"));      // HTTP/1.1 400
    EXPECT_TRUE(is_other("S"));      // SSH
    EXPECT_TRUE(is_other("\0\0"s));  // HTTP/2 SETTINGS: a length of three bytes
    EXPECT_TRUE(
        is_other("\0\x0a"
                 "Click\x01"s));                       // a name is printable
    EXPECT_TRUE(is_other("\0\xff\x02"s));              // and short
    EXPECT_TRUE(is_other("\x02\0\0\x01"s));            // a code is small
    EXPECT_TRUE(is_other("\0\xff\xff\xff\xff\xff"s));  // a length that does not end
    EXPECT_TRUE(is_other("\x15x"));
}

}  // namespace
}  // namespace whylink::probes
