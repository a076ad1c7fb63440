#include "daemon/report/human/head.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/explain/text.hpp"
#include "daemon/packets/packet_service.hpp"
#include "daemon/report/human/marks.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

Mark mark_of(const Tally& counts) {
    if (counts.unhealthy() > 0) {
        return counts.unknown() ? Mark::unknown : Mark::bad;
    }
    return counts.warnings > 0 ? Mark::warning : Mark::good;
}

/// Packets would say more: something is open, and not of a zone, which is judged by answers alone.
bool wants_packets(const ReportEntry& entry) {
    return daemon::mark_of(*entry.verdict) != Mark::good && entry.target->zone() == nullptr;
}

std::string why_text(const probes::LocalError& error) {
    if (needs_permission(error)) {
        return "CAP_NET_RAW is missing. Run whylink as root.";
    }
    return error.error == 0 ? error.text + "." : fmt::format("{}: {}.", error.operation, error.text);
}

}  // namespace

void write_head(Canvas& canvas, const Report& report) {
    const std::optional<probes::LocalError>& why = report.host.not_captured;
    if (why && std::ranges::any_of(report.entries, wants_packets)) {
        canvas.prose({}, "Packets not captured: " + why_text(*why), canvas.text_edge(), Ink::dim);
        canvas.line();
    }
}

void write_tally(Canvas& canvas, const Report& report) {
    const Tally counts = tally(report);
    std::string text = fmt::format("{} of {} healthy", counts.healthy, counts.targets);
    if (counts.warnings > 0) {
        text += ", " + checks::count_text(counts.warnings, "warning");
    }
    if (counts.critical > 0) {
        text += fmt::format(", {} critical", counts.critical);
    }
    if (counts.not_found_out > 0) {
        text += fmt::format(", {} could not be checked", counts.not_found_out);
    }
    if (counts.waiting > 0) {
        text += fmt::format(", {} without a first round yet", counts.waiting);
    }
    const Mark mark = mark_of(counts);
    canvas.line(painted(canvas, mark) + canvas.paint(text, ink_of(mark)) +
                canvas.paint("  in " + checks::duration_text(report.duration), Ink::dim));
}

}  // namespace whylink::daemon
