#include "daemon/evidence/evidence_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "checks/texts/causes.hpp"
#include "tests/support/tshark.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using fabricated::noon;
using testing::ElementsAre;
using testing::HasSubstr;

/// What capinfos shows as comments of the file.
std::vector<std::string> comments(const std::string& bytes) {
    const lab::Reading read = lab::read_capture(bytes, "capinfos");
    EXPECT_EQ(read.status, 0);
    EXPECT_EQ(read.complaints, "");
    std::vector<std::string> found;
    for (const std::string& line : read.lines) {
        if (line.starts_with("Capture comment:")) {
            found.push_back(line.substr(line.find_first_not_of(' ', std::string("Capture comment:").size())));
        }
    }
    return found;
}

/// A SYN from 10.0.0.1 to 10.0.0.2, `count` times.
probes::KeptFrames syns(int count) {
    static const std::vector<std::uint8_t> syn{
        0x45, 0,    0,    40,   0, 1, 0x40, 0, 64, 6, 0x26, 0xcd, 10,   0,    0,    1,    10, 0, 0, 2,  // IP
        0x9c, 0x40, 0x01, 0xbb, 0, 0, 0,    1, 0,  0, 0,    0,    0x50, 0x02, 0xff, 0xff, 0,  0, 0, 0};
    probes::KeptFrames frames;
    frames.link = probes::LinkType::raw_ip;
    for (int i = 0; i < count; ++i) {
        frames.add({noon().time_since_epoch(), 40, syn}, syn.size());
    }
    return frames;
}

checks::Verdict unanswered() {
    checks::Verdict verdict = fabricated::verdict(false, Cause::syn_unanswered, checks::Severity::critical);
    verdict.decision.confidence = checks::Confidence::medium;
    return verdict;
}

EvidenceSubject subject(std::string name, const checks::Verdict& verdict,
                        std::vector<std::string> evidence = {"3 SYNs sent, none answered",
                                                             "2 addresses tried"}) {
    fabricated::EndpointEntry made{.endpoint = {}, .verdict = verdict};
    made.endpoint.name = std::move(name);
    made.explanation.summary = "Nothing answers.";
    made.explanation.evidence = std::move(evidence);
    return {fabricated::entry(std::move(made)), "db.example:5432", "vm-7", noon()};
}

TEST(EvidenceName, SaysWhenWhatAndWhy) {
    using std::chrono::milliseconds;
    const auto when = std::chrono::system_clock::time_point(milliseconds(1'795'230'847'123));
    EXPECT_EQ(evidence_name(when, "clickhouse-prod", Cause::not_on_allowlist),
              "20261121T031407.123Z_clickhouse-prod_not_on_allowlist.pcapng");
    EXPECT_LT(evidence_name(when, "z", Cause::no_route),
              evidence_name(when + milliseconds(1), "a", Cause::no_route));
}

TEST(EvidenceName, IsOneThatEveryFileSystemTakes) {
    const auto part = [](std::string_view target) {
        const std::string name = evidence_name(noon(), target, Cause::no_route);
        constexpr std::size_t before = 21;
        return name.substr(before, name.size() - before - std::string_view("_no_route.pcapng").size());
    };
    EXPECT_EQ(part("../../etc/passwd"), "..-..-etc-passwd");
    EXPECT_EQ(part("a b:c*d\\e\"f"), "a-b-c-d-e-f");
    EXPECT_EQ(part("größe"), "gr--e");
    EXPECT_EQ(part("データ"), "---");
    EXPECT_EQ(part("\xff\x80"), "-") << "a byte that is no character of its own";
    EXPECT_EQ(part(""), "-");
    for (const Term<Cause>& cause : terms_of<Cause>) {
        const std::string longest = evidence_name(noon(), std::string(1000, 'x'), cause.value);
        EXPECT_EQ(longest.size(), 200U);
        EXPECT_TRUE(longest.ends_with("x_" + std::string(cause.slug) + ".pcapng")) << longest;
    }
}

TEST(EvidenceName, IsKnownAgain) {
    for (const Term<Cause>& cause : terms_of<Cause>) {
        for (const std::string_view target : {"db", "a_b-2_c", "_", "-", "x-1", "..", "größe", ""}) {
            const std::string name = evidence_name(noon(), target, cause.value);
            EXPECT_TRUE(is_evidence_name(name)) << name;
            EXPECT_TRUE(is_evidence_name(numbered(name, 2))) << numbered(name, 2);
        }
    }
    EXPECT_EQ(numbered("20261121T031407.123Z_db_no_route.pcapng", 12),
              "20261121T031407.123Z_db_no_route-12.pcapng");
}

TEST(EvidenceName, SaysItsTarget) {
    for (const Term<Cause>& cause : terms_of<Cause>) {
        for (const std::string_view target : {"db", "a_b-2_c", "_", "-", "x-1", "..", "orders_api"}) {
            const std::string name = evidence_name(noon(), target, cause.value);
            EXPECT_EQ(evidence_target(name), target) << name;
            EXPECT_EQ(evidence_target(numbered(name, 12)), target) << name;
        }
    }
    EXPECT_EQ(evidence_target("20261121T031407.123Z_db_of_another_version.pcapng"), "db_of_another");
}

TEST(EvidenceName, SaysTheSameOfALongTargetWhateverTheCause) {
    const std::string target(300, 'x');
    const std::string said = evidence_target(evidence_name(noon(), target, Cause::no_route));
    EXPECT_GT(said.size(), 100U);
    for (const Term<Cause>& cause : terms_of<Cause>) {
        EXPECT_EQ(evidence_target(evidence_name(noon(), target, cause.value)), said) << cause.slug;
    }
}

TEST(EvidenceName, IsNotTakenForAnythingElse) {
    for (const std::string_view name : {"",
                                        ".",
                                        "..",
                                        "notes.txt",
                                        "20261121T031407.123Z_db_no_route.pcap",
                                        "db_no_route.pcapng",
                                        "20261121T031407.123Z_.pcapng",
                                        "20261121T031407.123Z_db.pcapng",
                                        "20261121T031407.123Z__route.pcapng",
                                        "20261121T031407.123Z_db_.pcapng",
                                        "20261121T031407.123Z_db_No.pcapng",
                                        "20261121T031407.123Z_db_no_route-.pcapng",
                                        "20261121T031407.123Z_db_no_route-x.pcapng",
                                        "20261121T031407.123Z_db_no_route-2-3.pcapng",
                                        "20261121T031407.123Z-db_no_route.pcapng",
                                        "20261121 031407.123Z_db_no_route.pcapng",
                                        "2026112xT031407.123Z_db_no_route.pcapng",
                                        "20261121T031407.123Z_a/b_no_route.pcapng",
                                        "20261121T031407.123Z_a b_no_route.pcapng",
                                        "my-20261121T031407.123Z_db_no_route.pcapng",
                                        "20261121T031407.123Z_db_no_route.pcapng~",
                                        ".20261121T031407.123Z_db_no_route.pcapng"}) {
        EXPECT_FALSE(is_evidence_name(name)) << name;
    }
}

TEST(EvidenceBytes, SayWhatWasCheckedAndWhatCameOfIt) {
    const checks::Verdict verdict = unanswered();
    const std::string bytes =
        evidence_bytes({subject("db", verdict)}, {"any", "tcp port 5432", 256, 0}, syns(3));
    const std::string& title = checks::text(Cause::syn_unanswered).title;
    EXPECT_THAT(comments(bytes),
                ElementsAre("endpoint db: db.example:5432, checked from vm-7 at 2026-01-01T12:00:00.000Z",
                            "unhealthy: " + title + " (syn_unanswered), critical, medium confidence",
                            "Nothing answers.", "- 3 SYNs sent, none answered", "- 2 addresses tried"));
    const lab::Reading packets = lab::read_capture(bytes, "tshark", "-T fields -e ip.dst");
    EXPECT_EQ(packets.complaints, "");
    EXPECT_THAT(packets.lines, ElementsAre("10.0.0.2", "10.0.0.2", "10.0.0.2"));
}

TEST(EvidenceBytes, TellOfSeveralSubjectsEachInTurn) {
    const checks::Verdict failed = unanswered();
    const checks::Verdict passed = fabricated::verdict(true, Cause::healthy, checks::Severity::ok);
    checks::Verdict local = fabricated::verdict(false, Cause::local_limit, checks::Severity::critical);
    const std::vector<std::string> said =
        comments(evidence_bytes({subject("a", passed), subject("b", failed), subject("c", local)}, {}, {}));
    std::vector<std::string> order;
    for (const std::string& line : said) {
        if (line.starts_with("endpoint ") || line.find("confidence") != std::string::npos) {
            order.push_back(line.substr(0, line.find(':')));
        }
    }
    EXPECT_THAT(order,
                ElementsAre("endpoint a", "healthy", "endpoint b", "unhealthy", "endpoint c", "not checked"));
}

TEST(EvidenceBytes, SayWhatIsMissingFromThePackets) {
    const checks::Verdict verdict = unanswered();
    probes::KeptFrames frames = syns(1);
    frames.left_out = 12;
    const std::vector<std::string> said =
        comments(evidence_bytes({subject("db", verdict)}, {"any", "", 0, 7}, frames));
    ASSERT_EQ(said.size(), 7U);
    EXPECT_THAT(said[5], HasSubstr("dropped 7 packets"));
    EXPECT_THAT(said[6], HasSubstr("12 further packets"));
}

TEST(EvidenceBytes, PassNothingOnThatATerminalWouldObey) {
    const checks::Verdict verdict = unanswered();
    const std::string bytes =
        evidence_bytes({subject("d\nb", verdict, {"the server says \x1b[2J\n\xff first"})}, {}, {});
    const std::vector<std::string> said = comments(bytes);
    ASSERT_EQ(said.size(), 4U);
    EXPECT_THAT(said[0], HasSubstr("endpoint d\\x0ab:"));
    EXPECT_EQ(said[3], "- the server says \\x1b[2J\\x0a\\xff first");
}

}  // namespace
}  // namespace whylink::daemon
