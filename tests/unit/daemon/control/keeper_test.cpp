// The daemon's reads of accounts, with a reader on a real socket.
#include "daemon/control/keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/system/call_later.hpp"
#include "daemon/watch/target_status.hpp"
#include "tests/unit/daemon/control/fake_reader.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using control::Answer;
using control::Request;
using control::Result;
using fabricated::FakeReader;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

config::Account account(std::string name, config::AccountProvider provider) {
    config::Account made;
    made.name = std::move(name);
    made.provider = provider;
    return made;
}

const config::Account acme = account("acme", config::AccountProvider::aws);

TargetStatusPtr endpoint(std::string name, std::string profile,
                         std::optional<control::Time> failing_since = std::nullopt) {
    config::Endpoint made;
    made.name = std::move(name);
    made.host = "abcd.example";
    made.profile = std::move(profile);
    auto status = std::make_shared<TargetStatus>();
    status->target = config::make_target(std::move(made));
    status->failing_since = failing_since;
    return status;
}

/// One read for each target, and one call.
Answer answer_to(const Request& asked) {
    const auto& read = std::get<control::ReadRequest>(asked);
    control::ReadAnswer answer;
    answer.id = read.id;
    for (const control::Subject& subject : read.subjects) {
        control::Read& made = answer.readings.reads.emplace_back();
        made.account = read.account.name;
        made.read = "vpc_endpoint";
        made.targets = {subject.target};
    }
    answer.calls.push_back({"ec2:DescribeVpcEndpoints", Result::ok, 2});
    return answer;
}

class KeepAccounts : public testing::Test {
  protected:
    /// Nothing is waited for but the reader.
    std::unique_ptr<AccountKeeper> keeper_for(ControlClient::Options client) {
        AccountKeeper::Options options;
        options.client = std::move(client);
        options.pace = {.first = 0s, .gather = 0s, .least_between = 0s, .retry = 1h};
        return std::make_unique<AccountKeeper>(
            loop, std::move(options),
            AccountKeeper::Host{
                [this]() -> std::span<const TargetStatusPtr> { return targets; },
                [this](bool good, std::string text) { said.push_back((good ? "+ " : "- ") + text); }});
    }
    /// Runs the loop until then, and fails after ten seconds.
    void run_until(const std::function<bool()>& is_so) {
        const auto end = std::chrono::steady_clock::now() + 10s;
        loop.restart();
        while (!is_so() && std::chrono::steady_clock::now() < end) {
            loop.run_for(5ms);
            loop.restart();
        }
        EXPECT_TRUE(is_so());
    }

    std::vector<TargetStatusPtr> targets{endpoint("a", "aws"), endpoint("b", "aws"), endpoint("c", "azure")};
    std::vector<std::string> said;
    asio::io_context loop{1};
};

TEST_F(KeepAccounts, OneRequestIsForAllTargetsOfAnAccount) {
    const FakeReader reader = FakeReader::that_answers(answer_to);
    const auto keeper = keeper_for(reader.client());
    keeper->configure({acme}, false);
    run_until([&] { return keeper->of("b") != nullptr; });
    ASSERT_THAT(reader.requests<control::ReadRequest>(), SizeIs(1));
    EXPECT_THAT(reader.requests<control::ReadRequest>()[0].subjects, SizeIs(2));
    ASSERT_NE(keeper->of("a"), nullptr);
    ASSERT_THAT(keeper->of("a")->reads, SizeIs(1));
    EXPECT_THAT(keeper->of("a")->reads[0].targets, ElementsAre("a"));
    EXPECT_EQ(keeper->of("c"), nullptr) << "no account fits it";
    EXPECT_EQ(keeper->status().reads.at({"acme", "ec2:DescribeVpcEndpoints", Result::ok}), 2U);
    EXPECT_THAT(said, testing::IsEmpty());
}

TEST_F(KeepAccounts, ANewFailureIsReadAndNothingOlderIsGoodEnough) {
    const FakeReader reader = FakeReader::that_answers(answer_to);
    const auto keeper = keeper_for(reader.client());
    keeper->configure({acme}, false);
    run_until([&] { return keeper->of("a") != nullptr; });
    const auto since = std::chrono::floor<std::chrono::milliseconds>(control::WallClock::now() + 1s);
    keeper->round_ended(*endpoint("a", "aws", since));
    keeper->round_ended(*endpoint("c", "azure", since));
    run_until([&] { return reader.lines().size() == 2; });
    EXPECT_EQ(reader.requests<control::ReadRequest>()[0].not_before, std::nullopt);
    EXPECT_EQ(reader.requests<control::ReadRequest>()[1].not_before, since);
}

TEST_F(KeepAccounts, AReaderThatIsNotThereIsSaidOnceAndIsARead) {
    const auto keeper = keeper_for({.socket = "/nowhere/s", .program = "/nowhere/reader", .starts = false});
    keeper->configure({acme, account("other", config::AccountProvider::aws)}, false);
    run_until([&] { return keeper->of("a") != nullptr && keeper->of("a")->reads.size() == 2; });
    EXPECT_EQ(keeper->of("a")->reads[0].result, Result::unreachable);
    EXPECT_EQ(keeper->of("a")->reads[0].detail, "the account reader does not listen on /nowhere/s");
    EXPECT_EQ(keeper->status().reads.at({"acme", "account", Result::unreachable}), 1U);
    ASSERT_THAT(said, SizeIs(1));
    EXPECT_THAT(said[0], HasSubstr("- accounts are not read: the account reader does not listen"));
}

TEST_F(KeepAccounts, AReloadKeepsWhatStaysAndForgetsWhatGoes) {
    const FakeReader reader = FakeReader::that_answers(answer_to);
    const auto keeper = keeper_for(reader.client());
    const config::Account gone = account("gone", config::AccountProvider::aws);
    keeper->configure({acme, gone}, false);
    run_until([&] { return keeper->of("a") != nullptr && keeper->of("a")->reads.size() == 2; });
    keeper->configure({acme}, false);
    ASSERT_NE(keeper->of("a"), nullptr);
    ASSERT_THAT(keeper->of("a")->reads, SizeIs(1));
    EXPECT_EQ(keeper->of("a")->reads[0].account, "acme");
    EXPECT_THAT(reader.lines(), SizeIs(2)) << "what stays is not read again";
}

TEST_F(KeepAccounts, TheMetadataServiceSaysWhereThisHostIs) {
    const FakeReader reader = FakeReader::that_answers([](const Request& asked) -> Answer {
        control::ReadAnswer answer;
        answer.id = std::get<control::WhereRequest>(asked).id;
        answer.readings.facts.instances.emplace_back().region = "eu-west-1";
        return answer;
    });
    const auto keeper = keeper_for(reader.client());
    keeper->configure({}, true);
    run_until([&] { return keeper->status().instance.has_value(); });
    EXPECT_EQ(keeper->status().instance->region, "eu-west-1");
}

TEST_F(KeepAccounts, ItEndsWhileARequestIsOpen) {
    const FakeReader reader([](const std::string&) -> FakeReader::Reply { return {""}; });
    auto keeper = keeper_for(reader.client());
    keeper->configure({acme}, true);
    run_until([&] { return reader.lines().size() == 2; });
    keeper.reset();
    loop.restart();
    loop.run_for(50ms);
}

}  // namespace
}  // namespace whylink::daemon
