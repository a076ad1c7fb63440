#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "exchange.hpp"

namespace whylink::probes {
namespace {

using std::string_literals::operator""s;

const AppRequest request = request_for(config::App::kafka);

std::string framed(const std::string& message) {
    return "\0\0\0"s + static_cast<char>(message.size()) + message;
}

std::string versions(const std::string& entries, char count, const std::string& error = "\0\0"s) {
    return framed("whyl" + error + "\0\0\0"s + count + entries);
}

const std::string has_metadata = versions("\0\x03\0\0\0\x0c"s + "\0\x12\0\0\0\x03"s, '\x02');

std::string broker(const std::string& host, const std::string& port) {
    return "\0\0\0\x01\0"s + static_cast<char>(host.size()) + host + "\0\0"s + port + "\xff\xff"s;
}

TEST(Kafka, AsksForItsVersionsAndThenForItsBrokers) {
    const std::string first = "\0\0\0\x11\0\x12\0\0whyl\0\x07whylink"s;
    EXPECT_EQ(probes::exchange(request, "").sent, first);
    EXPECT_EQ(probes::exchange(request, has_metadata).sent,
              first + "\0\0\0\x15\0\x03\0\x01whym\0\x07whylink\0\0\0\0"s);
    EXPECT_EQ(probes::exchange(request, versions("\0\x03\0\x09\0\x0c"s, '\x01')).sent, first) << "too new";
}

TEST(Kafka, NamesItsAdvertisedListeners) {
    const std::string metadata = framed("whym\0\0\0\x02"s + broker("b-1.test", "\x23\x84"s) +
                                        broker("10.0.0.9", "\x23\x85"s) + "\0\0\0\x01\0\0\0\0"s);
    const auto facts = exchange_anyhow(request, has_metadata + metadata).facts;
    EXPECT_EQ(facts.reply, AppReply::served);
    EXPECT_EQ(facts.said, "2 brokers");
    EXPECT_EQ(facts.referrals, (std::vector<Referral>{{ReferralKind::broker, "b-1.test", 9092},
                                                      {ReferralKind::broker, "10.0.0.9", 9093}}));
}

TEST(Kafka, WantsSaslWhereItClosesAtTheSecondQuestion) {
    EXPECT_EQ(probes::exchange(request, has_metadata, true).facts.reply, AppReply::wants_credentials);
    EXPECT_EQ(probes::exchange(request, has_metadata, false).facts.reply, AppReply::served);
}

TEST(Kafka, KnowsWhatIsNotKafka) {
    for (const std::string& bytes :
         {"HTTP/1.1 400 Bad Request\r\n"s, "\0\0\0\x0ano"s + std::string(12, 'x'), std::string(32, '\0')}) {
        EXPECT_EQ(exchange_anyhow(request, bytes).facts.reply, AppReply::other_protocol) << bytes;
    }
    EXPECT_EQ(exchange_anyhow(request, "\x15\x03\x03\0\x02\x02\x46"s).facts.reply, AppReply::wants_tls);
}

TEST(Kafka, IsServedWhateverTheSecondAnswerIs) {
    for (const std::string& bytes :
         {framed("nope"s + std::string(10, '\0')), framed("whym\0\0\0\x7f"s + std::string(6, '\0')),
          framed("whym\xff\xff\xff\xff"s + std::string(6, '\0'))}) {
        const auto facts = exchange_anyhow(request, has_metadata + bytes).facts;
        EXPECT_EQ(facts.reply, AppReply::served);
        EXPECT_TRUE(facts.referrals.empty());
    }
}

TEST(Kafka, BelievesNoListThatCannotBeRead) {
    const std::string last = "\0\0\0\x01\0\0\0\0"s;
    for (const std::string& list :
         {"\xff\xff\xff\xff"s, "\x7f\xff\xff\xff"s + broker("b-1.test", "\x23\x84"s),
          "\0\0\0\x01"s + broker("", "\x23\x84"s) + last,
          "\0\0\0\x01"s + broker("b-1.test", "\0\0"s) + last}) {
        const auto facts = exchange_anyhow(request, has_metadata + framed("whym" + list)).facts;
        EXPECT_EQ(facts.said, "ApiVersions, and a list of brokers that cannot be read");
        EXPECT_TRUE(facts.referrals.empty());
    }
    EXPECT_EQ(exchange_anyhow(request, framed("whyl\0\0\xff\xff\xff\xff"s)).facts.reply,
              AppReply::unexpected);
    EXPECT_EQ(exchange_anyhow(request, framed("whyl\0\0\0\0\0\x09"s)).facts.reply, AppReply::unexpected);
}

}  // namespace
}  // namespace whylink::probes
