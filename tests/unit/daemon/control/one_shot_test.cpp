// What a one-shot command reads of accounts, with a reader on a real socket.
#include "daemon/control/one_shot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/daemon/control/fake_reader.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using control::Answer;
using control::Request;
using control::Result;
using fabricated::address;
using fabricated::FakeReader;
using fabricated::result_of;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::SizeIs;

config::Account account(config::AccountProvider provider) {
    config::Account made;
    made.name = "acme";
    made.provider = provider;
    return made;
}

config::TargetPtr target(std::string profile) {
    config::Endpoint made;
    made.name = "orders";
    made.host = "abcd.example";
    made.profile = std::move(profile);
    return config::make_target(std::move(made));
}

probes::Round resolved() {
    probes::Round round;
    round.probes = {fabricated::dns("abcd.example", {"10.0.0.4"}).observation};
    return round;
}

Answer answer_to(const Request& asked) {
    const auto& request = std::get<control::ReadRequest>(asked);
    control::ReadAnswer answer;
    answer.id = request.id;
    control::Read& read = answer.readings.reads.emplace_back();
    read.account = request.account.name;
    read.read = request.subjects.at(0).addresses.empty() ? "listing" : "interface";
    return answer;
}

class OneShot : public testing::Test {
  protected:
    AccountOptions options(const FakeReader& reader) {
        AccountOptions made;
        made.accounts = {account(config::AccountProvider::aws)};
        made.client = reader.client();
        return made;
    }
    /// The rounds end as soon as they begin.
    asio::awaitable<int> run(OneShotReading& reading, config::TargetPtr what, const probes::Round* round) {
        const std::vector<config::TargetPtr> all{what};
        std::vector<CheckedTarget> seen{{what, round}};
        reading.begin(all);
        co_await reading.finish(std::move(seen));
        co_return 0;
    }
    TargetReadingsPtr read(OneShotReading& reading, const config::TargetPtr& what,
                           const probes::Round* round) {
        result_of(loop, run(reading, what, round));
        return reading.results().at(0).readings;
    }

    asio::io_context loop{1};
};

TEST_F(OneShot, AsksAgainWhenTheAddressesAreKnown) {
    const FakeReader reader = FakeReader::that_answers(answer_to);
    OneShotReading reading(loop, options(reader));
    const probes::Round round = resolved();
    const auto readings = read(reading, target("aws"), &round);
    ASSERT_NE(readings, nullptr);
    EXPECT_THAT(readings->reads, Contains(Field(&control::Read::read, "interface")));
    const auto asked = reader.requests<control::ReadRequest>();
    ASSERT_THAT(asked, SizeIs(2));
    EXPECT_THAT(asked[0].subjects.at(0).addresses, testing::IsEmpty());
    EXPECT_THAT(asked[1].subjects.at(0).addresses, ElementsAre(address("10.0.0.4")));
    EXPECT_TRUE(asked[1].not_before.has_value());
    EXPECT_EQ(asked[0].not_before, asked[1].not_before) << "what the first one read serves the second";
}

TEST_F(OneShot, ATargetThatNoAccountFitsIsNotAskedAbout) {
    const FakeReader reader = FakeReader::that_answers(answer_to);
    OneShotReading reading(loop, options(reader));
    EXPECT_EQ(read(reading, target("azure"), nullptr), nullptr);
    EXPECT_THAT(reader.lines(), testing::IsEmpty());
}

TEST_F(OneShot, AnAccountThatWasNamedIsAskedInAnyCase) {
    const FakeReader reader = FakeReader::that_answers(answer_to);
    AccountOptions named = options(reader);
    named.for_every_target = true;
    OneShotReading reading(loop, std::move(named));
    EXPECT_NE(read(reading, target("azure"), nullptr), nullptr);
}

TEST_F(OneShot, SaysWhatWasNotReadInTime) {
    const FakeReader reader([](const std::string&) -> FakeReader::Reply { return {""}; });
    OneShotReading reading(loop, options(reader));
    const auto readings = read(reading, target("aws"), nullptr);
    ASSERT_NE(readings, nullptr);
    ASSERT_FALSE(readings->reads.empty());
    EXPECT_EQ(readings->reads.back().result, Result::unreachable);
    EXPECT_EQ(readings->reads.back().read, "account");
}

TEST_F(OneShot, KeepsWhatWasReadWhereTheRestFails) {
    const FakeReader reader([](const std::string& line) -> FakeReader::Reply {
        const auto asked = std::get<Request>(control::parse_request(line));
        if (!std::get<control::ReadRequest>(asked).subjects.at(0).addresses.empty()) {
            return {"", false};
        }
        return {control::to_line(answer_to(asked)) + "\n"};
    });
    OneShotReading reading(loop, options(reader));
    const probes::Round round = resolved();
    const auto readings = read(reading, target("aws"), &round);
    ASSERT_NE(readings, nullptr);
    EXPECT_THAT(readings->reads,
                ElementsAre(Field(&control::Read::read, "listing"), Field(&control::Read::read, "account")));
}

TEST_F(OneShot, WithoutAReaderTheReportSaysSo) {
    AccountOptions none;
    none.accounts = {account(config::AccountProvider::aws)};
    none.where = true;
    none.client = {.socket = "", .program = ""};
    OneShotReading reading(loop, none);
    const auto readings = read(reading, target("aws"), nullptr);
    ASSERT_NE(readings, nullptr);
    EXPECT_THAT(readings->reads, Contains(Field(&control::Read::detail, "whylink-control is not installed")));
    EXPECT_FALSE(reading.instance().has_value());
}

TEST_F(OneShot, TheMetadataServiceIsAskedWhereThisHostIs) {
    const FakeReader reader = FakeReader::that_answers([](const Request& asked) -> Answer {
        control::ReadAnswer answer;
        answer.id = std::get<control::WhereRequest>(asked).id;
        answer.readings.facts.instances.emplace_back().zone = "eu-west-1a";
        return answer;
    });
    AccountOptions where;
    where.where = true;
    where.client = reader.client();
    OneShotReading reading(loop, where);
    EXPECT_EQ(read(reading, target("aws"), nullptr), nullptr);
    ASSERT_TRUE(reading.instance().has_value());
    EXPECT_EQ(reading.instance()->zone, "eu-west-1a");
}

}  // namespace
}  // namespace whylink::daemon
