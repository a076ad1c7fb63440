#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "exchange.hpp"

namespace whylink::probes {
namespace {

using Next = Codec::Next;
using Script = std::vector<config::ExpectStep>;

AppRequest script(Script steps, bool tls = false) {
    AppRequest request;
    request.app = config::App::expect;
    request.host = "mail.example";
    request.port = 25;
    request.tls = tls;
    request.script = std::move(steps);
    return request;
}

const Script smtp{{.send = "", .expect = "^220 ", .starttls = false},
                  {.send = "EHLO probe.example\r\n", .expect = "^250 ", .starttls = false},
                  {.send = "QUIT\r\n", .expect = "", .starttls = false}};
const Script smtp_with_tls{{.send = "", .expect = "^220 ", .starttls = false},
                           {.send = "EHLO probe.example\r\n", .expect = "^250 ", .starttls = false},
                           {.send = "STARTTLS\r\n", .expect = "^220 ", .starttls = true},
                           {.send = "EHLO probe.example\r\n", .expect = "^250 ", .starttls = false},
                           {.send = "QUIT\r\n", .expect = "", .starttls = false}};

TEST(Expect, SendsEachStepOnceItsForerunnerIsAnswered) {
    const auto request = script(smtp);
    EXPECT_EQ(exchange(request, "").sent, "");
    EXPECT_EQ(exchange_anyhow(request, "220 mail.example ESMTP\r\n").sent, "EHLO probe.example\r\n");
    const auto whole = exchange_anyhow(request, "220 mail.example ESMTP\r\n250-mail.example\r\n250 HELP\r\n");
    EXPECT_EQ(whole.sent, "EHLO probe.example\r\nQUIT\r\n");
    EXPECT_EQ(whole.next, Next::done);
    EXPECT_EQ(whole.facts.protocol, "expect");
    EXPECT_EQ(whole.facts.reply, AppReply::served);
    EXPECT_EQ(whole.facts.said, "250 HELP");
}

TEST(Expect, SendsTheFirstLineUnasked) {
    const auto request = script({{.send = "PING\r\n", .expect = "PONG", .starttls = false}});
    EXPECT_EQ(exchange(request, "").sent, "PING\r\n");
    EXPECT_EQ(exchange_anyhow(request, "+PONG\r\n").facts.reply, AppReply::served);
}

TEST(Expect, FindsTextAnywhereInALineOrAtItsBeginning) {
    const auto is_served = [](std::string_view expect, std::string_view line) {
        const auto request = script({{.send = "", .expect = std::string(expect), .starttls = false}});
        return exchange_anyhow(request, std::string(line) + "\n").facts.reply == AppReply::served;
    };
    EXPECT_TRUE(is_served("STARTTLS", "250-STARTTLS\r"));
    EXPECT_TRUE(is_served("^SSH-2.0-", "SSH-2.0-OpenSSH_9.2"));
    EXPECT_FALSE(is_served("^220", "554 not 220"));
    EXPECT_FALSE(is_served("2.0", "SSH-250-x"));  // text, and no pattern
    EXPECT_FALSE(is_served("OK\r", "OK\r"));      // the line's end is not part of it
}

TEST(Expect, PassesOverLinesUntilTheOneThatFits) {
    const auto request = script({{.send = "", .expect = " 001 ", .starttls = false}});
    const auto exchanged = exchange_anyhow(request, ":irc NOTICE * :hello\r\n:irc 001 probe :Welcome\r\n");
    EXPECT_EQ(exchanged.facts.reply, AppReply::served);
    EXPECT_EQ(exchanged.facts.said, ":irc 001 probe :Welcome");
}

TEST(Expect, SaysWhatCameInstead) {
    const auto facts = exchange_anyhow(script(smtp), "554 No SMTP service here\r\n", true).facts;
    EXPECT_EQ(facts.reply, AppReply::unexpected);
    EXPECT_EQ(facts.said, "554 No SMTP service here");
    const auto unfinished = exchange_anyhow(script(smtp), "421 busy\r\n554 No SM").facts;
    EXPECT_EQ(unfinished.reply, AppReply::unexpected);
    EXPECT_EQ(unfinished.said, "554 No SM");
}

TEST(Expect, HasNoReplyWhereNothingCameInTheStep) {
    EXPECT_EQ(exchange_anyhow(script(smtp), "", true).facts.reply, AppReply::none);
    EXPECT_EQ(exchange_anyhow(script(smtp), "220 mail.example\r\n", true).facts.reply, AppReply::none);
}

TEST(Expect, TakesALastLineWithoutItsEnd) {
    const auto request = script({{.send = "", .expect = "^220", .starttls = false}});
    EXPECT_EQ(exchange_anyhow(request, "220 ready", true).facts.reply, AppReply::served);
    EXPECT_EQ(exchange_anyhow(request, "220 ready", false).facts.reply, AppReply::unexpected);
}

TEST(Expect, IsDoneWhereNothingIsAwaited) {
    const auto exchanged = exchange(script({{.send = "QUIT\r\n", .expect = "", .starttls = false}}), "");
    EXPECT_EQ(exchanged.next, Next::done);
    EXPECT_EQ(exchanged.sent, "QUIT\r\n");
    EXPECT_EQ(exchanged.facts.reply, AppReply::served);
}

// ---- STARTTLS ----

TEST(Expect, BeginsTlsInTheMiddle) {
    const auto request = script(smtp_with_tls, true);
    const auto codec = make_codec(request);
    std::string sent;
    EXPECT_EQ(codec->start(sent), Next::read);
    EXPECT_EQ(codec->received("220 mail.example\r\n", sent), Next::read);
    EXPECT_EQ(codec->received("250 STARTTLS\r\n", sent), Next::read);
    EXPECT_EQ(sent, "EHLO probe.example\r\nSTARTTLS\r\n");
    sent.clear();
    // Whoever put a line behind the answer is not to be believed once TLS is on.
    EXPECT_EQ(codec->received("220 go ahead\r\n250 injected\r\n250 inj", sent), Next::start_tls);
    EXPECT_EQ(sent, "");
    EXPECT_EQ(codec->tls_started(sent), Next::read);
    EXPECT_EQ(sent, "EHLO probe.example\r\n");
    EXPECT_EQ(codec->received("250 HELP\r\n", sent), Next::done);
    AppFacts facts;
    codec->report(facts);
    EXPECT_EQ(facts.reply, AppReply::served);
    EXPECT_EQ(facts.said, "250 HELP");
}

TEST(Expect, SaysThatTlsIsNotOffered) {
    const auto facts = exchange_anyhow(script(smtp_with_tls, true),
                                       "220 mail\r\n250 HELP\r\n454 TLS not available\r\n", true)
                           .facts;
    EXPECT_EQ(facts.reply, AppReply::without_tls);
    EXPECT_EQ(facts.said, "454 TLS not available");
}

TEST(Expect, HasNoReplyWhereTheConnectionEndsInsteadOfTls) {
    const auto codec = make_codec(script(smtp_with_tls, true));
    std::string sent;
    EXPECT_EQ(codec->start(sent), Next::read);
    EXPECT_EQ(codec->received("220 mail\r\n250 HELP\r\n220 go ahead\r\n", sent), Next::start_tls);
    codec->ended();
    AppFacts facts;
    codec->report(facts);
    EXPECT_EQ(facts.reply, AppReply::none);
}

TEST(Expect, HearsThatThePortSpeaksTlsAtOnce) {
    const std::string_view alert{"\x15\x03\x01\x00\x02\x02\x46", 7};
    EXPECT_EQ(exchange_anyhow(script(smtp), alert).facts.reply, AppReply::wants_tls);
    EXPECT_EQ(exchange_anyhow(script(smtp_with_tls, true), alert).facts.reply, AppReply::wants_tls);
    EXPECT_EQ(exchange_anyhow(script(smtp), "\x15x").facts.reply, AppReply::other_protocol);
    EXPECT_EQ(exchange_anyhow(script(smtp, true), alert, true).facts.reply, AppReply::unexpected);
}

// ---- bounds ----

TEST(Expect, LooksAtTheBeginningOfALongLine) {
    const auto request = script({{.send = "", .expect = "end", .starttls = false}});
    const auto line = [](std::size_t size) { return std::string(size, 'x') + "end\r\n"; };
    EXPECT_EQ(exchange_anyhow(request, line(1000)).facts.reply, AppReply::served);
    EXPECT_EQ(exchange_anyhow(request, line(1100)).facts.reply, AppReply::unexpected);
}

TEST(Expect, GivesUpAfterTheMostThatIsRead) {
    std::string lines;
    while (lines.size() < Codec::max_bytes) {
        lines += "not it\r\n";
    }
    const auto exchanged = exchange_anyhow(script(smtp), lines);
    EXPECT_EQ(exchanged.next, Next::done);
    EXPECT_EQ(exchanged.facts.reply, AppReply::unexpected);
}

}  // namespace
}  // namespace whylink::probes
