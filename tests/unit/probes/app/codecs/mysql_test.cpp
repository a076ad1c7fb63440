#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "exchange.hpp"

namespace whylink::probes {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::StartsWith;

const AppRequest plain = request_for(config::App::mysql);
const AppRequest with_tls = request_for(config::App::mysql, true);

std::string packet(char sequence, const std::string& body) {
    return std::string(1, static_cast<char>(body.size())) + static_cast<char>(body.size() >> 8U) + '\0' +
           sequence + body;
}

/// As MariaDB 10.11 sends it; the low half of its capabilities without CLIENT_SSL has another second byte.
std::string greeting(bool ssl = true, const std::string& plugin = "mysql_native_password",
                     const std::string& version = "5.5.5-10.11.6-MariaDB") {
    return packet(0, "\n" + version + "\0\x05\0\0\0=v\\H5lER\0\xfe"s + (ssl ? '\xff' : '\xf7') +
                         "\x08\x02\0\xff\x81\x15\0\0\0\0\0\0\x1d\0\0\0Kb*Ir\"NEP?,\\\0"s + plugin + "\0"s);
}

std::string error(char sequence, unsigned code, const std::string& text) {
    return packet(sequence, "\xff"s + static_cast<char>(code) + static_cast<char>(code >> 8U) + text);
}

const std::string denied =
    error(2, 1045, "#28000Access denied for user 'whylink'@'10.0.0.4' (using password: NO)");

/// The body of a login that names the plugin.
std::string login(const std::string& capabilities, const std::string& plugin,
                  const std::string& answer = {}) {
    return capabilities + "\0\0\0\x01\x21"s + std::string(23, '\0') + "whylink\0"s +
           static_cast<char>(answer.size()) + answer + plugin + "\0"s;
}
const std::string plain_login = login("\x00\xa2\x08\x00"s, "mysql_native_password");
const std::string tls_login = login("\x00\xaa\x08\x00"s, "mysql_native_password");

AppFacts facts_of(const std::string& bytes, const AppRequest& request = plain) {
    auto facts = exchange_anyhow(request, bytes).facts;
    EXPECT_EQ(facts.protocol, "mysql");
    expect_no_other_reply_of_a_beginning(request, bytes, facts.reply);
    return facts;
}

TEST(Mysql, LetsTheServerSpeakFirst) {
    EXPECT_EQ(probes::exchange(plain, "").sent, "");
    EXPECT_TRUE(config::application(plain.app).server_speaks_first);
}

TEST(Mysql, MakesALoginAttemptToItsEnd) {
    const auto refused = exchange_anyhow(plain, greeting() + denied);
    EXPECT_EQ(refused.sent, packet(1, plain_login));
    EXPECT_EQ(refused.next, Codec::Next::done);
    EXPECT_EQ(refused.facts.reply, AppReply::wants_credentials);
    EXPECT_EQ(refused.facts.status, 1045);
    EXPECT_EQ(refused.facts.said, "Access denied for user 'whylink'@'10.0.0.4' (using password: NO)");
    EXPECT_EQ(refused.facts.server, "10.11.6-MariaDB");
}

TEST(Mysql, ReachesNoVerdictByTheGreetingAlone) {
    EXPECT_EQ(facts_of(greeting()).reply, AppReply::none);
}

TEST(Mysql, LeavesInGoodOrderWhereItIsLetIn) {
    const auto served = exchange_anyhow(plain, greeting() + packet(2, "\0\0\0\x02\0\0\0"s));
    EXPECT_EQ(served.facts.reply, AppReply::served);
    EXPECT_EQ(served.sent, packet(1, plain_login) + packet(0, "\x01"));
}

TEST(Mysql, BeginsTlsBeforeTheLoginAndCountsItsPacketsOn) {
    const auto codec = make_codec(with_tls);
    std::string sent;
    EXPECT_EQ(codec->start(sent), Codec::Next::read);
    EXPECT_EQ(codec->received(greeting(), sent), Codec::Next::start_tls);
    EXPECT_EQ(sent, packet(1, tls_login.substr(0, 32)));
    sent.clear();
    EXPECT_EQ(codec->tls_started(sent), Codec::Next::read);
    EXPECT_EQ(sent, packet(2, tls_login));
    sent.clear();
    EXPECT_EQ(codec->received(packet(3,
                                     "\xfe"s
                                     "client_ed25519\0scramble"s),
                              sent),
              Codec::Next::read);
    EXPECT_EQ(sent, packet(4, std::string(64, '\0')));
    EXPECT_EQ(codec->received(denied, sent), Codec::Next::done);
}

TEST(Mysql, CompletesTheLoginAlsoWhereTlsIsNotOffered) {
    const auto without = exchange_anyhow(with_tls, greeting(false) + denied);
    EXPECT_EQ(without.facts.reply, AppReply::without_tls);
    EXPECT_EQ(without.sent, packet(1, plain_login));
    EXPECT_EQ(facts_of(greeting(false) + packet(2, "\0\0\0\x02\0\0\0"s), with_tls).reply,
              AppReply::without_tls);
    EXPECT_EQ(facts_of(greeting(false) + error(2, 1130, "#HY000Host is not allowed"), with_tls).reply,
              AppReply::forbidden)
        << "what is said of the host stands";
}

TEST(Mysql, TrustsNothingThatComesAheadOfTls) {
    EXPECT_EQ(probes::exchange(with_tls, greeting() + denied).facts.reply, AppReply::unexpected);
}

TEST(Mysql, AnswersEachPluginAtTheLengthThatItExpects) {
    const auto answer = [](const std::string& question) {
        const auto all = exchange_anyhow(plain, greeting() + packet(2, question));
        EXPECT_EQ(all.next, Codec::Next::read);
        return all.sent.substr(packet(1, plain_login).size());
    };
    EXPECT_EQ(answer("\xfe"s
                     "mysql_native_password\0scramble\0"s),
              packet(3, ""));
    EXPECT_EQ(answer("\xfe"s
                     "caching_sha2_password\0scramble\0"s),
              packet(3, ""));
    EXPECT_EQ(answer("\xfe"s
                     "client_ed25519\0scramble"s),
              packet(3, std::string(64, '\0')))
        << "any other length is counted as a broken handshake, and blocks the host in the end";
    EXPECT_EQ(answer("\xfe"s
                     "mysql_clear_password\0"s),
              packet(3, "\0"s));
    EXPECT_EQ(answer("\xfe"s), packet(3, "")) << "of before MySQL 4.1";
    EXPECT_EQ(answer("\xfe"s + std::string(5000, 'x')), packet(3, ""));
}

TEST(Mysql, AnswersThePluginOfTheGreeting) {
    EXPECT_EQ(probes::exchange(plain, greeting(true, "client_ed25519")).sent,
              packet(1, login("\x00\xa2\x08\x00"s, "client_ed25519", std::string(64, '\0'))));
    EXPECT_EQ(probes::exchange(plain, greeting(true, "caching_sha2_password", "8.0.36")).sent,
              packet(1, login("\x00\xa2\x08\x00"s, "caching_sha2_password")));
}

TEST(Mysql, GoesThroughWhatCachingSha2Asks) {
    const std::string start = greeting(true, "caching_sha2_password", "8.0.36");
    const auto full =
        exchange_anyhow(plain, start + packet(2, "\x01\x04"s) + error(4, 1045, "#28000Access denied"));
    EXPECT_EQ(full.facts.reply, AppReply::wants_credentials);
    EXPECT_THAT(full.sent, HasSubstr(packet(3, "\0"s)));
    const auto fast = exchange_anyhow(plain, start + packet(2, "\x01\x03"s) + packet(3, "\0\0\0\x02\0\0\0"s));
    EXPECT_EQ(fast.facts.reply, AppReply::served);
    EXPECT_EQ(fast.facts.server, "8.0.36");
}

TEST(Mysql, DoesNotAnswerQuestionsForever) {
    std::string questions = greeting();
    for (int i = 0; i < 1000; ++i) {
        questions += packet(2, "\x01?"s);
    }
    const auto asked = exchange_anyhow(plain, questions);
    EXPECT_EQ(asked.facts.reply, AppReply::unexpected);
    EXPECT_LT(asked.sent.size(), 512U);
}

TEST(Mysql, IsForbiddenToABlockedHostAndToAnUnknownOne) {
    const AppFacts blocked = facts_of(error(0, 1129,
                                            "Host '10.0.0.4' is blocked because of many connection errors; "
                                            "unblock with 'mariadb-admin flush-hosts'"));
    EXPECT_EQ(blocked.reply, AppReply::forbidden);
    EXPECT_EQ(blocked.status, 1129);
    EXPECT_THAT(blocked.said, StartsWith("Host '10.0.0.4' is blocked"));
    EXPECT_EQ(
        facts_of(error(0, 1130, "Host '10.0.0.4' is not allowed to connect to this MariaDB server")).reply,
        AppReply::forbidden);
}

TEST(Mysql, CannotServeWhileItSaysSo) {
    EXPECT_EQ(facts_of(error(0, 1040, "Too many connections")).reply, AppReply::cannot_serve);
    EXPECT_EQ(facts_of(error(0, 1040, "#08004Too many connections")).said, "Too many connections");
    EXPECT_EQ(facts_of(greeting() + error(2, 1226, "#42000User has exceeded a resource")).reply,
              AppReply::cannot_serve);
}

TEST(Mysql, IsToldThatOnlyTlsIsTaken) {
    EXPECT_EQ(
        facts_of(greeting() + error(2, 3159, "#HY000Connections using insecure transport are prohibited"))
            .reply,
        AppReply::wants_tls);
    EXPECT_EQ(facts_of(greeting() + error(2, 1045, "#28000This RDS Proxy requires TLS connections")).reply,
              AppReply::wants_tls);
}

TEST(Mysql, TakesAnyOtherErrorForUnexpected) {
    EXPECT_EQ(facts_of(error(0, 1105, "Unknown error")).reply, AppReply::unexpected);
    EXPECT_EQ(facts_of(packet(0, "\xff")).reply, AppReply::unexpected);
    EXPECT_EQ(facts_of(packet(0,
                              "\x09"
                              "3.21.0\0"s))
                  .reply,
              AppReply::unexpected);
    EXPECT_EQ(facts_of(packet(0,
                              "\x0a"
                              "8.0.36\0"s))
                  .reply,
              AppReply::unexpected);
    EXPECT_EQ(facts_of(greeting() + packet(2, "")).reply, AppReply::unexpected);
}

TEST(Mysql, KnowsAnotherProtocolAtItsFirstWrongByte) {
    for (const auto& bytes : {"SS"s, "HT"s, "220"s, "+O"s, "\x0f\0\x01"s, "\0\0\0"s, "\x15\x03\x03"s,
                              "\x40\0\0\x02"s, "\x40\0\0\0\x0b"s, "\x05\0\0\0\x0b\x08"s}) {
        EXPECT_EQ(facts_of(bytes).reply, AppReply::other_protocol) << bytes;
    }
    for (const auto& bytes : {"\x40"s, "\x40\0"s, "\x40\0\0"s, "\x40\0\0\0"s, "\x40\0\0\0\x0a"s}) {
        EXPECT_EQ(facts_of(bytes).reply, AppReply::none) << bytes;
    }
}

}  // namespace
}  // namespace whylink::probes
