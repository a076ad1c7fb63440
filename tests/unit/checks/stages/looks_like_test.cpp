#include "checks/stages/looks_like.hpp"

#include <gtest/gtest.h>

namespace whylink::checks {
namespace {

using std::string_view_literals::operator""sv;

TEST(LooksLike, KnowsTheUsualGreetings) {
    EXPECT_EQ(looks_like("HTTP/1.1 400 Bad Request\r\n"), "HTTP");
    EXPECT_EQ(looks_like("SSH-2.0-OpenSSH_9.2"), "an SSH server");
    EXPECT_EQ(looks_like("220 mail ESMTP"), "an SMTP server");
    EXPECT_EQ(looks_like("-NOAUTH Authentication required."), "a Redis server");
    EXPECT_EQ(looks_like("\x4a\0\0\0\x0a"
                         "8.0.36\0"sv),
              "a MySQL or MariaDB server");
    EXPECT_EQ(looks_like("\x45\0\0\0\xff\x69\x04Host is blocked"sv), "a MySQL or MariaDB server");
    EXPECT_EQ(looks_like("\x20\x02\0\x05"sv), "an MQTT broker");
}

TEST(LooksLike, KnowsAPostgresErrorFromAMysqlPacket) {
    EXPECT_EQ(looks_like("E\0\0\0\x85SFATAL"sv), "a PostgreSQL error");
}

TEST(LooksLike, KnowsBinaryProtocols) {
    EXPECT_EQ(looks_like("\x15\x03\x01\0\x02\x02\x46"sv), "a TLS server");
    EXPECT_EQ(looks_like("\x16\x03\x03\0\x40\x02"sv), "a TLS server");
    EXPECT_EQ(looks_like("\x20\x03\0\x87\0"sv), "an MQTT broker");
    EXPECT_EQ(looks_like("\x02\x04\x02\0\0\x0d"
                         "DB::Exception"sv),
              "a ClickHouse server (native protocol)");
    EXPECT_EQ(looks_like("\0\x0a"
                         "ClickHouse\x18"sv),
              "a ClickHouse server (native protocol)");
    EXPECT_EQ(looks_like("\x01\0\0\0\0\x01\xd6\0\x0a\0\x0a"sv), "an AMQP 0-9-1 broker");
}

TEST(LooksLike, KnowsATlsRecordFromWhatOnlyBeginsSo) {
    EXPECT_TRUE(is_tls_record("\x15\x03\x03\0\x02"sv));
    EXPECT_FALSE(is_tls_record("\x15\x03"sv));
    EXPECT_FALSE(is_tls_record("\x15\x03\x09\0\x02"sv));
    EXPECT_FALSE(is_tls_record("\x15\x03\xff\0\x02"sv));
}

TEST(LooksLike, SaysNothingOfWhatItDoesNotKnow) {
    EXPECT_EQ(looks_like(""), "");
    EXPECT_EQ(looks_like("\x16\x03"), "");
    EXPECT_EQ(looks_like("HTT"), "");
}

TEST(LooksLike, KnowsBothProxyHeaders) {
    EXPECT_TRUE(is_proxy_header("PROXY TCP4 10.0.0.1"));
    EXPECT_TRUE(is_proxy_header("\r\n\r\n\0\r\nQUIT\n\x21\x11"sv));
    EXPECT_FALSE(is_proxy_header("PROXY"));
}

}  // namespace
}  // namespace whylink::checks
