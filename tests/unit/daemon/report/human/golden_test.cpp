// Reports of recorded cases as people see them, in ../golden: read them by eye when they change. With WHYLINK_UPDATE_DOCS
// in the environment they are written again.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/report/human/render.hpp"
#include "daemon/report/human/text.hpp"
#include "tests/unit/checks/case.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using checks::test::Case;

const std::filesystem::path cases = WHYLINK_CASES;
const std::filesystem::path golden = WHYLINK_SOURCE_DIR "/tests/unit/daemon/report/golden";

/// Of a recorded case, by the names of its targets.
std::vector<ReportEntry> entries_of(const std::string& name) {
    const Case recorded = checks::test::read_case(cases / name);
    if (!recorded.problems.empty()) {
        throw std::runtime_error(name + ": " + recorded.problems.front());
    }
    std::vector<ReportEntry> entries;
    auto verdicts = judge_case(recorded);
    for (const auto& [target, one] : recorded.targets) {
        entries.push_back(
            {one.target, std::make_shared<const checks::Verdict>(std::move(verdicts.at(target)))});
    }
    return entries;
}

Report report_of(std::vector<ReportEntry> entries) {
    Report report;
    report.vantage_point = "vm-7";
    report.started_at = fabricated::noon();
    report.duration = 120ms;
    report.entries = std::move(entries);
    return report;
}

Report recorded(const std::string& name) {
    return report_of(entries_of(name));
}

ReportEntry renamed(ReportEntry entry, const std::string& name) {
    entry.target = std::visit(
        [&name](auto what) {
            what.name = name;
            return config::make_target(std::move(what));
        },
        entry.target->what());
    return entry;
}

/// `count` targets that fare as the recorded one.
void add(std::vector<ReportEntry>& entries, const std::string& name, std::size_t count,
         const std::string& prefix) {
    const ReportEntry entry = entries_of(name).front();
    for (std::size_t i = 1; i <= count; ++i) {
        entries.push_back(renamed(entry, prefix + std::to_string(i)));
    }
}

Report standing() {
    Report report = recorded("experiment-other-name-answered");
    report.entries.front().standing =
        Standing{fabricated::noon(), 500ms, fabricated::noon() - 14min, fabricated::noon() - 15min};
    return report;
}

Report ten() {
    std::vector<ReportEntry> entries;
    for (const char* name :
         {"healthy-tls", "experiment-other-name-answered", "dns-nxdomain", "syn-unanswered-two-addresses",
          "refused", "certificate-expired", "certificate-expiring", "zone-wildcard-missing",
          "watch-inbound-not-listening"}) {
        entries.push_back(renamed(entries_of(name).front(), name));
    }
    add(entries, "healthy-two-addresses", 1, "a-name-that-is-much-wider-than-its-column-and-has-漢字-");
    return report_of(std::move(entries));
}

Report two_hundred() {
    std::vector<ReportEntry> entries;
    add(entries, "healthy-tls", 50, "works-");
    add(entries, "syn-unanswered", 150, "link-");
    return report_of(std::move(entries));
}

Report two_hundred_of_all_kinds() {
    std::vector<ReportEntry> entries;
    add(entries, "healthy-tls", 45, "works-");
    add(entries, "certificate-expiring", 4, "soon-");
    add(entries, "refused", 1, "refused-");
    add(entries, "syn-unanswered", 150, "link-");
    return report_of(std::move(entries));
}

/// An endpoint that fares at another address as the recorded one.
ReportEntry moved(ReportEntry entry, const IpAddress& address) {
    config::Endpoint endpoint = *entry.target->endpoint();
    endpoint.expect = {Cidr(address, 32)};
    auto verdict = std::make_shared<checks::Verdict>(*entry.verdict);
    for (checks::JudgedProbe& probe : verdict->probes) {
        if (auto* dns = get_if<probes::DnsFacts>(&probe.observation.facts)) {
            for (probes::DnsQuery& query : dns->queries) {
                query.answers.assign(query.answers.size(), {address, 300});
            }
        } else {
            probe.observation.address = address;
        }
    }
    entry.target = config::make_target(std::move(endpoint));
    entry.verdict = std::move(verdict);
    return entry;
}

Report in_a_subnet() {
    std::vector<ReportEntry> entries;
    add(entries, "syn-unanswered", 6, "link-");
    for (std::size_t i = 0; i < entries.size(); ++i) {
        entries[i] = moved(entries[i], IpAddress::v4({10, 0, 3, static_cast<std::uint8_t>(4 + i)}));
    }
    return report_of(std::move(entries));
}

Report not_captured() {
    Report report = recorded("syn-unanswered");
    report.host.not_captured = probes::LocalError{"socket", 1, "Operation not permitted"};
    return report;
}

std::vector<std::pair<std::string, Report>> all_reports() {
    std::vector<std::pair<std::string, Report>> reports;
    for (const char* name :
         {"experiment-other-name-answered", "allowlist-known", "dns-nxdomain", "syn-unanswered",
          "syn-unanswered-two-addresses", "one-of-two-silent", "refused", "certificate-expired",
          "certificate-expiring", "app-forbidden", "tls-alert-handshake-failure",
          "packets-reset-of-another-ttl", "local-file-descriptors", "healthy-tls", "healthy-two-addresses",
          "zone-healthy", "zone-wildcard-missing", "watch-inbound-healthy", "watch-inbound-not-listening"}) {
        reports.emplace_back(name, recorded(name));
    }
    reports.emplace_back("standing", standing());
    reports.emplace_back("not-captured", not_captured());
    reports.emplace_back("targets-10", ten());
    reports.emplace_back("targets-in-a-subnet", in_a_subnet());
    reports.emplace_back("targets-200", two_hundred());
    reports.emplace_back("targets-200-of-all-kinds", two_hundred_of_all_kinds());
    return reports;
}

const std::vector<std::pair<std::string, HumanStyle>> styles{
    {"80", {80, false, true}},    {"120", {120, false, true}},   {"200", {200, false, true}},
    {"colour", {80, true, true}}, {"ascii", {80, false, false}}, {"verbose", {80, false, true, true}},
};

std::string rendered(const Report& report, const HumanStyle& style) {
    return render_human(report, style, fabricated::noon() + 12s);
}

std::string file_text(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

std::vector<std::string> lines_of(std::string text) {
    for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
        text.erase(at, text.find('m', at) - at + 1);
    }
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// It may be as long as it is, so that it can be copied.
bool is_command(const std::string& line) {
    return line.starts_with("        ") || line.find(". Run again: ") != std::string::npos;
}

TEST(GoldenReports, AreAsTheyWereReviewed) {
    const bool update = std::getenv("WHYLINK_UPDATE_DOCS") != nullptr;
    for (const auto& [name, report] : all_reports()) {
        for (const auto& [word, style] : styles) {
            const std::filesystem::path path = golden / (name + "." + word + ".txt");
            const std::string text = rendered(report, style);
            if (update) {
                std::filesystem::create_directories(golden);
                std::ofstream(path, std::ios::binary) << text;
            }
            EXPECT_EQ(file_text(path), text) << path << ": write it again with WHYLINK_UPDATE_DOCS=1";
        }
    }
}

TEST(GoldenReports, KeepWithinTheTerminal) {
    for (const auto& [name, report] : all_reports()) {
        for (const auto& [word, style] : styles) {
            for (const std::string& line : lines_of(rendered(report, style))) {
                EXPECT_TRUE(is_command(line) || display_width(line) <= style.width)
                    << name << "." << word << ": " << line;
            }
        }
    }
}

TEST(GoldenReports, OfOneTargetAreAScreen) {
    for (const auto& [name, report] : all_reports()) {
        const std::size_t lines = lines_of(rendered(report, {80, false, true})).size();
        if (report.entries.size() == 1) {
            EXPECT_LE(lines, 25U) << name;
        }
    }
}

TEST(GoldenReports, OfTwoHundredTargetsThatFailAlikeAreAScreen) {
    const std::vector<std::string> lines = lines_of(rendered(two_hundred(), {80, false, true}));
    EXPECT_LE(lines.size(), 30U);
}

TEST(GoldenReports, SayNothingTwice) {
    constexpr std::size_t shortest = 16;
    for (const auto& [name, report] : all_reports()) {
        if (report.entries.size() != 1) {
            continue;
        }
        std::set<std::string> said;
        for (const std::string& line : lines_of(rendered(report, {80, false, true}))) {
            const std::size_t begin = std::min(line.find_first_not_of(" 0123456789."), line.size());
            const std::string text = line.substr(begin);
            EXPECT_TRUE(text.size() < shortest || said.insert(text).second) << name << ": " << text;
        }
    }
}

TEST(GoldenReports, AreAsciiWhereTheTerminalIs) {
    for (const auto& [name, report] : all_reports()) {
        for (const char c : rendered(report, {80, false, false})) {
            ASSERT_LT(static_cast<unsigned char>(c), 0x80U) << name;
        }
    }
}

TEST(GoldenReports, ColoursMoveNothing) {
    for (const auto& [name, report] : all_reports()) {
        EXPECT_EQ(lines_of(rendered(report, {80, true, true})), lines_of(rendered(report, {80, false, true})))
            << name;
    }
}

}  // namespace
}  // namespace whylink::daemon
