#include "daemon/log/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "daemon/log/log.hpp"
#include "pipe.hpp"

namespace whylink::daemon {
namespace {

using config::LogFormat;
using config::LogLevel;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Record change() {
    Record made;
    made.level = LogLevel::error;
    made.event = "change";
    made.message = "unhealthy orders: connection refused";
    made.details = {"evidence: RST"};
    made.add("name", std::string("orders"));
    made.add("healthy", false);
    made.add("cause", std::string("connection_refused"));
    made.add("evidence", std::vector<std::string>{"RST"});
    return made;
}

/// Where journald listens; what comes stays until it is read.
class Journald {
  public:
    Journald() : path_(folder() + "/socket"), fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path_.data(), path_.size());
        if (fd_ < 0 || ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("bind");
        }
    }
    ~Journald() {
        end();
        ::unlink(path_.c_str());
        ::rmdir(path_.substr(0, path_.rfind('/')).c_str());
    }
    Journald(const Journald&) = delete;
    Journald& operator=(const Journald&) = delete;

    const std::string& path() const { return path_; }
    void end() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
        fd_ = -1;
    }
    /// The next entry; empty when none comes for a minute.
    std::string read() const {
        pollfd input{fd_, POLLIN, 0};
        std::array<char, 65536> buffer{};
        const auto size =
            ::poll(&input, 1, 60'000) == 1 ? ::recv(fd_, buffer.data(), buffer.size(), 0) : ssize_t{0};
        return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }

  private:
    static std::string folder() {
        std::string name = "/tmp/whylink-journal-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("mkdtemp");
        }
        return name;
    }

    std::string path_;
    int fd_;
};

/// Sets JOURNAL_STREAM to the pipe while it lives.
class JournalStream {
  public:
    explicit JournalStream(const test::Pipe& pipe) {
        ::setenv("JOURNAL_STREAM", pipe.journal_stream().c_str(), 1);
    }
    ~JournalStream() { ::unsetenv("JOURNAL_STREAM"); }
    JournalStream(const JournalStream&) = delete;
    JournalStream& operator=(const JournalStream&) = delete;
};

TEST(JournalFields, AreWhatAReaderSelectsBy) {
    EXPECT_EQ(journal_fields(change()),
              "WHYLINK_EVENT=change\nWHYLINK_TARGET=orders\nWHYLINK_HEALTHY=false\n"
              "WHYLINK_CAUSE=connection_refused\n");
}

TEST(JournalFields, TextFromOutsideMakesNoFurtherField) {
    Record made;
    made.event = "change";
    made.add("name", std::string("a\nWHYLINK_CAUSE=healthy"));
    EXPECT_THAT(journal_fields(made), Not(HasSubstr("\nWHYLINK_CAUSE=")));
}

TEST(JournalEntry, HasThePriorityOfItsLine) {
    EXPECT_EQ(journal_entry("<4>warn a", "WHYLINK_EVENT=change\n"),
              "MESSAGE=warn a\nPRIORITY=4\nSYSLOG_IDENTIFIER=whylink\nWHYLINK_EVENT=change\n");
}

TEST(LogToJournald, SendsAnEntryForEachLineWithTheFieldsOfItsRecord) {
    const Journald journald;
    test::Pipe pipe;
    const JournalStream stream(pipe);
    {
        Log log(LogFormat::text, LogLevel::info, pipe.write_end(), journald.path());
        log.write(change());
    }
    for (const auto* message :
         {"MESSAGE=error unhealthy orders: connection refused\n", "MESSAGE=    evidence: RST\n"}) {
        EXPECT_THAT(journald.read(), AllOf(StartsWith(message), HasSubstr("\nPRIORITY=3\n"),
                                           HasSubstr("\nWHYLINK_CAUSE=connection_refused\n")));
    }
    pipe.close_write_end();
    EXPECT_THAT(pipe.read_lines(), testing::IsEmpty());
}

TEST(LogToJournald, SendsJsonWithItsPriority) {
    const Journald journald;
    test::Pipe pipe;
    const JournalStream stream(pipe);
    Log log(LogFormat::json, LogLevel::info, pipe.write_end(), journald.path());
    log.write(change());
    EXPECT_THAT(journald.read(), AllOf(StartsWith("MESSAGE={\"time\":"), HasSubstr("\nPRIORITY=3\n")));
}

TEST(LogToJournald, TakesTheStreamWhereNobodyListens) {
    test::Pipe pipe;
    const JournalStream stream(pipe);
    Log log(LogFormat::text, LogLevel::info, pipe.write_end(), "/nonexistent/socket");
    log.write(change());
    EXPECT_EQ(pipe.read_line(), "<3>error unhealthy orders: connection refused");
}

TEST(LogToJournald, TakesTheStreamOnceNobodyListensAnyMore) {
    Journald journald;
    test::Pipe pipe;
    const JournalStream stream(pipe);
    Log log(LogFormat::text, LogLevel::info, pipe.write_end(), journald.path());
    journald.end();
    log.write(change());
    EXPECT_EQ(pipe.read_line(), "<3>error unhealthy orders: connection refused");
    EXPECT_EQ(pipe.read_line(), "<3>    evidence: RST");
}

TEST(LogToJournald, LosesNothingWhileTheSocketIsFull) {
    const Journald journald;
    test::Pipe pipe;
    const JournalStream stream(pipe);
    constexpr int records = 200;  // more than a socket queues (net.unix.max_dgram_qlen)
    Log log(LogFormat::text, LogLevel::info, pipe.write_end(), journald.path());
    for (int n = 0; n < records; ++n) {
        log.write(change());
    }
    for (int n = 0; n < records; ++n) {
        EXPECT_THAT(journald.read(), StartsWith("MESSAGE=error unhealthy"));
        EXPECT_THAT(journald.read(), StartsWith("MESSAGE=    evidence"));
    }
    EXPECT_EQ(log.dropped(), 0U);
}

TEST(LogToJournald, IsNotUsedForWhatTheJournalDoesNotRead) {
    const Journald journald;
    test::Pipe pipe;
    Log log(LogFormat::text, LogLevel::info, pipe.write_end(), journald.path());
    log.write(change());
    const auto line = pipe.read_line();
    ASSERT_TRUE(line);
    EXPECT_THAT(*line, HasSubstr("Z error unhealthy orders"));
}

}  // namespace
}  // namespace whylink::daemon
