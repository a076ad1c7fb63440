#include "daemon/history/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "checks/texts/causes.hpp"
#include "daemon/report/human/canvas.hpp"
#include "daemon/report/human/marks.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

constexpr std::size_t indent = 2;
/// The latest ones are what somebody looks for.
constexpr std::size_t max_outages = 20;
constexpr std::size_t max_changes = 20;
constexpr std::size_t max_before = 4;
constexpr std::size_t max_files = 4;

/// "2026-01-01 13:48"
std::string minute_text(HistoryTime time) {
    std::string text = rfc3339(time).substr(0, std::string_view("2026-01-01T13:48").size());
    std::replace(text.begin(), text.end(), 'T', ' ');
    return text;
}

std::string span_text(HistoryTime from, HistoryTime to) {
    return age_text(std::chrono::duration_cast<std::chrono::seconds>(to - from));
}

// ---- the timeline ----

struct Signs {
    std::string_view all_passed;
    std::string_view some_failed;
    std::string_view all_failed;
    std::string_view nothing;
};
constexpr Signs blocks{"█", "▄", "▁", "·"};
constexpr Signs ascii{"#", "+", "_", "."};

const Signs& signs_of(const Canvas& canvas) {
    return canvas.utf8() ? blocks : ascii;
}

std::string_view sign_of(const RoundCount& count, const Signs& signs) {
    if (count.rounds == 0) {
        return signs.nothing;
    }
    if (count.passed == count.rounds) {
        return signs.all_passed;
    }
    return count.passed == 0 ? signs.all_failed : signs.some_failed;
}

Ink ink_of(const RoundCount& count) {
    if (count.rounds == 0) {
        return Ink::dim;
    }
    return count.passed == count.rounds ? Ink::good : count.passed == 0 ? Ink::bad : Ink::warning;
}

/// A daemon that was asked over HTTP gives none.
void write_timeline(Canvas& canvas, const Past& past, const TargetPast& target) {
    if (target.timeline.empty()) {
        return;
    }
    Painted line = spaces(indent);
    const Signs& signs = signs_of(canvas);
    for (const RoundCount& count : target.timeline) {
        line = std::move(line) + canvas.paint(sign_of(count, signs), ink_of(count));
    }
    canvas.line(line);
    const std::string begin = minute_text(past.from);
    const std::string end = minute_text(past.to) + " UTC";
    const std::size_t width = std::max(target.timeline.size(), begin.size() + 1 + end.size());
    canvas.line(spaces(indent) + canvas.cell(begin, width - end.size(), Ink::dim) +
                canvas.paint(end, Ink::dim));
}

// ---- outages ----

std::string cause_text(const std::string& word) {
    const auto cause = from_slug<Cause>(word);
    return cause ? fmt::format("{} ({})", checks::text(*cause).title, word) : word;
}

std::string before_text(const Outage& outage) {
    if (outage.never_healthy) {
        return "Never healthy before.";
    }
    return outage.changes.empty() ? "Nothing changed before it."
                                  : fmt::format("Changed: {}", changes_text(outage.changes, max_before));
}

/// Their names have the causes.
void write_files(Canvas& canvas, std::size_t column, const std::vector<OutageEvidence>& files) {
    for (std::size_t i = 0; i < std::min(files.size(), max_files); ++i) {
        canvas.line(spaces(column) + canvas.paint("Packets: " + files[i].file));
    }
    if (files.size() > max_files) {
        canvas.line(spaces(column) +
                    canvas.paint(fmt::format("Packets of {} later causes", files.size() - max_files)));
    }
}

void write_outages(Canvas& canvas, const Past& past, const std::vector<Outage>& outages) {
    if (outages.empty()) {
        return;
    }
    const std::size_t begin = outages.size() - std::min(outages.size(), max_outages);
    canvas.line(spaces(indent) + canvas.paint(begin > 0 ? fmt::format("Outages: the last {} of {}",
                                                                      max_outages, outages.size())
                                                        : "Outages",
                                              Ink::heading));
    for (std::size_t i = begin; i < outages.size(); ++i) {
        const Outage& outage = outages[i];
        const std::string length = outage.until ? span_text(outage.since, *outage.until)
                                                : span_text(outage.since, past.to) + " so far";
        const Painted lead = spaces(indent) + canvas.paint(minute_text(outage.since)) + spaces(2);
        canvas.prose(lead, fmt::format("{}: {}", length, cause_text(outage.cause)), canvas.text_edge());
        canvas.prose(spaces(lead.width), before_text(outage), canvas.text_edge());
        write_files(canvas, lead.width, outage.files);
    }
}

// ---- changes ----

/// The timeline and the outages show the others.
bool is_shown(const Change& change) {
    return change.what != What::health && change.what != What::cause;
}

void write_changes(Canvas& canvas, const std::vector<Change>& changes) {
    std::vector<const Change*> shown;
    for (const Change& change : changes) {
        if (is_shown(change)) {
            shown.push_back(&change);
        }
    }
    if (shown.empty()) {
        return;
    }
    const std::size_t begin = shown.size() - std::min(shown.size(), max_changes);
    canvas.line(spaces(indent) +
                canvas.paint(begin > 0 ? fmt::format("Changes: the last {} of {}", max_changes, shown.size())
                                       : "Changes",
                             Ink::heading));
    for (std::size_t i = begin; i < shown.size(); ++i) {
        canvas.prose(spaces(indent) + canvas.paint(minute_text(shown[i]->at)) + spaces(2),
                     change_text(*shown[i]), canvas.text_edge());
    }
}

void write_target(Canvas& canvas, const Past& past, const TargetPast& target) {
    const bool fails = !target.outages.empty() && !target.outages.back().until;
    const Painted name = painted(canvas, fails ? Mark::bad : Mark::good) +
                         canvas.paint(canvas.cut_to(target.name, canvas.text_edge() - 24), Ink::bold);
    canvas.ends(name, canvas.paint(availability_text(target)), canvas.text_edge());
    write_timeline(canvas, past, target);
    write_outages(canvas, past, target.outages);
    write_changes(canvas, target.changes);
    canvas.line();
}

}  // namespace

std::string availability_text(const TargetPast& target) {
    const auto availability = target.availability();
    if (!availability) {
        return "no rounds";
    }
    constexpr double hundredths = 1e4;
    const double shown = std::floor(*availability * hundredths + 1e-9) / 100;
    return *availability == 1 ? "100 % available" : fmt::format("{:.2f} % available", shown);
}

std::string render_past(const Past& past, const HumanStyle& style) {
    Canvas canvas(style);
    canvas.line(canvas.paint(fmt::format("{}, times in UTC", span_text(past.from, past.to)), Ink::dim));
    if (past.targets.empty()) {
        canvas.line(canvas.paint("The history has no targets yet."));
        return canvas.take();
    }
    const Signs& signs = signs_of(canvas);
    canvas.line(
        canvas.paint(fmt::format("{} all rounds passed  {} some failed  {} all failed  {} no rounds",
                                 signs.all_passed, signs.some_failed, signs.all_failed, signs.nothing),
                     Ink::dim));
    canvas.line();
    for (const TargetPast& target : past.targets) {
        write_target(canvas, past, target);
    }
    return canvas.take();
}

}  // namespace whylink::daemon
