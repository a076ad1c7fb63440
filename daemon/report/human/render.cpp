#include "daemon/report/human/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <variant>

#include "checks/explain/explain.hpp"
#include "checks/explain/text.hpp"
#include "checks/texts/causes.hpp"
#include "config/profiles.hpp"
#include "daemon/report/formats.hpp"
#include "daemon/report/human/canvas.hpp"
#include "daemon/report/human/probe_lines.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon {
namespace {

using checks::Severity;
using Now = std::optional<std::chrono::system_clock::time_point>;

constexpr std::size_t indent = 4;
/// Between two columns.
constexpr std::size_t gap = 2;
/// The widest column of subjects; longer ones push their own line to the right.
constexpr std::size_t widest_subject = 44;

struct Look {
    Ink ink;
    std::string_view mark;
    std::string_view ascii_mark;
};
/// By severity.
constexpr std::array<Look, count_of<Severity>> looks{
    {{Ink::good, "✓", "[ok]"}, {Ink::warning, "!", "[!!]"}, {Ink::bad, "✗", "[XX]"}}};

const Look& look_of(Severity severity) {
    return looks.at(static_cast<std::size_t>(severity));
}

struct Header {
    std::string_view name;
    std::string what;  ///< host and port, or zone
    std::string about;
};

void write_header(Canvas& canvas, const Header& header, Severity severity) {
    const Look& look = look_of(severity);
    // The mark and a space.
    Painted line =
        canvas.utf8() ? canvas.cell(look.mark, 2, look.ink) : canvas.cell(look.ascii_mark, 5, look.ink);
    line = line + canvas.paint(header.name, Ink::bold);
    if (header.what != header.name) {
        line = line + spaces(2) + canvas.paint(header.what);
    }
    if (!header.about.empty()) {
        line = line + spaces(2) + canvas.paint(header.about, Ink::dim);
    }
    canvas.line(line);
}

Ink ink_of(const ProbeLine& line) {
    if (!line.counts || !line.outcome) {
        return Ink::dim;
    }
    if (*line.outcome == checks::Outcome::ok) {
        return Ink::good;
    }
    return checks::passes(*line.outcome) ? Ink::warning : Ink::bad;
}

std::string_view outcome_text(const ProbeLine& line) {
    return line.outcome ? slug(*line.outcome) : "";
}

/// Beside the columns when it fits there, else beneath, in the column `beneath_at`.
void write_words(Canvas& canvas, const Painted& lead, const ProbeLine& line, std::size_t beneath_at) {
    const Ink ink = line.counts ? Ink::plain : Ink::dim;
    const std::string both = line.facts.empty() || line.detail.empty() ? line.facts + line.detail
                                                                       : line.facts + "; " + line.detail;
    if (canvas.fits(lead, both)) {
        canvas.line(lead + canvas.paint(both, ink));
    } else if (!line.facts.empty() && canvas.fits(lead, line.facts)) {
        canvas.line(lead + canvas.paint(line.facts, ink));
        canvas.hang(spaces(beneath_at), line.detail, ink);
    } else {
        canvas.line(lead);
        canvas.hang(spaces(beneath_at), both, ink);
    }
}

/// How wide the columns of a target's lines are.
struct Columns {
    std::size_t stage = 3;
    std::size_t subject = 0;
    std::size_t outcome = 0;
    std::size_t duration = 0;
};

Columns columns_of(const Canvas& canvas, const std::vector<ProbeLine>& lines) {
    Columns columns;
    for (const ProbeLine& line : lines) {
        columns.stage = std::max(columns.stage, line.stage.size());
        columns.subject = std::max(columns.subject, std::min(canvas.width_of(line.subject), widest_subject));
        columns.outcome = std::max(columns.outcome, outcome_text(line).size());
        columns.duration = std::max(columns.duration, line.duration.size());
    }
    return columns;
}

void write_probes(Canvas& canvas, const std::vector<ProbeLine>& lines) {
    const Columns columns = columns_of(canvas, lines);
    for (const ProbeLine& line : lines) {
        Painted lead = spaces(indent) + canvas.cell(line.stage, columns.stage, Ink::dim) + spaces(gap) +
                       canvas.cell(line.subject, columns.subject) + spaces(gap);
        // What decides nothing has neither outcome nor time, and much to say.
        if (line.outcome) {
            lead = lead + canvas.cell(outcome_text(line), columns.outcome, ink_of(line)) + spaces(gap) +
                   canvas.paint(fmt::format("{:>{}}", line.duration, columns.duration), Ink::dim) +
                   spaces(gap);
        }
        write_words(canvas, lead, line, indent + columns.stage + gap);
    }
}

void write_list(Canvas& canvas, std::string_view heading, const std::vector<std::string>& items) {
    if (items.empty()) {
        return;
    }
    canvas.heading(heading, indent);
    for (const std::string& item : items) {
        canvas.hang(spaces(indent) + canvas.paint("  • "), item);
    }
}

std::vector<std::string> alternatives(const checks::Decision& decision) {
    std::vector<std::string> lines;
    for (const Cause cause : decision.alternatives) {
        lines.push_back(fmt::format("{} ({})", checks::text(cause).title, slug(cause)));
    }
    return lines;
}

void write_diagnosis(Canvas& canvas, const checks::Decision& decision,
                     const checks::Explanation& explanation) {
    canvas.line();
    const std::string title = fmt::format("{} ({})", checks::title_of(decision), slug(decision.cause));
    const std::string rating =
        fmt::format("  {}, {} confidence", slug(decision.severity), slug(decision.confidence));
    canvas.line(spaces(indent) + canvas.paint(title, look_of(decision.severity).ink) +
                canvas.paint(rating, Ink::dim));
    canvas.hang(spaces(indent), explanation.summary);
    write_list(canvas, "Why", explanation.evidence);
    write_list(canvas, "What this does not explain", explanation.unexplained);
    if (!explanation.steps.empty()) {
        canvas.heading("What to do", indent);
        canvas.steps(explanation.steps, indent);
    }
    write_list(canvas, "What else it could be", alternatives(decision));
}

/// On a line of its own, unbroken, so that it can be copied.
void write_evidence_file(Canvas& canvas, const std::string& file) {
    if (file.empty()) {
        return;
    }
    canvas.line();
    canvas.line(spaces(indent) + canvas.paint("Packets", Ink::heading) + canvas.paint(": " + file));
}

/// Healthy, sure of it, and nothing to add.
bool is_plain(const checks::Verdict& verdict) {
    return verdict.healthy && verdict.decision.severity == Severity::ok &&
           verdict.decision.cause == Cause::healthy;
}

std::string when_checked(const Standing& standing, Now now) {
    using std::chrono::seconds;
    if (!now) {
        return "checked at " + rfc3339(standing.round_started);
    }
    const auto age = std::chrono::duration_cast<seconds>(*now - standing.round_started - standing.round_took);
    const seconds ago = std::max(age, seconds(0));
    return ago < std::chrono::minutes(2) ? fmt::format("checked {} s ago", ago.count())
                                         : fmt::format("checked {} ago", checks::span_text(ago));
}

/// What the marks above say is of the latest round; what the last line counts is damped.
std::string standing_text(const checks::Verdict& verdict, const Standing& standing, Now now) {
    const bool passed = verdict.passed();
    const bool made = verdict.decision.cause != Cause::local_limit;
    const std::string_view word = verdict.healthy ? "healthy" : made ? "unhealthy" : "not healthy";
    const std::string since = fmt::format("{} since {}", word, rfc3339(standing.health_since));
    const std::string checked = when_checked(standing, now);
    if (made && passed == verdict.healthy) {
        return fmt::format("{}, {}", checked, since);
    }
    const std::string_view round = !made ? "could not be made" : passed ? "passed" : "failed";
    return fmt::format("{}: this round {}; still counted as {}", checked, round, since);
}

std::string host_and_port(const config::Endpoint& endpoint) {
    return endpoint.address ? endpoint_text(*endpoint.address, endpoint.port)
                            : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

std::string about(const config::Endpoint& endpoint) {
    const config::Profile* profile = config::find_profile(endpoint.profile);
    return profile == nullptr ? "" : std::string(profile->title);
}

std::string peers_of(const config::Watch& watch) {
    if (watch.peer.empty()) {
        return {};
    }
    return (watch.direction == config::Direction::inbound ? "from " : "at ") +
           abridged({watch.peer.front().to_string()}, 1, watch.peer.size() - 1);
}

Header header_of(const config::Endpoint& endpoint) {
    return {endpoint.name, host_and_port(endpoint), about(endpoint)};
}

Header header_of(const config::Zone& zone) {
    return {zone.name, "*." + zone.zone, ""};
}

Header header_of(const config::Watch& watch) {
    return {watch.name, watch_text(watch), peers_of(watch)};
}

void write_entry(Canvas& canvas, const ReportEntry& entry, Now now) {
    const checks::Verdict& verdict = *entry.verdict;
    const auto explanation = entry.explained();
    const config::Zone* zone = entry.target->zone();
    std::vector<ProbeLine> lines = probe_lines(
        verdict, explanation->details, zone != nullptr ? std::string_view(zone->zone) : std::string_view());
    const Header header = std::visit([](const auto& what) { return header_of(what); }, entry.target->what());
    write_header(canvas, header, verdict.decision.severity);
    if (entry.standing) {
        canvas.hang(spaces(indent), standing_text(verdict, *entry.standing, now), Ink::dim);
    }
    // Of a link that works the packets only repeat what the probes say.
    if (!is_plain(verdict)) {
        std::ranges::move(packet_lines(verdict.packets), std::back_inserter(lines));
    }
    write_probes(canvas, lines);
    if (!is_plain(verdict)) {
        write_diagnosis(canvas, verdict.decision, *explanation);
        write_evidence_file(canvas, entry.evidence_file);
    } else {
        // It works, and there is something to know all the same.
        for (const std::string& text : explanation->unexplained) {
            canvas.hang(spaces(indent), text);
        }
    }
    canvas.line();
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
    const Ink ink = counts.unhealthy() > 0 ? Ink::bad : counts.warnings > 0 ? Ink::warning : Ink::good;
    canvas.line(canvas.paint(text, ink) +
                canvas.paint(fmt::format("  in {}", checks::duration_text(report.duration)), Ink::dim));
}

}  // namespace

std::string render_human(const Report& report, const HumanStyle& style, Now now) {
    Canvas canvas(style);
    for (const ReportEntry& entry : report.entries) {
        write_entry(canvas, entry, now);
    }
    write_tally(canvas, report);
    return canvas.take();
}

constexpr ReportFormat human_format{.slug = "human",
                                    .content_type = "text/plain; charset=utf-8",
                                    .styled = true,
                                    .render = render_human,
                                    .exit_status = exit_status,
                                    .usage_status = exit_usage};

}  // namespace whylink::daemon
