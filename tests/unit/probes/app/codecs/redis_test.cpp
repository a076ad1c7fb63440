#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

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

const std::string ping = "*1\r\n$4\r\nPING\r\n";
const std::string info = "*2\r\n$4\r\nINFO\r\n$7\r\ncluster\r\n";
const std::string slots = "*2\r\n$7\r\nCLUSTER\r\n$5\r\nSLOTS\r\n";
const std::string of_a_cluster = "+PONG\r\n$30\r\n# Cluster\r\ncluster_enabled:1\r\n\r\n";

TEST(Redis, SendsPingAsAnArrayAndAsksFurtherOnlyWhoAnswersThat) {
    EXPECT_EQ(probes::exchange(request, "").sent, ping);
    EXPECT_EQ(probes::exchange(request, "-NOAUTH Authentication required.\r\n").sent, ping);
    EXPECT_EQ(probes::exchange(request, "+PONG\r\n").sent, ping + info);
    EXPECT_EQ(probes::exchange(request, "+PONG\r\n$30\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n").sent,
              ping + info);
}

TEST(Redis, NamesTheNodesOfItsCluster) {
    const std::string map =
        "*2\r\n"
        "*4\r\n:0\r\n:8191\r\n*4\r\n$9\r\n10.0.0.11\r\n:6379\r\n$1\r\na\r\n*0\r\n"
        "*3\r\n$-1\r\n:6380\r\n$1\r\nb\r\n"
        "*3\r\n:8192\r\n:16383\r\n*2\r\n$10\r\nnode2.test\r\n:6379\r\n";
    const Exchanged whole = exchange_anyhow(request, of_a_cluster + map);
    EXPECT_EQ(whole.sent, ping + info + slots);
    EXPECT_EQ(whole.facts.reply, AppReply::served);
    EXPECT_EQ(whole.facts.referrals,
              (std::vector<Referral>{{ReferralKind::cluster_node, "10.0.0.11", 6379},
                                     {ReferralKind::cluster_node, "node2.test", 6379}}));
}

TEST(Redis, IsServedByPongWhateverBecomesOfTheRest) {
    for (const auto* rest :
         {"-NOPERM no\r\n", "H", "$-1\r\n", "*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n", "$99999999\r\n"}) {
        EXPECT_EQ(exchange_anyhow(request, std::string("+PONG\r\n") + rest, true).facts.reply,
                  AppReply::served)
            << rest;
        EXPECT_EQ(exchange_anyhow(request, of_a_cluster + rest, true).facts.reply, AppReply::served) << rest;
    }
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
    EXPECT_EQ(reply_to("-ERR command 'PING' not support for your account\r\n"), AppReply::wants_credentials);
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

TEST(Redis, CountsTheNodesThatAreLeftOut) {
    std::string map = "*1\r\n*42\r\n:0\r\n:16383\r\n";
    for (int i = 0; i < 40; ++i) {
        map += "*2\r\n$11\r\n10.0.0." + std::to_string(1000 + i) + "\r\n:6379\r\n";
    }
    const AppFacts facts = exchange_anyhow(request, of_a_cluster + map).facts;
    EXPECT_EQ(facts.reply, AppReply::served);
    EXPECT_EQ(facts.referrals.size(), 16U);
    EXPECT_EQ(facts.referrals_left_out, 24U);
}

TEST(Redis, AnErrorOfAnySizeIsCut) {
    const std::string error = "NOAUTH \x1b]0;" + std::string(900, 'x');
    const AppFacts facts = exchange_anyhow(request, "-" + error + "\r\n").facts;
    EXPECT_EQ(facts.reply, AppReply::wants_credentials);
    EXPECT_TRUE(facts.said.starts_with("NOAUTH \\x1b]0;xxx")) << facts.said;
    EXPECT_TRUE(facts.said.ends_with("xxx… (" + std::to_string(error.size() - 197) + " B left out)"))
        << facts.said;
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
