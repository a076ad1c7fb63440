#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "exchange.hpp"

namespace whylink::probes {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

const AppRequest plain = request_for(config::App::postgres);
const AppRequest with_tls = request_for(config::App::postgres, true);

const std::string ssl_request = "\x00\x00\x00\x08\x04\xd2\x16\x2f"s;
const std::string startup =
    "\x00\x00\x00\x41\x00\x03\x00\x00user\0whylink\0database\0postgres\0application_name\0whylink\0\0"s;

std::string message(char type, const std::string& body) {
    const auto size = static_cast<unsigned>(body.size() + 4);
    return type + "\0\0"s + static_cast<char>(size >> 8U) + static_cast<char>(size) + body;
}

std::string authentication(char type, const std::string& rest = {}) {
    return message('R', "\0\0\0"s + type + rest);
}

std::string error(const std::string& sqlstate, const std::string& text,
                  const std::string& routine = "ClientAuthentication") {
    return message(
        'E', "SFATAL\0VFATAL\0C"s + sqlstate + "\0M"s + text + "\0Fauth.c\0L544\0R"s + routine + "\0\0"s);
}

AppFacts facts_of(const std::string& bytes) {
    auto facts = exchange_anyhow(plain, bytes).facts;
    EXPECT_EQ(facts.protocol, "postgres");
    expect_no_other_reply_of_a_beginning(plain, bytes, facts.reply);
    return facts;
}

AppReply reply_to_error(const std::string& sqlstate, const std::string& text,
                        const std::string& routine = "ClientAuthentication") {
    const AppFacts facts = facts_of(error(sqlstate, text, routine));
    EXPECT_EQ(facts.said, sqlstate + ": " + text);
    return facts.reply;
}

/// Over TLS, which the server takes.
struct OverTls {
    std::unique_ptr<Codec> codec = make_codec(with_tls);
    std::string sent;
    AppFacts facts;
    explicit OverTls(const std::string& bytes) {
        EXPECT_EQ(codec->start(sent), Codec::Next::read);
        EXPECT_EQ(codec->received("S", sent), Codec::Next::start_tls);
        EXPECT_EQ(sent, ssl_request);
        EXPECT_EQ(codec->tls_started(sent), Codec::Next::read);
        EXPECT_EQ(codec->received(bytes, sent), Codec::Next::done);
        codec->report(facts);
    }
};

TEST(Postgres, AsksForALoginAndLeavesWithoutAWord) {
    EXPECT_EQ(probes::exchange(plain, "").sent, startup);
    // The server takes Terminate at this point, and a reset, for errors that it logs.
    EXPECT_EQ(probes::exchange(plain, authentication(3)).sent, startup);
    EXPECT_TRUE(make_codec(plain)->minds_reset());
}

TEST(Postgres, IsReachedWhereAPasswordIsWanted) {
    const AppFacts facts = facts_of(authentication(10, "SCRAM-SHA-256\0\0"s));
    EXPECT_EQ(facts.reply, AppReply::wants_credentials);
    EXPECT_EQ(facts.said, "asks for a password, SASL");
    for (const char type : {'\x02', '\x03', '\x05', '\x07', '\x0c'}) {
        EXPECT_EQ(facts_of(authentication(type)).reply, AppReply::wants_credentials);
    }
}

TEST(Postgres, IsServedWhereEverybodyIsLetIn) {
    const std::string ready = authentication(0) +
                              message('S',
                                      "server_version\0"s
                                      "15.6\0"s) +
                              message('K', "12345678") + message('Z', "I");
    const auto whole = exchange_anyhow(plain, ready);
    EXPECT_EQ(whole.facts.reply, AppReply::served);
    EXPECT_EQ(whole.sent, startup + "X\0\0\0\x04"s);
    EXPECT_EQ(whole.next, Codec::Next::done);
    EXPECT_EQ(facts_of(authentication(0)).reply, AppReply::served) << "cut off";
}

TEST(Postgres, WaitsForWhatComesOfALoginThatIsLetIn) {
    const auto after = [](const std::string& error) {
        return exchange_anyhow(plain, authentication(0) + error).facts.reply;
    };
    EXPECT_EQ(after(error("53300", "sorry, too many clients already", "InitProcess")),
              AppReply::cannot_serve);
    EXPECT_EQ(after(error("28000", "role \"whylink\" does not exist", "InitializeSessionUserId")),
              AppReply::wants_credentials);
}

TEST(Postgres, IsForbiddenByAnAccessRule) {
    EXPECT_EQ(reply_to_error("28000",
                             "no pg_hba.conf entry for host \"10.0.0.4\", user \"whylink\", database "
                             "\"postgres\", no encryption"),
              AppReply::forbidden);
    EXPECT_EQ(
        reply_to_error("28000", "pg_hba.conf rejects connection for host \"10.0.0.4\", user \"whylink\""),
        AppReply::forbidden);
    EXPECT_EQ(reply_to_error("28000", "aucune entree pour l'hote"), AppReply::forbidden)
        << "in another language the server's routine tells";
}

TEST(Postgres, IsReachedByWhoIsUnknown) {
    EXPECT_EQ(reply_to_error("28000", "role \"whylink\" does not exist", "InitializeSessionUserId"),
              AppReply::wants_credentials);
    EXPECT_EQ(reply_to_error("28P01", "password authentication failed for user \"whylink\"", "auth_failed"),
              AppReply::wants_credentials);
    EXPECT_EQ(reply_to_error("28000", "connection requires a valid client certificate"),
              AppReply::wants_credentials);
    EXPECT_EQ(reply_to_error("08P01", "no such user: whylink", ""), AppReply::wants_credentials);
    EXPECT_EQ(reply_to_error("3D000", "database \"postgres\" does not exist", "InitPostgres"),
              AppReply::served);
}

TEST(Postgres, CannotServeWhileItSaysSo) {
    EXPECT_EQ(reply_to_error("53300", "sorry, too many clients already", "ProcArrayAdd"),
              AppReply::cannot_serve);
    EXPECT_EQ(reply_to_error("57P03", "the database system is starting up", "ProcessStartupPacket"),
              AppReply::cannot_serve);
    EXPECT_EQ(reply_to_error("08P01", "no more connections allowed (max_client_conn)", ""),
              AppReply::cannot_serve);
}

TEST(Postgres, KnowsTheWordsOfAServerWithoutAProcessToSpare) {
    const auto text = "Ecould not fork new process for connection: Resource temporarily unavailable\n\0"s;
    EXPECT_EQ(facts_of(text).reply, AppReply::cannot_serve);
    EXPECT_EQ(facts_of(text).said,
              "could not fork new process for connection: Resource temporarily unavailable");
    EXPECT_EQ(exchange_anyhow(with_tls, text).facts.reply, AppReply::cannot_serve);
    EXPECT_EQ(exchange_anyhow(plain, "Ecould not " + std::string(100'000, 'x')).facts.reply,
              AppReply::cannot_serve);
}

TEST(Postgres, IsToldThatOnlyTlsIsTaken) {
    EXPECT_EQ(
        reply_to_error("28000", "SSL connection is required. Please specify SSL options and retry.", ""),
        AppReply::wants_tls);
    EXPECT_EQ(reply_to_error("08P01", "SSL required", ""), AppReply::wants_tls);
    EXPECT_EQ(reply_to_error("28000", "This RDS Proxy requires TLS connections", ""), AppReply::wants_tls);
    EXPECT_EQ(facts_of("\x15\x03\x01\x00\x02\x02\x46"s).reply, AppReply::wants_tls);
}

TEST(Postgres, TakesAnyOtherErrorForUnexpected) {
    EXPECT_EQ(reply_to_error("0A000", "unsupported frontend protocol 3.0", ""), AppReply::unexpected);
    EXPECT_EQ(facts_of(message('E', "\0"s)).reply, AppReply::unexpected);
    EXPECT_EQ(facts_of(message('E', "Mwithout an end")).said, ": without an end");
}

TEST(Postgres, BeginsTlsInsideItsProtocol) {
    const OverTls tls(authentication(10, "SCRAM-SHA-256\0\0"s));
    EXPECT_EQ(tls.facts.reply, AppReply::wants_credentials);
    EXPECT_EQ(tls.sent, ssl_request + startup);
}

TEST(Postgres, SaysNothingMoreWhereTlsIsNotOffered) {
    const auto without = probes::exchange(with_tls, "N");
    EXPECT_EQ(without.facts.reply, AppReply::without_tls);
    EXPECT_EQ(without.sent, ssl_request);
    EXPECT_EQ(without.next, Codec::Next::done);
}

TEST(Postgres, ReadsAnErrorInsteadOfTheAnswerAboutTls) {
    EXPECT_EQ(exchange_anyhow(with_tls, error("57P03", "the database system is shutting down")).facts.reply,
              AppReply::cannot_serve);
}

TEST(Postgres, TrustsNothingThatComesAheadOfTls) {
    EXPECT_EQ(probes::exchange(with_tls, "S" + authentication(0)).facts.reply, AppReply::other_protocol);
    EXPECT_EQ(probes::exchange(with_tls, "SSH-2.0-OpenSSH_9.2\r\n").facts.reply, AppReply::other_protocol);
}

TEST(Postgres, KnowsAnotherProtocolAtItsFirstWrongByte) {
    for (const auto& bytes : {"H"s, "2"s, "+"s, "J"s, "R\x01"s, "R\0\0\x08"s, "R\0\0\0\x07"s, "E\0\0\xff"s,
                              "EHLO"s, "SSH"s, "Z\0\0\0\x06"s, "\x15\x01"s}) {
        EXPECT_EQ(facts_of(bytes).reply, AppReply::other_protocol) << bytes;
    }
    for (const auto& bytes : {"R"s, "E"s, "R\0\0"s, "Ecoul"s, "\x15"s}) {
        EXPECT_EQ(facts_of(bytes).reply, AppReply::none) << bytes;
    }
    EXPECT_EQ(exchange_anyhow(with_tls, "H").facts.reply, AppReply::other_protocol);
}

TEST(Postgres, ReadsNoMoreThanItsBound) {
    std::string notices = authentication(0);
    while (notices.size() < 100'000) {
        notices += message('N', std::string(20'000, 'x'));
    }
    EXPECT_EQ(exchange_anyhow(plain, notices).next, Codec::Next::read) << "the caller's bound ends it";
}

TEST(Postgres, SaysWhetherItTakesWrites) {
    const auto told = [](const std::string& parameters) {
        return exchange_anyhow(plain, authentication('\0') + parameters + message('Z', "I")).facts.read_only;
    };
    const auto parameter = [](const std::string& name, const std::string& value) {
        return message('S', name + "\0"s + value + "\0"s);
    };
    EXPECT_EQ(told(parameter("in_hot_standby", "on") + parameter("default_transaction_read_only", "off")),
              true);
    EXPECT_EQ(told(parameter("in_hot_standby", "off") + parameter("default_transaction_read_only", "on")),
              true);
    EXPECT_EQ(told(parameter("in_hot_standby", "off")), false);
    EXPECT_EQ(told(parameter("server_version", "15.5")), std::nullopt);
    EXPECT_EQ(told(message('S', "in_hot_standby")), std::nullopt) << "cut off";
}

}  // namespace
}  // namespace whylink::probes
