// The report as a monitoring plugin's output (Monitoring Plugins Development Guidelines, section "Plugin Output
// for Nagios").
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "daemon/report/formats.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

/// The statuses of the plugin interface.
constexpr std::array<std::string_view, 4> states{"OK", "WARNING", "CRITICAL", "UNKNOWN"};
int plugin_status(const Report& report) {
    const Tally counts = tally(report);
    if (counts.critical > 0) {
        return 2;
    }
    if (counts.unknown()) {
        return 3;
    }
    return counts.warnings > 0 ? 1 : 0;
}

/// A '|' would begin the performance data.
std::string plugin_text(std::string_view text) {
    std::string safe = outside_text(text, max_line);
    std::ranges::replace(safe, '|', '/');
    return safe;
}

/// Worst first, so that the status line begins with what matters.
std::vector<const ReportEntry*> noteworthy(const Report& report) {
    std::vector<const ReportEntry*> chosen;
    for (const ReportEntry& entry : report.entries) {
        if (!entry.verdict->healthy || entry.verdict->decision.severity != checks::Severity::ok) {
            chosen.push_back(&entry);
        }
    }
    std::ranges::stable_sort(chosen, std::greater<>{},
                             [](const ReportEntry* entry) { return entry->verdict->decision.severity; });
    return chosen;
}

std::string headline(const Report& report, const std::vector<const ReportEntry*>& entries) {
    constexpr std::size_t most = 3;
    const Tally counts = tally(report);
    std::string text = fmt::format("{} of {} healthy", counts.healthy, counts.targets);
    for (std::size_t i = 0; i < std::min(entries.size(), most); ++i) {
        text += fmt::format("{} {} {}", i == 0 ? ":" : ",", entries[i]->target->name(),
                            slug(entries[i]->verdict->decision.cause));
    }
    if (entries.size() > most) {
        text += fmt::format(" and {} more", entries.size() - most);
    }
    if (counts.waiting > 0) {
        text += fmt::format("{} {} without a first round yet", entries.empty() ? ":" : ",", counts.waiting);
    }
    return text;
}

/// 'label'=value[unit];[warn];[crit];[min];[max]
std::string performance_data(const Report& report) {
    const Tally counts = tally(report);
    return fmt::format(
        "'healthy'={};;;0;{} 'warning'={};;;0;{} 'critical'={};;;0;{} 'unknown'={};;;0;{} 'time'={:.3f}s;;;0",
        counts.healthy, counts.targets, counts.warnings, counts.targets, counts.critical, counts.targets,
        counts.not_found_out + counts.waiting, counts.targets,
        std::chrono::duration<double>(report.duration).count());
}

/// A status line with counts as performance data, then a line for each target that is not plainly healthy.
std::string render(const Report& report, const HumanStyle&,
                   std::optional<std::chrono::system_clock::time_point>) {
    const std::vector<const ReportEntry*> entries = noteworthy(report);
    std::string text =
        fmt::format("WHYLINK {} - {} | {}\n", states.at(static_cast<std::size_t>(plugin_status(report))),
                    plugin_text(headline(report, entries)), performance_data(report));
    for (const ReportEntry* entry : entries) {
        const checks::Decision& decision = entry->verdict->decision;
        text += plugin_text(fmt::format("{}: {} ({}, {} confidence): {}", entry->target->name(),
                                        slug(decision.cause), slug(decision.severity),
                                        slug(decision.confidence), entry->explained()->summary)) +
                "\n";
    }
    return text;
}

/// Nagios shows its reader only standard output.
std::string fault(std::string_view why) {
    return fmt::format("WHYLINK UNKNOWN - {}\n", plugin_text(why));
}

}  // namespace

/// Nagios reads 2 as CRITICAL, so a wrong command line or config is UNKNOWN (3) to it.
constexpr ReportFormat nagios_format{.slug = "nagios",
                                     .content_type = "text/plain; charset=utf-8",
                                     .render = render,
                                     .exit_status = plugin_status,
                                     .usage_status = exit_unknown,
                                     .fault = fault};

}  // namespace whylink::daemon
