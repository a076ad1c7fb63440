#include "daemon/commands/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "checks/explain/wording.hpp"
#include "checks/texts/causes.hpp"
#include "checks/texts/outcomes.hpp"
#include "config/nearest.hpp"
#include "daemon/commands/profiles.hpp"
#include "daemon/report/human/canvas.hpp"

namespace whylink::daemon {
namespace {

std::vector<std::string_view> all_slugs() {
    std::vector<std::string_view> all(slugs_of<checks::Outcome>.begin(), slugs_of<checks::Outcome>.end());
    all.insert(all.end(), slugs_of<Cause>.begin(), slugs_of<Cause>.end());
    return all;
}

std::size_t longest_slug() {
    return std::ranges::max(all_slugs(), {}, &std::string_view::size).size();
}

void write_row(Canvas& canvas, std::string_view slug, std::string_view text) {
    canvas.hang(spaces(2) + canvas.cell(slug, longest_slug(), Ink::bold) + spaces(2), text);
}

void write_title(Canvas& canvas, std::string_view slug, std::string_view what) {
    canvas.line(canvas.paint(slug, Ink::bold) + canvas.paint(fmt::format(" ({})", what), Ink::dim));
}

void write_paragraph(Canvas& canvas, std::string_view heading, std::string_view text) {
    if (text.empty()) {
        return;
    }
    canvas.heading(heading);
    canvas.hang(spaces(2), text);
}

void write_steps(Canvas& canvas, std::span<const checks::Step> steps) {
    if (steps.empty()) {
        return;
    }
    std::vector<std::string> texts;
    for (const checks::Step& step : steps) {
        texts.push_back(checks::prefix(step.provider) + checks::fill(step.text, {}));
    }
    canvas.heading("What to do");
    canvas.steps(texts, 2);
}

void write_profiles(Canvas& canvas, Cause cause) {
    const std::string names = profiles_with_steps(cause);
    if (names.empty()) {
        return;
    }
    canvas.line();
    canvas.hang({}, fmt::format("Steps in the provider's words: whylink profiles NAME, of {}.", names));
}

}  // namespace

std::string explain_all(const HumanStyle& style) {
    Canvas canvas(style);
    canvas.line(canvas.paint("Outcomes: what one probe saw", Ink::heading));
    for (const checks::OutcomeText& row : checks::outcome_texts()) {
        write_row(canvas, slug(row.outcome), row.meaning);
    }
    canvas.heading("Causes: what the whole picture says");
    for (const checks::CauseText& row : checks::cause_texts()) {
        write_row(canvas, slug(row.cause), row.title);
    }
    canvas.line();
    canvas.hang({}, "whylink explain SLUG says how one of them is told apart, and what to do.");
    return canvas.take();
}

std::optional<std::string> explain(std::string_view slug, const HumanStyle& style) {
    const auto outcome = from_slug<checks::Outcome>(slug);
    const auto cause = from_slug<Cause>(slug);
    if (!outcome && !cause) {
        return std::nullopt;
    }
    Canvas canvas(style);
    if (outcome) {
        const checks::OutcomeText& text = checks::text(*outcome);
        write_title(canvas, slug, "outcome of a probe");
        write_paragraph(canvas, "What it means", text.meaning);
        write_paragraph(canvas, "How it is told apart", text.told_apart);
    }
    if (outcome && cause) {
        canvas.line();
    }
    if (cause) {
        const checks::CauseText& text = checks::text(*cause);
        write_title(canvas, slug, fmt::format("cause: {}", text.title));
        write_paragraph(canvas, "What it means", text.meaning);
        write_paragraph(canvas, "How it is told apart", text.told_apart);
        write_steps(canvas, text.steps);
        write_profiles(canvas, *cause);
    }
    return canvas.take();
}

std::string_view nearest_slug(std::string_view slug) {
    return config::nearest(slug, all_slugs()).word;
}

}  // namespace whylink::daemon
