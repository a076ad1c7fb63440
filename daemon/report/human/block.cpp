#include "daemon/report/human/block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "checks/explain/explain.hpp"
#include "checks/stages/clouds.hpp"
#include "checks/texts/causes.hpp"
#include "daemon/report/human/account_lines.hpp"
#include "daemon/report/human/answer.hpp"
#include "daemon/report/human/stage_lines.hpp"
#include "daemon/report/human/standing.hpp"
#include "daemon/report/human/steps.hpp"
#include "daemon/report/human/subnet.hpp"
#include "daemon/report/human/target_text.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

using checks::Confidence;

constexpr std::size_t indent = 2;
constexpr std::size_t max_steps = 4;
/// Where the text of a step begins.
constexpr std::size_t fix_column = 6;
/// An empty line, who acts, a step, and the command that checks again.
constexpr std::size_t least_fix = 5;
/// Of what is not explained, unless all is wanted.
constexpr std::size_t max_unexplained = 1;

// ---- which targets ----

void write_name(Canvas& canvas, const Group& group) {
    const Painted mark = painted(canvas, group.mark);
    const TargetText text = text_of(*group.example().target);
    const std::size_t room = canvas.evidence_edge() - mark.width;
    const Painted name = mark + canvas.paint(canvas.cut_to(text.name, room), Ink::bold);
    const Painted whole = name + spaces(2) + canvas.paint(text.what);
    if (text.what.empty()) {
        canvas.line(name);
    } else if (whole.width <= canvas.style().width) {
        canvas.line(whole);
    } else {
        canvas.line(name);
        canvas.line(spaces(indent) + canvas.paint(canvas.cut_to(text.what, room)));
    }
}

void write_names(Canvas& canvas, const Group& group) {
    const std::string count = fmt::format("{} targets", group.entries.size());
    const Painted lead = painted(canvas, group.mark) + canvas.paint(count, Ink::bold) + canvas.paint(": ");
    canvas.line(lead + canvas.paint(names_text(canvas, names_of(group), canvas.style().width - lead.width)));
}

void write_example(Canvas& canvas, const Group& group) {
    const TargetText example = text_of(*group.example().target);
    const std::string text = fmt::format("Example: {}  {}", example.name, example.what);
    canvas.line(spaces(indent) + canvas.paint(canvas.cut_to(text, canvas.text_edge() - indent), Ink::dim));
}

// ---- what is wrong ----

void write_answer(Canvas& canvas, const Group& group, const checks::Explanation& explanation, Now now) {
    const ReportEntry& entry = group.example();
    const checks::Decision& decision = entry.verdict->decision;
    const std::string title(checks::title_of(decision));
    canvas.line();
    const std::string rating =
        fmt::format("{} · {} confidence", slug(decision.severity), slug(decision.confidence));
    canvas.ends(spaces(indent) + canvas.paint(canvas.cut_to(capitalised(title), canvas.text_edge() - indent),
                                              ink_of(group.mark)),
                canvas.paint(rating, Ink::dim), canvas.text_edge());
    const std::string summary = summary_beside_title(entry, explanation);
    if (!summary.empty()) {
        canvas.prose(spaces(indent), summary, canvas.text_edge());
    }
    // Among the evidence it stands with -v.
    const std::string clouds = checks::other_cloud_text(*entry.target, *entry.verdict);
    if (!clouds.empty() && !entry.verdict->passed() && !canvas.style().verbose) {
        canvas.prose(spaces(indent), sentence(clouds), canvas.text_edge());
    }
    if (group.alone() && entry.standing) {
        canvas.prose(spaces(indent), standing_text(*entry.verdict, *entry.standing, now), canvas.text_edge());
    } else if (const std::string changed = common_change_text(group); !changed.empty()) {
        canvas.prose(spaces(indent), changed, canvas.text_edge());
    }
}

// ---- what proves it ----

/// How much of it there is.
struct ProofSize {
    std::size_t lines;  ///< of each stage
    std::size_t tests;
    std::size_t height;  ///< of each line
};
/// The largest first; the next where a screen has no room for it.
constexpr std::array<ProofSize, 4> proof_sizes{{{4, 4, 3}, {4, 4, 2}, {2, 2, 2}, {2, 1, 1}}};

Canvas proof_of(const HumanStyle& style, const ReportEntry& entry, const checks::Explanation& explanation,
                ProofSize size) {
    const checks::Verdict& verdict = *entry.verdict;
    std::vector<StageLine> lines =
        limited(stage_lines(*entry.target, verdict, explanation.details), size.lines);
    std::ranges::move(limited(deciding_tests(verdict, explanation.details), size.tests),
                      std::back_inserter(lines));
    if (!verdict.passed()) {
        std::ranges::move(limited(account_lines(entry.readings), size.lines), std::back_inserter(lines));
    }
    Canvas canvas(style);
    if (!lines.empty()) {
        canvas.line();
        write_stages(canvas, lines, size.height);
    }
    return canvas;
}

/// The packets, and all tests.
Canvas whole_proof_of(const HumanStyle& style, const ReportEntry& entry,
                      const checks::Explanation& explanation) {
    const checks::Verdict& verdict = *entry.verdict;
    std::vector<StageLine> lines = stage_lines(*entry.target, verdict, explanation.details);
    std::ranges::move(packet_lines(verdict.packets), std::back_inserter(lines));
    std::ranges::move(all_tests(verdict, explanation.details), std::back_inserter(lines));
    std::ranges::move(all_account_lines(entry.readings), std::back_inserter(lines));
    Canvas canvas(style);
    if (!lines.empty()) {
        canvas.line();
        write_stages(canvas, lines, std::numeric_limits<std::size_t>::max());
    }
    return canvas;
}

/// In `room` lines, as far as may be.
void write_proof(Canvas& canvas, const ReportEntry& entry, const checks::Explanation& explanation,
                 std::size_t room) {
    if (canvas.style().verbose) {
        canvas.add(whole_proof_of(canvas.style(), entry, explanation));
        return;
    }
    Canvas proof(canvas.style());
    for (const ProofSize& size : proof_sizes) {
        proof = proof_of(canvas.style(), entry, explanation, size);
        if (proof.height() <= room) {
            break;
        }
    }
    canvas.add(std::move(proof));
}

void write_list(Canvas& canvas, std::string_view heading, const std::vector<std::string>& items) {
    if (items.empty()) {
        return;
    }
    canvas.heading(heading, indent);
    for (const std::string& item : items) {
        canvas.prose(spaces(indent) + canvas.paint(" • "), item, canvas.evidence_edge());
    }
}

// ---- what to do ----

Canvas step_canvas(const HumanStyle& style, std::size_t number, const std::string& step) {
    Canvas canvas(style);
    write_step(canvas, number, step);
    return canvas;
}

std::vector<Canvas> all_steps(const HumanStyle& style, const std::vector<std::string>& steps) {
    std::vector<Canvas> written;
    written.reserve(steps.size());
    for (const std::string& step : steps) {
        written.push_back(step_canvas(style, written.size() + 1, sentence(step)));
    }
    return written;
}

/// The actions that have room, at least the first one; then what explains them, as far as there is room for it.
std::vector<Canvas> steps_within(const HumanStyle& style, const std::vector<std::string>& steps,
                                 std::size_t room) {
    std::vector<Canvas> written;
    std::size_t height = 0;
    for (std::size_t i = 0; i < std::min(steps.size(), max_steps); ++i) {
        Canvas one = step_canvas(style, i + 1, first_action(steps[i]));
        if (i > 0 && height + one.height() > room) {
            break;
        }
        height += one.height();
        written.push_back(std::move(one));
    }
    for (std::size_t i = 0; i < written.size(); ++i) {
        Canvas whole = step_canvas(style, i + 1, sentence(steps[i]));
        const std::size_t others = height - written[i].height();
        if (others + whole.height() <= room) {
            height = others + whole.height();
            written[i] = std::move(whole);
        }
    }
    return written;
}

/// Among all steps they are explained at length.
Canvas identifiers_of(const HumanStyle& style, const std::vector<std::string>& identifiers) {
    Canvas canvas(style);
    if (!style.verbose) {
        for (const std::string& identifier : identifiers) {
            canvas.prose(spaces(fix_column), identifier, canvas.text_edge());
        }
    }
    return canvas;
}

/// In `room` lines, as far as may be; the last one is the command that checks again.
void write_fix(Canvas& canvas, const Group& group, const Fix& fix,
               const std::vector<std::string>& identifiers, std::size_t room) {
    if (fix.steps.empty()) {
        return;
    }
    const std::string again = again_text(group);
    Canvas names = identifiers_of(canvas.style(), identifiers);
    const std::size_t others = (again.empty() ? 2 : 3) + names.height();
    canvas.line();
    canvas.line(spaces(indent) + canvas.cell("Fix", 4, Ink::dim) + spaces(2) +
                canvas.paint(fix.actor, Ink::bold));
    std::vector<Canvas> written =
        canvas.style().verbose ? all_steps(canvas.style(), fix.steps)
                               : steps_within(canvas.style(), fix.steps, room - std::min(room, others));
    for (Canvas& step : written) {
        canvas.add(std::move(step));
    }
    canvas.add(std::move(names));
    if (!again.empty()) {
        canvas.line(spaces(indent) + canvas.paint(fmt::format("{:>2}. {}", written.size() + 1, again)));
    }
}

// ---- what is open ----

void write_labelled(Canvas& canvas, std::string_view label, const std::string& text) {
    if (!text.empty()) {
        canvas.prose(spaces(indent), fmt::format("{}: {}", label, text), canvas.text_edge());
    }
}

/// Where to read on, as long as the line has room for.
std::string more_text(const Canvas& canvas, Cause cause) {
    std::string more = fmt::format("More: whylink explain {}", slug(cause));
    if (canvas.style().verbose) {
        return more;
    }
    const std::string whole = more + " · -v for packets, all tests and steps";
    return indent + display_width(whole) <= canvas.text_edge() ? whole : more + " · -v for all of it";
}

void write_rest(Canvas& canvas, const ReportEntry& entry, const checks::Explanation& explanation) {
    const checks::Decision& decision = entry.verdict->decision;
    const bool verbose = canvas.style().verbose;
    if (verbose) {
        write_list(canvas, "Evidence", explanation.evidence);
    }
    canvas.line();
    for (std::size_t i = 0; i < explanation.unexplained.size() && (verbose || i < max_unexplained); ++i) {
        write_labelled(canvas, "Not explained", explanation.unexplained[i]);
    }
    write_labelled(canvas, "Also possible", alternatives_text(decision));
    if (decision.confidence != Confidence::high) {
        write_labelled(canvas, "To settle it", explanation.settle);
    }
    if (!entry.evidence_file.empty()) {
        // Unbroken, so that it can be copied.
        canvas.line(spaces(indent) + canvas.paint("Packets: " + entry.evidence_file));
    }
    canvas.line(spaces(indent) + canvas.paint(more_text(canvas, decision.cause), Ink::dim));
}

/// It works, and there may be something to know all the same.
void write_healthy(Canvas& canvas, const ReportEntry& entry, const checks::Explanation& explanation, Now now,
                   std::size_t max_height) {
    if (entry.standing) {
        canvas.prose(spaces(indent), standing_text(*entry.verdict, *entry.standing, now), canvas.text_edge());
    }
    write_proof(canvas, entry, explanation, max_height);
    for (const std::string& text : explanation.unexplained) {
        canvas.prose(spaces(indent), sentence(text), canvas.text_edge());
    }
    if (canvas.style().verbose) {
        write_list(canvas, "Evidence", explanation.evidence);
    }
}

}  // namespace

void write_block(Canvas& canvas, const Group& group, Now now, std::size_t max_height) {
    const ReportEntry& entry = group.example();
    const auto explanation = entry.explained();
    const std::size_t begin = canvas.height();
    if (group.alone()) {
        write_name(canvas, group);
    } else {
        write_names(canvas, group);
        if (const std::string subnet = subnet_text(group); !subnet.empty()) {
            canvas.line(spaces(indent) + canvas.paint(subnet));
            // No step gives way to it.
            ++max_height;
        }
        write_example(canvas, group);
    }
    if (group.mark == Mark::good) {
        write_healthy(canvas, entry, *explanation, now, max_height);
        return;
    }
    write_answer(canvas, group, *explanation, now);
    Canvas rest(canvas.style());
    write_rest(rest, entry, *explanation);
    const auto left = [&] {
        const std::size_t used = canvas.height() - begin + rest.height();
        return max_height - std::min(max_height, used);
    };
    const std::vector<std::string>& identifiers = explanation->identifiers;
    const std::size_t least = least_fix + identifiers_of(canvas.style(), identifiers).height();
    write_proof(canvas, entry, *explanation, left() - std::min(left(), least));
    write_fix(canvas, group, fix_of(entry, explanation->steps), identifiers, std::max(left(), least));
    canvas.add(std::move(rest));
}

}  // namespace whylink::daemon
