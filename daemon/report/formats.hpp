// The formats that a report is printed in. Each describes itself in one row, beside the code that renders it;
// the command line, HTTP and `status` know the formats from these rows alone.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/report/human/terminal.hpp"
#include "daemon/report/report.hpp"

namespace whylink::daemon {

struct ReportFormat {
    std::string_view slug;  ///< what `--format` and HTTP's `format` call it
    std::string_view content_type;
    /// It is for people: the style counts, and the daemon is told that of the terminal.
    bool styled = false;
    /// `now`: what time it is, where the report is of earlier rounds.
    std::string (*render)(const Report& report, const HumanStyle& style,
                          std::optional<std::chrono::system_clock::time_point> now);
    int (*exit_status)(const Report& report);
    int usage_status;  ///< the exit status when the command line or the config is wrong
    /// What stands on standard output where a fault kept a report from being made; null: nothing.
    std::string (*fault)(std::string_view why) = nullptr;
};

extern const ReportFormat human_format;   ///< human/render.cpp
extern const ReportFormat json_format;    ///< json/render.cpp
extern const ReportFormat nagios_format;  ///< nagios.cpp

inline constexpr std::array report_formats{&human_format, &json_format, &nagios_format};

/// Null for a word that names no format.
const ReportFormat* find_format(std::string_view slug);

/// What every format is called, `first` first.
std::vector<std::string> format_slugs(const ReportFormat& first);

/// "json, human or nagios"
std::string one_of(const std::vector<std::string>& words);

}  // namespace whylink::daemon
