// Asking the reader of accounts, whatever it does.
#include "daemon/control/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "tests/unit/daemon/control/fake_reader.hpp"
#include "tests/unit/daemon/temporary_file.hpp"

namespace whylink::daemon {
namespace {

using control::Answer;
using control::ReadAnswer;
using control::Request;
using fabricated::FakeReader;
using fabricated::result_of;
using testing::HasSubstr;
using testing::StartsWith;
using Answered = std::variant<Answer, NoReader>;

control::ReadRequest request(std::string account, std::uint32_t timeout_ms = 10'000) {
    control::ReadRequest made;
    made.account.name = std::move(account);
    made.timeout_ms = timeout_ms;
    return made;
}

Answer one_read(const Request& asked) {
    const auto& read = std::get<control::ReadRequest>(asked);
    ReadAnswer answer;
    answer.id = read.id;
    answer.readings.reads.emplace_back().account = read.account.name;
    return answer;
}

Answer empty_answer() {
    ReadAnswer answer;
    answer.id = 1;
    return answer;
}

/// Empty: there was an answer.
std::string reason_of(const Answered& answered) {
    const auto* missing = std::get_if<NoReader>(&answered);
    return missing == nullptr ? std::string() : missing->reason;
}

const ReadAnswer* read_of(const Answered& answered) {
    const auto* answer = std::get_if<Answer>(&answered);
    return answer == nullptr ? nullptr : std::get_if<ReadAnswer>(answer);
}

class AskTheReader : public testing::Test {
  protected:
    Answered ask(ControlClient& client, control::Request what) {
        return result_of(loop, client.ask(std::move(what)));
    }
    Answered ask(ControlClient::Options options, control::Request what) {
        ControlClient client(loop.get_executor(), std::move(options));
        return ask(client, std::move(what));
    }
    /// With what it says to the first line.
    Answered ask_one_that_says(FakeReader::Reply reply, std::uint32_t timeout_ms = 10'000) {
        const FakeReader reader([&](const std::string&) { return reply; });
        return ask(reader.client(), request("a", timeout_ms));
    }

    asio::io_context loop{1};
};

TEST_F(AskTheReader, GivesItsAnswer) {
    const FakeReader reader = FakeReader::that_answers(one_read);
    const Answered answered = ask(reader.client(), request("acme"));
    ASSERT_NE(read_of(answered), nullptr) << reason_of(answered);
    EXPECT_EQ(read_of(answered)->readings.reads.front().account, "acme");
}

TEST_F(AskTheReader, AnswersMayComeInAnyOrder) {
    std::string first;
    const FakeReader reader([&](const std::string& line) -> FakeReader::Reply {
        const auto asked = std::get<Request>(control::parse_request(line));
        const std::string answer = control::to_line(one_read(asked)) + "\n";
        if (first.empty()) {
            first = answer;
            return {""};
        }
        return {answer + first};
    });
    ControlClient client(loop.get_executor(), reader.client());
    std::vector<std::string> ended;
    const auto one = [&](std::string account) -> asio::awaitable<void> {
        const Answered answered = co_await client.ask(request(account));
        const ReadAnswer* answer = read_of(answered);
        ended.push_back(answer == nullptr ? reason_of(answered) : answer->readings.reads.front().account);
        if (ended.size() == 2) {
            loop.stop();
        }
    };
    asio::co_spawn(loop, one("a"), asio::detached);
    asio::co_spawn(loop, one("b"), asio::detached);
    loop.run();
    EXPECT_THAT(ended, testing::ElementsAre("b", "a"));
}

TEST_F(AskTheReader, LongMessagesAreMadeAndParsedElsewhere) {
    const FakeReader reader([](const std::string& line) -> FakeReader::Reply {
        auto answer = one_read(std::get<Request>(control::parse_request(line)));
        std::get<ReadAnswer>(answer).readings.reads.front().detail.assign(200'000, 'x');
        return {control::to_line(answer) + "\n"};
    });
    std::vector<std::jthread> threads;
    ControlClient::Options options = reader.client();
    options.beside = [&](std::function<void()> job) {
        threads.emplace_back(std::move(job));
        return true;
    };
    control::ReadRequest many = request("acme");
    many.subjects.resize(101);
    ControlClient client(loop.get_executor(), options);
    const Answered answered = ask(client, many);
    ASSERT_NE(read_of(answered), nullptr) << reason_of(answered);
    EXPECT_EQ(read_of(answered)->readings.reads.front().detail.size(), 200'000U);
    EXPECT_EQ(threads.size(), 2U);
    options.beside = [](const std::function<void()>&) { return false; };
    ControlClient busy(loop.get_executor(), options);
    EXPECT_NE(read_of(ask(busy, many)), nullptr) << "without room it is done here";
}

TEST_F(AskTheReader, ARefusalIsNoAnswer) {
    EXPECT_EQ(reason_of(ask_one_that_says({control::to_line(Answer(control::Refusal{1, "not now"})) + "\n"})),
              "not now");
}

TEST_F(AskTheReader, OneThatIsNotThere) {
    EXPECT_EQ(
        reason_of(ask({.socket = "/nowhere/s", .program = "/nowhere/reader", .starts = false}, request("a"))),
        "the account reader does not listen on /nowhere/s");
    EXPECT_EQ(reason_of(ask({.socket = "/nowhere/s", .program = "", .starts = false}, request("a"))),
              "whylink-control is not installed");
    EXPECT_EQ(reason_of(ask({.socket = "", .program = ""}, request("a"))),
              "whylink-control is not installed");
    EXPECT_EQ(reason_of(ask({.socket = "", .program = "/nowhere/reader"}, request("a"))),
              "cannot start /nowhere/reader");
}

TEST_F(AskTheReader, OneThatSaysNothing) {
    EXPECT_EQ(reason_of(ask_one_that_says({""}, 1)), "the account reader did not answer in time");
}

TEST_F(AskTheReader, OneThatSaysWhatNobodyUnderstands) {
    EXPECT_THAT(reason_of(ask_one_that_says({"HTTP/1.1 400 Bad Request\n"})),
                StartsWith("the account reader is of another version: "));
}

TEST_F(AskTheReader, OneOfAnotherVersion) {
    std::string line = control::to_line(empty_answer());
    line.insert(line.size() - 1, ", \"news\": 1");
    EXPECT_THAT(reason_of(ask_one_that_says({line + "\n"})), HasSubstr("another version"));
}

TEST_F(AskTheReader, OneThatEndsInTheMiddle) {
    const std::string line = control::to_line(empty_answer());
    EXPECT_EQ(reason_of(ask_one_that_says({line.substr(0, line.size() / 2), false})),
              "the account reader ended");
}

TEST_F(AskTheReader, OneThatDoesNotCease) {
    EXPECT_EQ(reason_of(ask_one_that_says({std::string(control::max_answer_line + 1, ' ')})),
              "the account reader ended");
}

TEST_F(AskTheReader, IsConnectedAgainAfterAFault) {
    bool was_asked = false;
    const FakeReader reader([&](const std::string& line) -> FakeReader::Reply {
        if (!std::exchange(was_asked, true)) {
            return {"", false};
        }
        return {control::to_line(one_read(std::get<Request>(control::parse_request(line)))) + "\n"};
    });
    ControlClient client(loop.get_executor(), reader.client());
    EXPECT_EQ(reason_of(ask(client, request("a"))), "the account reader ended");
    EXPECT_NE(read_of(ask(client, request("a"))), nullptr);
}

/// A program of its own; what it says stands in a file.
class AProgram : public AskTheReader {
  protected:
    ControlClient::Options program(const std::string& script) {
        file_ = std::make_unique<fabricated::TemporaryFile>("#!/bin/sh\n" + script);
        std::filesystem::permissions(file_->path(), std::filesystem::perms::owner_all);
        return {.socket = "", .program = file_->path()};
    }

  private:
    std::unique_ptr<fabricated::TemporaryFile> file_;
};

TEST_F(AProgram, IsStartedWhereThereIsNoSocket) {
    const std::string answer = control::to_line(empty_answer());
    const std::string script = "[ \"$1\" = --connection ] || exit 1\nread line <&\"$2\"\nprintf '%s\\n' '" +
                               answer + "' >&\"$2\"\nread more <&\"$2\"\n";
    const Answered answered = ask(program(script), request("a"));
    EXPECT_NE(read_of(answered), nullptr) << reason_of(answered);
}

TEST_F(AProgram, HasNothingOfThisProcessButItsConnection) {
    constexpr int open_here = 200;
    ASSERT_EQ(::dup2(STDERR_FILENO, open_here), open_here);
    const std::string answer = control::to_line(empty_answer());
    const Answered answered =
        ask(program("[ -e /proc/$$/fd/200 ] && exit 1\nread line <&\"$2\"\nprintf '%s\\n' '" + answer +
                    "' >&\"$2\"\nread more <&\"$2\"\n"),
            request("a"));
    ::close(open_here);
    EXPECT_NE(read_of(answered), nullptr) << reason_of(answered);
}

TEST_F(AProgram, IsNotStartedAgainAndAgain) {
    ControlClient client(loop.get_executor(), program("exit 0\n"));
    EXPECT_EQ(reason_of(ask(client, request("a"))), "the account reader ended");
    EXPECT_EQ(reason_of(ask(client, request("a"))), "the account reader ended a moment ago");
}

}  // namespace
}  // namespace whylink::daemon
