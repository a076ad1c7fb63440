// The packets of a failing round, as files: written, named everywhere, bounded, and read by others' tools.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "daemon.hpp"
#include "lab.hpp"
#include "support/hanging_directory.hpp"
#include "support/process.hpp"

namespace whylink::daemon_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Scene {
    const lab::Topology net;
    Server steady{net, "10.0.0.1", 5432, lab::silent()};
    Server breaks{net, "10.0.0.2", 5432, lab::silent()};
};

std::string config(const std::string& capture = {}) {
    return head({}, {}, http_port, capture) + plain("steady", "10.0.0.1", 5432) +
           plain("breaks", "10.0.0.2", 5432);
}

LogRecord await_cause(const Daemon& daemon, const std::string& cause) {
    return daemon.await_record(cause, [&](const LogRecord& record) {
        return record.event == "change" && record.text("name") == "breaks" && record.text("cause") == cause;
    });
}

fs::path await_file(const LogRecord& record) {
    fs::path file = record.text("evidence_file");
    EXPECT_NE(file, "") << record.message;
    EXPECT_TRUE(poll_until([&] { return fs::exists(file); })) << file;
    return file;
}

std::vector<fs::path> files_in(const fs::path& directory) {
    std::vector<fs::path> files;
    if (fs::exists(directory)) {
        for (const auto& entry : fs::directory_iterator(directory)) {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

std::string said_by(const std::vector<std::string>& argv) {
    lab::Command command;
    command.argv = argv;
    const lab::Completed done = lab::run(command);
    EXPECT_EQ(done.status, 0) << argv[0] << ": " << done.err;
    EXPECT_THAT(done.err, testing::Not(HasSubstr("cut short"))) << argv[0];
    return done.out;
}

/// What HTTP shows is put together a few times a second, and may come after the log line.
void await_in_report(const Daemon& daemon, const fs::path& file) {
    EXPECT_TRUE(poll_until([&] {
        return daemon.get("/api/v1/report")->body.find(file.string()) != std::string::npos;
    })) << file;
}

TEST(Evidence, IsKeptWhenAnEndpointTurnsUnhealthy) {
    Scene scene;
    const Daemon daemon(scene.net, config());
    daemon.await_ready();
    const fs::path directory = daemon.config_file().parent_path() / "evidence";
    EXPECT_THAT(files_in(directory), testing::IsEmpty()) << "nothing is wrong yet";
    scene.breaks.stop();
    const fs::path file = await_file(await_cause(daemon, "connection_refused"));
    EXPECT_EQ(file.parent_path(), directory);
    EXPECT_THAT(file.filename().string(), testing::EndsWith("_breaks_connection_refused.pcapng"));
    EXPECT_EQ(fs::status(file).permissions(),
              fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
    await_in_report(daemon, file);
    EXPECT_THAT(daemon.status({"breaks"}).out, HasSubstr(file.string()));
    EXPECT_THAT(files_in(directory), testing::ElementsAre(file)) << "once, and nothing half written";
    const Metrics metrics = daemon.await("the count", [](const Metrics& now) {
        return now.value("whylink_evidence_writes_total", {{"result", "kept"}}) == 1;
    });
    EXPECT_EQ(metrics.value("whylink_evidence_up"), 1);
    EXPECT_EQ(metrics.value("whylink_evidence_files"), 1);
}

TEST(Evidence, IsReadByOthers) {
    Scene scene;
    const Daemon daemon(scene.net, config());
    daemon.await_ready();
    scene.breaks.stop();
    const fs::path file = await_file(await_cause(daemon, "connection_refused"));

    const std::string comments = said_by({"capinfos", "-k", file});
    EXPECT_THAT(comments, HasSubstr("breaks"));
    EXPECT_THAT(comments, HasSubstr("10.0.0.2:5432"));
    EXPECT_THAT(comments, HasSubstr("connection_refused"));

    std::istringstream packets(said_by(
        {"tshark", "-r", file, "-T", "fields", "-e", "ip.src", "-e", "ip.dst", "-e", "tcp.flags.str"}));
    std::vector<std::string> ways;
    for (std::string source, destination, flags; packets >> source >> destination >> flags;) {
        ways.push_back(source + " " + destination);
    }
    EXPECT_THAT(ways, testing::Contains("10.77.0.2 10.0.0.2")) << "the SYN";
    EXPECT_THAT(ways, testing::Contains("10.0.0.2 10.77.0.2")) << "and the RST";
    EXPECT_THAT(ways, testing::Each(HasSubstr("10.0.0.2"))) << "and nobody else's packets";
}

TEST(Evidence, IsKeptAnewWhenTheCauseChanges) {
    Scene scene;
    const Daemon daemon(scene.net, config());
    daemon.await_ready();
    scene.breaks.stop();
    const fs::path refused = await_file(await_cause(daemon, "connection_refused"));
    scene.net.router.nft(
        "table inet lab { chain forward { type filter hook forward priority 0; ip daddr 10.0.0.2 drop; }; "
        "}\n");
    const fs::path dropped = await_file(await_cause(daemon, "syn_unanswered"));
    EXPECT_LT(refused, dropped) << "they sort by time";
    EXPECT_TRUE(fs::exists(refused));
}

TEST(Evidence, StaysWithinItsLimit) {
    Scene scene;
    std::string many = head({}, {}, http_port, "evidence_limit = \"4KiB\"\n");
    constexpr std::size_t failing = 8;
    for (std::size_t i = 0; i < failing; ++i) {
        many += plain("refused-" + std::to_string(i), "10.0.0.1", static_cast<std::uint16_t>(81 + i));
    }
    const Daemon daemon(scene.net, many);
    daemon.await_ready();
    std::vector<fs::path> named;
    ASSERT_TRUE(poll_until([&] {
        named.clear();
        for (const LogRecord& record : daemon.log("change")) {
            if (!record.text("evidence_file").empty()) {
                named.emplace_back(record.text("evidence_file"));
            }
        }
        return named.size() == failing;
    }));
    // The report names what is there, and nothing that had to make room.
    EXPECT_TRUE(poll_until([&] {
        const std::string report = daemon.get("/api/v1/report")->body;
        return std::ranges::all_of(named, [&](const fs::path& file) {
            return fs::exists(file) == (report.find(file.string()) != std::string::npos);
        });
    }));
    const std::vector<fs::path> files = files_in(named.front().parent_path());
    EXPECT_GE(files.size(), 1U);
    EXPECT_LT(files.size(), failing);
    std::uintmax_t size = 0;
    for (const fs::path& file : files) {
        size += fs::file_size(file);
    }
    EXPECT_LE(size, 4096U);
}

TEST(Evidence, OnADiskThatHangsDelaysNoScrapeAndNoReload) {
    Scene scene;
    const Daemon daemon(scene.net, config());
    daemon.await_ready();
    const fs::path directory = daemon.config_file().parent_path() / "evidence";
    ASSERT_TRUE(poll_until([&] { return fs::exists(directory); }));
    auto hangs = std::make_unique<lab::HangingDirectory>(directory);
    scene.breaks.stop();
    const fs::path file = await_cause(daemon, "connection_refused").text("evidence_file");
    EXPECT_NE(file, "");
    // Each of these is made beside the event loop, too.
    EXPECT_EQ(daemon.metrics().value("whylink_evidence_writes_total", {{"result", "kept"}}), 0);
    await_in_report(daemon, file);
    EXPECT_EQ(daemon.reload()->status, 200);
    EXPECT_FALSE(fs::exists(file)) << "or this test cannot fail";
    hangs.reset();
    EXPECT_TRUE(poll_until([&] { return fs::exists(file); }));
}

TEST(Evidence, CannotBeWrittenAndNothingElseSuffers) {
    Scene scene;
    // A file where a folder is wanted: root may write anywhere else.
    const Daemon daemon(scene.net, config("evidence_dir = \"whylink.toml/evidence\"\n"));
    daemon.await_ready();
    scene.breaks.stop();
    await_cause(daemon, "connection_refused");
    scene.breaks.start(lab::silent());
    daemon.await("its recovery", [](const Metrics& metrics) { return metrics.sum("whylink_healthy") == 2; });
    EXPECT_THAT(daemon.get("/api/v1/report")->body, testing::Not(HasSubstr("\"evidence_file\"")));
    EXPECT_EQ(daemon.metrics().value("whylink_evidence_up"), 0);
    EXPECT_EQ(daemon.metrics().value("whylink_evidence_writes_total", {{"result", "kept"}}), 0);
    std::vector<std::string> warnings;
    for (const LogRecord& record : daemon.log("capture")) {
        if (record.level != "info") {
            warnings.push_back(record.message);
        }
    }
    EXPECT_THAT(warnings, testing::ElementsAre(HasSubstr("whylink.toml/evidence"))) << "one clear line";
}

}  // namespace
}  // namespace whylink::daemon_test
