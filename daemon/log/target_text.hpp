// The parts of a record that describe a target: detail lines, follow-up tests, JSON fields. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/explain/explain.hpp"
#include "daemon/log/record.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

/// Evidence but for the line that was `said`, alternatives, steps, the file of packets and labels, a line each. The status
/// has a verdict.
std::vector<std::string> detail_lines(const TargetStatus& status, const checks::Explanation& explanation,
                                      std::string_view said);
/// What a round made besides its ordinary probes: a follow-up test, or a connection that was held idle.
/// Refers to the verdict and to what explains it.
struct FurtherTest {
    std::string_view name;
    probes::Stage stage = probes::Stage::tcp;
    checks::Outcome outcome = checks::Outcome::ok;
    std::string_view detail = {};
    probes::WallClock::time_point started;
    probes::Nanoseconds took{};
    std::string_view queried = {};     ///< empty: it is a connection
    std::optional<IpAddress> address;  ///< of the connection
    std::uint16_t port = 0;
};
/// Without `explanation` their details are empty.
std::vector<FurtherTest> further_tests(const checks::Verdict& verdict,
                                       const checks::Explanation* explanation = nullptr);
/// Where it went and what came of it: "tls 10.0.0.4:9440: pending_allowlist".
std::string further_text(const FurtherTest& test);
/// With the keys of a probe in the JSON report.
RecordRow further_row(const FurtherTest& test);
/// Kind, name, labels, health, diagnosis and the file of packets, with the keys of the JSON report. The status has a
/// verdict.
void add_fields(const TargetStatus& status, const checks::Explanation& explanation, Record& record);

}  // namespace whylink::daemon
