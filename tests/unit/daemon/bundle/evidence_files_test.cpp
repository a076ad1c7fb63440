// Which packets a bundle takes along.
#include "daemon/bundle/evidence_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/temporary_directory.hpp"

namespace whylink::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* first = "20260101T120000.000Z_orders_syn_unanswered.pcapng";
constexpr const char* second = "20260101T130000.000Z_orders_syn_unanswered.pcapng";
constexpr const char* later = "20260101T133000.000Z_orders_connection_refused.pcapng";
constexpr const char* third = "20260101T140000.000Z_other_syn_unanswered.pcapng";

bool all(const std::string& /*target*/) {
    return true;
}

const std::string report = std::string(R"({"endpoints": [{"name": "orders", "evidence_file": "/e/)") +
                           second + R"("}, {"name": "x", "evidence_file": "/etc/shadow"}], "watches": []})";
const std::string history =
    std::string(R"({"targets": [{"name": "orders", "outages": [{"since": "1", "evidence_file": "/e/)") +
    first + R"("}, {"since": "2", "evidence_file": "/e/)" + second +
    R"(", "evidence_files": [{"file": "/e/)" + second + R"("}, {"file": "/e/)" + later +
    R"("}, {"file": "/etc/shadow"}]}]}, {"name": "other", "outages": [{"since": "3", "evidence_file": "/e/)" +
    third + R"("}]}]})";

TEST(EvidenceNames, AreThoseOfTheReportAndThenOfTheNewestOutages) {
    EXPECT_THAT(evidence_names(report, history, all), ElementsAre(second, third, later, first));
}

TEST(EvidenceNames, AreOfWantedTargetsOnly) {
    const auto orders = [](const std::string& name) { return name == "orders"; };
    EXPECT_THAT(evidence_names(report, history, orders), ElementsAre(second, later, first));
}

TEST(EvidenceNames, WithoutDocumentsThereAreNone) {
    EXPECT_THAT(evidence_names("", "", all), IsEmpty());
}

TEST(CollectEvidence, TakesFilesAndSaysWhatIsMissing) {
    const lab::TemporaryDirectory directory;
    lab::make_file(directory / first, "packets");
    lab::make_file(directory / "secret", "secret");
    std::filesystem::create_symlink(directory / "secret", directory / second);
    ASSERT_EQ(mkfifo((directory / "20260101T150000.000Z_orders_healthy.pcapng").c_str(), 0600), 0);
    const CollectedEvidence collected = collect_evidence(
        {first, second, third, "20260101T150000.000Z_orders_healthy.pcapng"}, evidence_in(directory.path()));
    ASSERT_EQ(collected.files.size(), 1U);
    EXPECT_EQ(collected.files.front().name, std::string("evidence/") + first);
    EXPECT_EQ(collected.files.front().bytes, "packets");
    EXPECT_THAT(collected.missing,
                ElementsAre(HasSubstr(second), HasSubstr("No such file"), HasSubstr("no regular file")));
}

TEST(CollectEvidence, StaysWithinItsBounds) {
    const auto half = [](const std::string&) {
        return ReadEvidence{std::string(max_evidence_bytes / 2, 'x'), {}};
    };
    const CollectedEvidence large = collect_evidence({"a", "b", "c"}, half);
    EXPECT_EQ(large.files.size(), 2U);
    EXPECT_THAT(large.missing, ElementsAre(HasSubstr("evidence of 1 older failures")));
    const std::vector<std::string> names(max_evidence_files + 5, "a");
    const CollectedEvidence many = collect_evidence(names, [](const std::string&) {
        return ReadEvidence{"x", {}};
    });
    EXPECT_EQ(many.files.size(), max_evidence_files);
    EXPECT_THAT(many.missing, ElementsAre(HasSubstr("evidence of 5 older failures")));
}

}  // namespace
}  // namespace whylink::daemon
