#include "daemon/log/log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include "checks/table/outcome.hpp"
#include "config/outside_text.hpp"
#include "daemon/log/line.hpp"
#include "pipe.hpp"
#include "record_of.hpp"

namespace whylink::daemon {
namespace {

using config::LogFormat;
using config::LogLevel;
using test::record_of;
using testing::ElementsAre;
using testing::MatchesRegex;
using testing::SizeIs;

/// What the log writes while it is used so. Read up to a record that is put last: how long the log takes
/// matters nowhere.
template <class Use>
std::vector<std::string> lines_of(test::Pipe& pipe, LogFormat format, LogLevel level, Use use) {
    Log log(format, level, pipe.write_end());
    use(log);
    log.write(record_of(LogLevel::error, "the end"));
    std::vector<std::string> lines;
    while (auto line = pipe.read_line()) {
        if (line->find("the end") != std::string::npos) {
            break;
        }
        lines.push_back(std::move(*line));
    }
    return lines;
}
template <class Use>
std::vector<std::string> lines_of(LogFormat format, LogLevel level, Use use) {
    test::Pipe pipe;
    return lines_of(pipe, format, level, use);
}

/// Sets JOURNAL_STREAM while it lives.
class JournalStream {
  public:
    explicit JournalStream(const std::string& value) { ::setenv("JOURNAL_STREAM", value.c_str(), 1); }
    ~JournalStream() { ::unsetenv("JOURNAL_STREAM"); }
    JournalStream(const JournalStream&) = delete;
    JournalStream& operator=(const JournalStream&) = delete;
};

TEST(LogText, IsTimeLevelAndMessageWithTheDetailsBeneath) {
    const auto lines = lines_of(LogFormat::text, LogLevel::info, [](Log& log) {
        Record made = record_of(LogLevel::error, "unhealthy orders: connection refused");
        made.details = {"evidence: a reset", "fix 1: Wait."};
        log.write(made);
    });
    ASSERT_THAT(lines, SizeIs(3));
    EXPECT_THAT(lines[0], MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "
                                       "error unhealthy orders: connection refused"));
    EXPECT_EQ(lines[1], "    evidence: a reset");
    EXPECT_EQ(lines[2], "    fix 1: Wait.");
}

TEST(LogText, HasALineForNothingButWhatItSays) {
    const auto lines = lines_of(LogFormat::text, LogLevel::info, [](Log& log) {
        Record made = record_of(LogLevel::warn, "one\nerror two\x1b[31m\xff");
        made.details = {"three\r\nfour", "\xe2\x80\xa8 five"};
        log.write(made);
    });
    ASSERT_THAT(lines, SizeIs(3));
    EXPECT_THAT(lines[0], testing::EndsWith("warn one\\x0aerror two\\x1b[31m\\xff"));
    EXPECT_EQ(lines[1], "    three\\x0d\\x0afour");
    EXPECT_EQ(lines[2], "    \\u{2028} five");
}

/// As a certificate's name was once logged: whatever splits the line makes an entry of its own of the rest.
std::string forged() {
    std::string text(45'000, 'a');
    for (int i = 0; i < 1000; ++i) {
        text += "\n<0>PRIORITY=0\nMESSAGE=kernel panic\n";
    }
    return text;
}

/// A record of nothing but that.
Record flooding(std::size_t items) {
    Record made = record_of(LogLevel::warn, forged());
    made.details.assign(items, forged());
    made.fields = {{"name", forged()}, {"evidence", std::vector<std::string>(items, forged())}};
    return made;
}

void expect_harmless(const std::vector<std::string>& lines, std::string_view begin, std::size_t most) {
    for (const std::string& line : lines) {
        EXPECT_LT(line.size(), most);
        EXPECT_TRUE(line.starts_with(begin)) << line.substr(0, 40);
        EXPECT_EQ(line, printable(line));
    }
}

TEST(LogText, ALineIsBoundedWhateverIsInIt) {
    const auto lines = lines_of(LogFormat::text, LogLevel::info, [](Log& log) { log.write(flooding(3)); });
    ASSERT_THAT(lines, SizeIs(4));
    expect_harmless(lines, "", max_line);
    expect_harmless({lines.begin() + 1, lines.end()}, "    ", max_line);
    for (const std::string& line : lines) {
        EXPECT_TRUE(is_cut(line)) << line.substr(line.size() - 60);
    }
}

TEST(LogText, UnderTheJournalNoLineIsSplitAndEachHasItsOwnPriority) {
    test::Pipe pipe;
    const JournalStream stream(pipe.journal_stream());
    const auto lines =
        lines_of(pipe, LogFormat::text, LogLevel::info, [](Log& log) { log.write(flooding(3)); });
    ASSERT_THAT(lines, SizeIs(4));
    expect_harmless(lines, "<4>", max_line);
}

TEST(LogText, HasSoManyDetailsAndNoMore) {
    const auto lines = lines_of(LogFormat::text, LogLevel::info, [](Log& log) {
        Record made = record_of(LogLevel::warn, "many");
        made.details.assign(5000, "detail");
        log.write(made);
    });
    ASSERT_THAT(lines, SizeIs(1 + max_detail_lines + 1));
    EXPECT_EQ(lines.back(), "    and " + std::to_string(5000 - max_detail_lines) + " more");
}

TEST(LogJson, ALineIsBoundedWhateverIsInIt) {
    for (const std::size_t items : {1U, 500U}) {
        const auto lines =
            lines_of(LogFormat::json, LogLevel::info, [items](Log& log) { log.write(flooding(items)); });
        ASSERT_THAT(lines, SizeIs(1));
        expect_harmless(lines, "{", max_json_line);
        const auto object = nlohmann::json::parse(lines[0]);
        EXPECT_TRUE(is_cut(object["message"].get<std::string>()));
        EXPECT_TRUE(is_cut(object["name"].get<std::string>()));
        EXPECT_EQ(object["level"], "warn");
        EXPECT_FALSE(object["evidence"].empty());
        EXPECT_LE(object["evidence"].size(), items);
    }
}

TEST(LogJson, AnOrdinaryRecordIsNotCut) {
    const std::vector<std::string> evidence(128, std::string(150, 'e'));
    const auto lines = lines_of(LogFormat::json, LogLevel::info, [&](Log& log) {
        Record made = record_of(LogLevel::warn, "unhealthy");
        made.fields = {{"evidence", evidence}};
        log.write(made);
    });
    ASSERT_THAT(lines, SizeIs(1));
    EXPECT_EQ(nlohmann::json::parse(lines[0])["evidence"].get<std::vector<std::string>>(), evidence);
}

TEST(LogJson, IsAnObjectALine) {
    const auto lines = lines_of(LogFormat::json, LogLevel::info, [](Log& log) {
        Record made = record_of(LogLevel::info, "all \"well\"");
        made.details = {"not in JSON"};
        made.fields = {{"healthy", true},
                       {"rounds", std::int64_t{12}},
                       {"share", 0.5},
                       {"name", std::string("orders")},
                       {"evidence", std::vector<std::string>{"a", "b"}},
                       {"remediation", std::vector<std::string>{}}};
        log.write(made);
    });
    ASSERT_THAT(lines, SizeIs(1));
    auto object = nlohmann::ordered_json::parse(lines[0]);
    EXPECT_THAT(object["time"].get<std::string>(), MatchesRegex("[0-9T:.-]{23}Z"));
    object.erase("time");
    EXPECT_EQ(object.dump(),
              R"({"level":"info","event":"change","message":"all \"well\"","healthy":true,"rounds":12,)"
              R"("share":0.5,"name":"orders","evidence":["a","b"],"remediation":[]})");
}

TEST(LogJson, LabelsAreAnObjectAndTestsAreObjects) {
    const auto lines = lines_of(LogFormat::json, LogLevel::info, [](Log& log) {
        Record made = record_of(LogLevel::info, "a");
        made.add("labels", Record::Labels{{"environment", "prod"}, {"team", "pay\nments"}});
        made.add("no_labels", Record::Labels());
        made.add("experiments",
                 std::vector{RecordRow().add("outcome", checks::Outcome::ok).add("port", 443)});
        log.write(made);
    });
    ASSERT_THAT(lines, SizeIs(1));
    auto object = nlohmann::ordered_json::parse(lines[0]);
    object.erase("time");
    EXPECT_EQ(object.dump(), R"({"level":"info","event":"change","message":"a",)"
                             R"("labels":{"environment":"prod","team":"pay\\x0aments"},"no_labels":{},)"
                             R"("experiments":[{"outcome":"ok","port":443}]})");
}

TEST(LogJson, OfObjectsThereAreSoManyAndNoMore) {
    const auto lines = lines_of(LogFormat::json, LogLevel::info, [](Log& log) {
        Record made = record_of(LogLevel::info, "a");
        Record::Labels labels;
        std::vector<RecordRow> rows;
        for (int i = 0; i < 5000; ++i) {
            labels[fmt::format("{:04}\n", i)] = "\n<0>kernel panic";
            rows.push_back(RecordRow().add("name", std::string("\n<0>kernel panic")));
        }
        made.add("labels", labels);
        made.add("experiments", rows);
        log.write(made);
    });
    ASSERT_THAT(lines, SizeIs(1));
    expect_harmless(lines, "{", max_json_line);
    const auto object = nlohmann::json::parse(lines[0]);
    EXPECT_TRUE(object["labels"].contains("left_out"));
    EXPECT_TRUE(object["experiments"].back().contains("left_out"));
}

TEST(LogJson, IsValidWhateverTheTextsAre) {
    const auto lines = lines_of(LogFormat::json, LogLevel::info, [](Log& log) {
        Record made = record_of(LogLevel::info, "\xff\n");
        made.fields = {{"name", std::string("\xc0\xaf\x1b")},
                       {"evidence", std::vector<std::string>{std::string("\0", 1), "\xed\xa0\x80"}}};
        log.write(made);
    });
    ASSERT_THAT(lines, SizeIs(1));
    const auto object = nlohmann::json::parse(lines[0]);
    EXPECT_EQ(object["message"], "\\xff\\x0a");
    EXPECT_EQ(object["name"], "\\xc0\\xaf\\x1b");
    EXPECT_EQ(object["evidence"][0], "\\x00");
    EXPECT_EQ(object["evidence"][1], "\\xed\\xa0\\x80");
}

TEST(LogLevels, BelowTheConfiguredOneAreLeftOutAlsoAfterAReload) {
    const auto lines = lines_of(LogFormat::json, LogLevel::warn, [](Log& log) {
        log.write(record_of(LogLevel::info, "1"));
        log.write(record_of(LogLevel::warn, "2"));
        log.configure(LogFormat::text, LogLevel::trace);
        log.write(record_of(LogLevel::trace, "3"));
        log.configure(LogFormat::json, LogLevel::error);
        log.write(record_of(LogLevel::warn, "4"));
        log.write(record_of(LogLevel::error, "5"));
    });
    ASSERT_THAT(lines, SizeIs(3));
    EXPECT_EQ(nlohmann::json::parse(lines[0])["message"], "2");
    EXPECT_THAT(lines[1], testing::EndsWith("Z trace 3"));
    EXPECT_EQ(nlohmann::json::parse(lines[2])["message"], "5");
}

TEST(LogJournal, GetsPrioritiesAndNoTimes) {
    test::Pipe pipe;
    const JournalStream environment(pipe.journal_stream());
    {
        Log log(LogFormat::text, LogLevel::trace, pipe.write_end());
        Record made = record_of(LogLevel::error, "a");
        made.details = {"b"};
        log.write(made);
        for (const LogLevel level : {LogLevel::warn, LogLevel::info, LogLevel::debug, LogLevel::trace}) {
            log.write(record_of(level, "c"));
        }
    }
    pipe.close_write_end();
    EXPECT_THAT(pipe.read_lines(),
                ElementsAre("<3>error a", "<3>    b", "<4>warn c", "<6>info c", "<7>debug c", "<7>trace c"));
}

TEST(LogJournal, IsNotTakenForWhatIsRedirectedElsewhere) {
    const JournalStream environment("8:12345");
    const auto lines = lines_of(LogFormat::text, LogLevel::info,
                                [](Log& log) { log.write(record_of(LogLevel::info, "a")); });
    EXPECT_THAT(lines, ElementsAre(MatchesRegex("2[0-9]{3}-.*Z info a")));
}

TEST(LogJournal, GetsJsonAsItIs) {
    test::Pipe pipe;
    const JournalStream environment(pipe.journal_stream());
    const auto lines = lines_of(pipe, LogFormat::json, LogLevel::info,
                                [](Log& log) { log.write(record_of(LogLevel::error, "a")); });
    EXPECT_THAT(lines, ElementsAre(testing::StartsWith("{\"time\":")));
}

TEST(LogEnd, WritesWhatIsLeft) {
    test::Pipe pipe;
    {
        Log log(LogFormat::text, LogLevel::info, pipe.write_end());
        for (int n = 0; n < 10; ++n) {
            log.write(record_of(LogLevel::info, "a"));
        }
    }
    pipe.close_write_end();
    EXPECT_THAT(pipe.read_lines(), SizeIs(10));
}

TEST(LogWriting, DeliversARecordThatIsLargerThanThePipe) {
    test::Pipe pipe;
    const std::string large(8'000, 'x');
    ASSERT_LT(fcntl(pipe.write_end(), F_SETPIPE_SZ, 4096), static_cast<int>(large.size()));
    Log log(LogFormat::json, LogLevel::info, pipe.write_end());
    log.write(record_of(LogLevel::info, large));
    const auto line = pipe.read_line();
    ASSERT_TRUE(line);
    EXPECT_EQ(nlohmann::json::parse(*line)["message"], large);
}

TEST(LogWriting, KeepsRecordsOfManyThreadsApart) {
    constexpr int threads = 4;
    constexpr int each = 500;
    test::Pipe pipe;
    Log log(LogFormat::json, LogLevel::info, pipe.write_end());
    std::vector<std::thread> writers;
    writers.reserve(threads);
    for (int i = 0; i < threads; ++i) {
        writers.emplace_back([&log, i] {
            for (int n = 0; n < each; ++n) {
                log.write(record_of(LogLevel::info, fmt::format("{} {}", i, n)));
            }
        });
    }
    std::vector<std::vector<int>> seen(threads);
    for (int n = 0; n < threads * each; ++n) {
        const auto line = pipe.read_line();
        ASSERT_TRUE(line);
        std::istringstream words(nlohmann::json::parse(*line)["message"].get<std::string>());
        std::size_t thread = 0;
        int number = 0;
        words >> thread >> number;
        EXPECT_EQ(number, static_cast<int>(seen.at(thread).size()));
        seen[thread].push_back(number);
    }
    for (std::thread& writer : writers) {
        writer.join();
    }
    EXPECT_EQ(log.dropped(), 0U);
}

/// The set of blocked signals, proc(5) SigBlk, of the thread of that name.
std::optional<std::uint64_t> blocked_by(const std::string& thread) {
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream status(task.path() / "status");
        bool ours = false;
        for (std::string line; std::getline(status, line);) {
            ours = ours || line == "Name:\t" + thread;
            if (ours && line.starts_with("SigBlk:")) {
                return std::stoull(line.substr(7), nullptr, 16);
            }
        }
    }
    return std::nullopt;
}

TEST(LogThread, LeavesTheSignalsToOthers) {
    test::Pipe pipe;
    sigset_t before{};
    ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
    Log log(LogFormat::text, LogLevel::info, pipe.write_end());
    // What has been written shows that the thread runs, and so has its name.
    log.write(record_of(LogLevel::info, "a"));
    ASSERT_TRUE(pipe.read_line());
    const auto blocked = blocked_by("whylink-log");
    ASSERT_TRUE(blocked);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGALRM}) {
        EXPECT_TRUE((*blocked >> (signal - 1)) & 1U) << signal;
    }
    EXPECT_FALSE((*blocked >> (SIGSEGV - 1)) & 1U);
    sigset_t after{};
    ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
    EXPECT_EQ(::sigismember(&before, SIGTERM), ::sigismember(&after, SIGTERM));
}

}  // namespace
}  // namespace whylink::daemon
