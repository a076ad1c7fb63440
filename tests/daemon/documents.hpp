// What whylink writes as JSON, the report and the log, as plain values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace whylink::daemon_test {

struct Probe {
    std::string stage;
    std::string where;  ///< address or resolver
    std::string outcome;

    auto operator<=>(const Probe&) const = default;
};

struct TargetReport {
    bool healthy = false;
    std::string cause;
    std::string severity;
    std::string confidence;
    std::vector<std::string> evidence;
    std::vector<Probe> probes;  ///< sorted
    std::string health_since;   ///< empty in a report of one check
};

/// By name. Throws std::runtime_error for what is no report.
std::map<std::string, TargetReport> parse_report(std::string_view text);

/// A line of the log.
struct LogRecord {
    std::string level;
    std::string event;
    std::string message;
    std::map<std::string, std::string> texts;  ///< the fields that are text or boolean ("true", "false")
    std::map<std::string, std::vector<std::string>> lists;

    /// Empty when there is no such field.
    std::string text(const std::string& field) const;
};

struct Log {
    std::vector<LogRecord> records;
    std::vector<std::string> strays;  ///< lines that are no records
};

Log parse_log(std::string_view text);

}  // namespace whylink::daemon_test
