#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "exchange.hpp"

namespace whylink::probes {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

const AppRequest request = request_for(config::App::mqtt);
const std::string connect = "\x10\x0c\x00\x04MQTT\x04\x02\x00\x1e\x00\x00"s;

AppFacts facts_of(const std::string& bytes) {
    auto facts = exchange_anyhow(request, bytes).facts;
    EXPECT_EQ(facts.protocol, "mqtt");
    expect_no_other_reply_of_a_beginning(request, bytes, facts.reply);
    return facts;
}

/// As 3.1.1 has it.
AppReply reply_to(char code) {
    const AppFacts facts = facts_of("\x20\x02\x00"s + code);
    EXPECT_EQ(facts.status, static_cast<unsigned char>(code));
    return facts.reply;
}

/// As version 5 has it: with properties, here a reason string.
AppReply reply_to_5(char code) {
    const AppFacts facts = facts_of("\x20\x08\x00"s + code + "\x05\x1f\x00\x02no"s);
    EXPECT_EQ(facts.status, static_cast<unsigned char>(code));
    return facts.reply;
}

TEST(Mqtt, ConnectsWithoutANameThatCouldPushAnotherOut) {
    EXPECT_EQ(probes::exchange(request, "").sent, connect);
}

TEST(Mqtt, SaysGoodbyeToABrokerThatTookIt) {
    EXPECT_EQ(probes::exchange(request, "\x20\x02\x00\x00"s).sent, connect + "\xe0\x00"s);
    EXPECT_EQ(probes::exchange(request, "\x20\x02\x00\x05"s).sent, connect);
}

TEST(Mqtt, IsServed) {
    EXPECT_EQ(reply_to('\0'), AppReply::served);
    EXPECT_EQ(reply_to_5('\0'), AppReply::served);
}

TEST(Mqtt, IsReachedWhereVersionOrIdentifierDoNotPlease) {
    EXPECT_EQ(reply_to('\x01'), AppReply::served);
    EXPECT_EQ(reply_to('\x02'), AppReply::served);
    EXPECT_EQ(reply_to_5('\x85'), AppReply::served);
    EXPECT_EQ(reply_to_5('\x84'), AppReply::served);
    EXPECT_EQ(reply_to('\x84'), AppReply::served);
    EXPECT_THAT(facts_of("\x20\x03\x00\x84\x00"s).said, HasSubstr("speaks MQTT 5 only"));
}

TEST(Mqtt, IsReachedWhereCredentialsAreWanted) {
    for (const char code : {'\x04', '\x05'}) {
        EXPECT_EQ(reply_to(code), AppReply::wants_credentials);
    }
    for (const char code : {'\x86', '\x87', '\x8c'}) {
        EXPECT_EQ(reply_to_5(code), AppReply::wants_credentials);
    }
}

TEST(Mqtt, CannotBeServedWhileTheBrokerSaysSo) {
    EXPECT_EQ(reply_to('\x03'), AppReply::cannot_serve);
    for (const char code : {'\x88', '\x89', '\x97', '\x9f'}) {
        EXPECT_EQ(reply_to_5(code), AppReply::cannot_serve);
    }
}

TEST(Mqtt, IsForbiddenToTheBanned) {
    EXPECT_EQ(reply_to_5('\x8a'), AppReply::forbidden);
}

TEST(Mqtt, TakesAnUnknownCodeForUnexpected) {
    EXPECT_EQ(reply_to('\x06'), AppReply::unexpected);
    EXPECT_EQ(reply_to_5('\x81'), AppReply::unexpected);
    EXPECT_EQ(facts_of("\x20\x02\x00\x77"s).said, "return code 119");
}

TEST(Mqtt, KnowsAnotherProtocolAtItsFirstWrongByte) {
    for (const auto& bytes : {"H"s, "S"s, "\x15\x01"s, "\x30"s, "\x20\x01"s, "\x20\x00"s, "\x20\x02\x02"s,
                              "\x20\x80\x80\x80\x80"s, "\x20\xff\xff\xff\x7f"s, " HTTP"s}) {
        EXPECT_EQ(facts_of(bytes).reply, AppReply::other_protocol) << bytes;
    }
    for (const auto& bytes : {"\x20"s, "\x20\x02"s, "\x20\x02\x00"s, "\x20\x83"s, "\x15"s}) {
        EXPECT_EQ(facts_of(bytes).reply, AppReply::none) << bytes;
    }
}

TEST(Mqtt, IsToldByAnAlertThatTlsIsSpoken) {
    EXPECT_EQ(facts_of("\x15\x03\x01\x00\x02\x02\x46"s).reply, AppReply::wants_tls);
}

}  // namespace
}  // namespace whylink::probes
