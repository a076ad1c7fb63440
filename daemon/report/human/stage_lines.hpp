// What each stage found, in a line for people. The texts are as measured: the canvas makes them harmless.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/explain/details.hpp"
#include "daemon/report/human/marks.hpp"

namespace whylink::daemon {

/// "DNS", "TCP", "App"
std::string_view stage_title(probes::Stage stage);
/// "not_listening" → "not listening"
std::string words_of(std::string_view slug);

struct StageLine {
    std::string stage;  ///< "DNS", "TCP", "test"
    Mark mark = Mark::aside;
    /// What was asked or tried, between what is said of it: lines that differ in nothing else are one line.
    std::string before = {};
    std::vector<std::string> subjects = {};
    std::string after = {};
    std::optional<std::chrono::nanoseconds> took = {};

    std::string text() const;
};

/// Of the probes and the connections held idle. What decides nothing is left out, but for a handshake that was only
/// tried.
std::vector<StageLine> stage_lines(const config::Target& target, const checks::Assessment& round,
                                   const checks::Details& details);

/// Of each stage at most `most` lines and how many more there are (two at least): what fails first, of the tests what
/// works first.
std::vector<StageLine> limited(std::vector<StageLine> lines, std::size_t most);

/// Of the follow-up tests that decided something.
std::vector<StageLine> deciding_tests(const checks::Assessment& round, const checks::Details& details);
/// Of all, with what they were made of.
std::vector<StageLine> all_tests(const checks::Assessment& round, const checks::Details& details);

/// What was captured of the connections of an endpoint, a line for each address.
std::vector<StageLine> packet_lines(const std::vector<probes::CapturedConnection>& packets);

/// "TCP 5 s": the stage that took longest; empty where nothing was measured. A watch takes its window.
struct SlowestStage {
    std::string stage;
    std::chrono::nanoseconds took{};
    std::string text() const;
};
SlowestStage slowest_stage(const checks::Assessment& round);

/// Written in columns, the durations at the right. What would take more than `max_height` lines is cut.
void write_stages(Canvas& canvas, const std::vector<StageLine>& lines, std::size_t max_height);

}  // namespace whylink::daemon
