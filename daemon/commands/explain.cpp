#include "daemon/commands/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "checks/explain/wording.hpp"
#include "checks/table/cause.hpp"
#include "checks/table/outcome.hpp"
#include "config/nearest.hpp"
#include "daemon/commands/profiles.hpp"
#include "daemon/report/human/canvas.hpp"

namespace whylink::daemon {
namespace {

std::size_t longest_slug() {
    std::size_t longest = 0;
    for (const checks::OutcomeText& row : checks::outcome_texts()) {
        longest = std::max(longest, row.slug.size());
    }
    for (const checks::CauseText& row : checks::cause_texts()) {
        longest = std::max(longest, row.slug.size());
    }
    return longest;
}

void write_row(Canvas& canvas, std::string_view slug, std::string_view text) {
    Painted lead = canvas.cell(slug, longest_slug(), Ink::bold);
    lead.text = "  " + lead.text + "  ";
    lead.width += 4;
    canvas.hang(lead, text);
}

void write_title(Canvas& canvas, std::string_view slug, std::string_view what) {
    canvas.line(canvas.paint(slug, Ink::bold).text + canvas.paint(fmt::format(" ({})", what), Ink::dim).text);
}

void write_paragraph(Canvas& canvas, std::string_view heading, std::string_view text) {
    if (text.empty()) {
        return;
    }
    canvas.line();
    canvas.line(canvas.paint(heading, Ink::heading).text);
    canvas.hang({"  ", 2}, text);
}

void write_steps(Canvas& canvas, std::span<const checks::Step> steps) {
    if (steps.empty()) {
        return;
    }
    canvas.line();
    canvas.line(canvas.paint("What to do", Ink::heading).text);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        canvas.hang({fmt::format("  {:>2}. ", i + 1), 6},
                    std::string(checks::prefix(steps[i].provider)) + checks::fill(steps[i].text, {}));
    }
}

void write_profiles(Canvas& canvas, checks::Cause cause) {
    const std::string names = profiles_with_steps(cause);
    if (names.empty()) {
        return;
    }
    canvas.line();
    canvas.hang({}, fmt::format("Steps in the provider's words: whylink profiles NAME, of {}.", names));
}

const checks::OutcomeText* find_outcome(std::string_view slug) {
    const auto rows = checks::outcome_texts();
    const auto row = std::ranges::find(rows, slug, &checks::OutcomeText::slug);
    return row == rows.end() ? nullptr : &*row;
}

const checks::CauseText* find_cause(std::string_view slug) {
    const auto rows = checks::cause_texts();
    const auto row = std::ranges::find(rows, slug, &checks::CauseText::slug);
    return row == rows.end() ? nullptr : &*row;
}

}  // namespace

std::string explain_all(const HumanStyle& style) {
    Canvas canvas(style);
    canvas.line(canvas.paint("Outcomes: what one probe saw", Ink::heading).text);
    for (const checks::OutcomeText& row : checks::outcome_texts()) {
        write_row(canvas, row.slug, row.meaning);
    }
    canvas.line();
    canvas.line(canvas.paint("Causes: what the whole picture says", Ink::heading).text);
    for (const checks::CauseText& row : checks::cause_texts()) {
        write_row(canvas, row.slug, row.title);
    }
    canvas.line();
    canvas.hang({}, "whylink explain SLUG says how one of them is told apart, and what to do.");
    return canvas.take();
}

std::optional<std::string> explain(std::string_view slug, const HumanStyle& style) {
    const checks::OutcomeText* outcome = find_outcome(slug);
    const checks::CauseText* cause = find_cause(slug);
    if (outcome == nullptr && cause == nullptr) {
        return std::nullopt;
    }
    Canvas canvas(style);
    if (outcome != nullptr) {
        write_title(canvas, slug, "outcome of a probe");
        write_paragraph(canvas, "What it means", outcome->meaning);
        write_paragraph(canvas, "How it is told apart", outcome->told_apart);
    }
    if (outcome != nullptr && cause != nullptr) {
        canvas.line();
    }
    if (cause != nullptr) {
        write_title(canvas, slug, fmt::format("cause: {}", cause->title));
        write_paragraph(canvas, "What it means", cause->meaning);
        write_paragraph(canvas, "How it is told apart", cause->told_apart);
        write_steps(canvas, cause->steps);
        write_profiles(canvas, cause->cause);
    }
    return canvas.take();
}

std::string_view nearest_slug(std::string_view slug) {
    std::vector<std::string_view> known;
    for (const checks::OutcomeText& row : checks::outcome_texts()) {
        known.push_back(row.slug);
    }
    for (const checks::CauseText& row : checks::cause_texts()) {
        known.push_back(row.slug);
    }
    return config::nearest(slug, known).word;
}

}  // namespace whylink::daemon
