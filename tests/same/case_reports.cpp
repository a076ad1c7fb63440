// Writes what whylink reports of every recorded case, in every format: whylink-case-reports DIRECTORY.
#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "daemon/report/formats.hpp"
#include "unit/checks/case.hpp"

namespace {

using whylink::checks::Verdict;
using whylink::checks::test::Case;
using whylink::daemon::HumanStyle;
using whylink::daemon::Report;

void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text << std::flush;
    if (!file) {
        throw std::runtime_error("cannot write " + path.string());
    }
}

/// The targets of a kind in the order of their names: a case has none of its own.
Report report_of(const Case& recorded) {
    Report report;
    report.vantage_point = "vm";
    report.started_at = recorded.now;
    report.duration = std::chrono::seconds(1);
    auto verdicts = judge_case(recorded);
    for (const auto& [name, one] : recorded.targets) {
        report.entries.push_back({one.target, std::make_shared<const Verdict>(std::move(verdicts.at(name)))});
    }
    std::ranges::stable_sort(report.entries, {}, [](const auto& entry) { return entry.target->kind(); });
    return report;
}

void write_case(const std::filesystem::path& directory, const std::filesystem::path& out) {
    const Case recorded = whylink::checks::test::read_case(directory);
    if (!recorded.problems.empty()) {
        throw std::runtime_error(directory.string() + ": " + recorded.problems.front());
    }
    const Report report = report_of(recorded);
    const std::string name = out / directory.filename();
    const HumanStyle terminal{.width = 60, .colour = true, .utf8 = false};
    write(name + ".json", whylink::daemon::json_format.render(report, {}, {}));
    write(name + ".txt", whylink::daemon::human_format.render(report, {}, {}));
    write(name + ".terminal", whylink::daemon::human_format.render(report, terminal, {}));
    write(name + ".nagios", whylink::daemon::nagios_format.render(report, {}, {}));
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 2) {
        throw std::runtime_error("usage: whylink-case-reports DIRECTORY");
    }
    for (const auto& directory : whylink::checks::test::case_directories()) {
        write_case(directory, argv[1]);
    }
    return 0;
} catch (const std::exception& fault) {
    std::cerr << fault.what() << "\n";
    return 1;
}
