#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "exchange.hpp"

namespace whylink::probes {
namespace {

using testing::StartsWith;

const AppRequest request = request_for(config::App::redis);

AppReply reply_to(std::string_view line) {
    const auto facts = exchange_anyhow(request, line).facts;
    EXPECT_EQ(facts.protocol, "redis");
    expect_no_other_reply_of_a_beginning(request, line, facts.reply);
    return facts.reply;
}

TEST(Redis, SendsPingAsAnArrayAndNothingElse) {
    EXPECT_EQ(probes::exchange(request, "").sent, "*1\r\n$4\r\nPING\r\n");
    EXPECT_EQ(probes::exchange(request, "+PONG\r\n").sent, "*1\r\n$4\r\nPING\r\n");
}

TEST(Redis, IsServedByPong) {
    EXPECT_EQ(reply_to("+PONG\r\n"), AppReply::served);
}

TEST(Redis, IsReachedWhereCredentialsAreWanted) {
    EXPECT_EQ(reply_to("-NOAUTH Authentication required.\r\n"), AppReply::wants_credentials);
    EXPECT_EQ(reply_to("-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
              AppReply::wants_credentials);
    EXPECT_EQ(reply_to("-NOPERM this user has no permissions to run the 'ping' command\r\n"),
              AppReply::wants_credentials);
    EXPECT_EQ(probes::exchange(request, "-NOAUTH Authentication required.\r\n").facts.said,
              "NOAUTH Authentication required.");
}

TEST(Redis, IsForbiddenByProtectedMode) {
    const std::string denied =
        "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set "
        "for the default user. In this mode connections are only accepted from the loopback interface. If "
        "you want to connect from external computers to Redis you may adopt one of the following "
        "solutions.\r\n";
    EXPECT_EQ(reply_to(denied), AppReply::forbidden);
    EXPECT_THAT(probes::exchange(request, denied).facts.said,
                StartsWith("DENIED Redis is running in protected mode"));
}

TEST(Redis, CannotServeWhileItSaysSo) {
    for (const auto* line :
         {"-ERR max number of clients reached\r\n",
          "-ERR max number of clients + cluster connections reached\r\n",
          "-LOADING Redis is loading the dataset in memory\r\n",
          "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n",
          "-BUSY Redis is busy running a script.\r\n", "-CLUSTERDOWN The cluster is down\r\n",
          "-MISCONF Redis is configured to save RDB snapshots\r\n"}) {
        EXPECT_EQ(reply_to(line), AppReply::cannot_serve) << line;
    }
}

TEST(Redis, TakesAnyOtherErrorForUnexpected) {
    EXPECT_EQ(reply_to("-ERR unknown command 'PING', with args beginning with: \r\n"), AppReply::unexpected);
    EXPECT_EQ(reply_to("-ERR\r\n"), AppReply::unexpected);
}

TEST(Redis, JudgesAnErrorWithoutEndByItsBeginning) {
    EXPECT_EQ(exchange_anyhow(request, "-NOAUTH " + std::string(100'000, 'x')).facts.reply,
              AppReply::wants_credentials);
}

TEST(Redis, KnowsAnotherProtocolAtItsFirstWrongByte) {
    for (const auto* bytes : {"H", "S", "2", "J", "+O", "--", "-\r", "*", "\x15\x01"}) {
        EXPECT_EQ(reply_to(bytes), AppReply::other_protocol) << bytes;
    }
    for (const auto* bytes : {"+", "-", "+PON", "\x15"}) {
        EXPECT_EQ(reply_to(bytes), AppReply::none) << bytes;
    }
}

TEST(Redis, IsToldByAnAlertThatTlsIsSpoken) {
    EXPECT_EQ(reply_to({"\x15\x03\x03\x00\x02\x02\x46", 7}), AppReply::wants_tls);
}

}  // namespace
}  // namespace whylink::probes
