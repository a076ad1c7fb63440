#include "daemon/commands/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "checks/explain/wording.hpp"
#include "checks/texts/causes.hpp"
#include "checks/texts/followups.hpp"
#include "checks/texts/outcomes.hpp"
#include "checks/texts/stages.hpp"
#include "daemon/commands/profiles.hpp"
#include "daemon/http/metric_families.hpp"
#include "daemon/report/human/canvas.hpp"

namespace whylink::daemon {
namespace {

/// One line of the list.
struct Entry {
    std::string_view slug;
    std::string_view text;
};

/// What slugs name: one of the parts of the vocabulary.
struct Kind {
    std::string_view heading;
    bool listed;
    std::vector<Entry> (*entries)();
    /// `slug` is of one of the entries.
    void (*write)(Canvas& canvas, std::string_view slug);
};

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

// ---- outcomes ----

std::vector<Entry> outcome_entries() {
    std::vector<Entry> entries;
    for (const checks::OutcomeText& row : checks::outcome_texts()) {
        entries.push_back({slug(row.outcome), row.meaning});
    }
    return entries;
}

void write_outcome(Canvas& canvas, std::string_view slug) {
    const checks::OutcomeText& text = checks::text(*from_slug<checks::Outcome>(slug));
    write_title(canvas, slug, "outcome of a probe");
    write_paragraph(canvas, "What it means", text.meaning);
    write_paragraph(canvas, "How it is told apart", text.told_apart);
}

// ---- causes ----

std::vector<Entry> cause_entries() {
    std::vector<Entry> entries;
    for (const checks::CauseText& row : checks::cause_texts()) {
        entries.push_back({slug(row.cause), row.title});
    }
    return entries;
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

void write_cause(Canvas& canvas, std::string_view slug) {
    const Cause cause = *from_slug<Cause>(slug);
    const checks::CauseText& text = checks::text(cause);
    write_title(canvas, slug, fmt::format("cause: {}", text.title));
    write_paragraph(canvas, "What it means", text.meaning);
    write_paragraph(canvas, "How it is told apart", text.told_apart);
    write_steps(canvas, text.steps);
    write_profiles(canvas, cause);
}

// ---- stages ----

std::vector<Entry> stage_entries() {
    std::vector<Entry> entries;
    for (const checks::StageText& row : checks::stage_texts()) {
        entries.push_back({row.slug, row.done});
    }
    return entries;
}

void write_stage(Canvas& canvas, std::string_view slug) {
    const auto text = *std::ranges::find(checks::stage_texts(), slug, &checks::StageText::slug);
    write_title(canvas, slug, "stage of a probe");
    write_paragraph(canvas, "What it does", text.done);
    write_paragraph(canvas, "What its outcome says", text.told);
}

// ---- follow-up tests ----

std::vector<Entry> follow_up_entries() {
    std::vector<Entry> entries;
    for (const checks::FollowUpText& row : checks::follow_up_texts()) {
        entries.push_back({slug(row.kind), row.done});
    }
    return entries;
}

void write_follow_up(Canvas& canvas, std::string_view slug) {
    const checks::FollowUpText& text = checks::text(*from_slug<probes::FollowUp>(slug));
    write_title(canvas, slug, "follow-up test");
    write_paragraph(canvas, "What is done", text.done);
    write_paragraph(canvas, "What it shows when it gets further than the ordinary probe", text.if_answered);
    write_paragraph(canvas, "When it fails just the same", text.if_same);
    write_paragraph(canvas, "When it fails and the ordinary probe passes", text.if_worse);
    canvas.line();
    canvas.hang(
        {},
        "Any other result is inconclusive. A follow-up test never changes whether the target is healthy.");
}

// ---- metrics ----

std::vector<Entry> metric_entries() {
    std::vector<Entry> entries;
    for (const http::MetricFamily& row : http::metric_families()) {
        entries.push_back({row.name, row.help});
    }
    return entries;
}

void write_metric(Canvas& canvas, std::string_view slug) {
    const auto row = *std::ranges::find(http::metric_families(), slug, &http::MetricFamily::name);
    write_title(canvas, slug, fmt::format("metric, {}", whylink::slug(row.type)));
    write_paragraph(canvas, "What it means", row.help);
    write_paragraph(canvas, "Labels", row.labels);
}

// ---- all of them ----

constexpr std::array<Kind, 5> kinds{{
    {"Outcomes: what one probe saw", true, outcome_entries, write_outcome},
    {"Causes: what the whole picture says", true, cause_entries, write_cause},
    {"Stages: what is probed, in this order", true, stage_entries, write_stage},
    {"Follow-up tests: what tells causes apart after a failure", true, follow_up_entries, write_follow_up},
    {"Metrics", false, metric_entries, write_metric},
}};

bool has(const Kind& kind, std::string_view slug) {
    const std::vector<Entry> entries = kind.entries();
    return std::ranges::find(entries, slug, &Entry::slug) != entries.end();
}

std::size_t max_listed_slug() {
    std::size_t longest = 0;
    for (const Kind& kind : kinds) {
        for (const Entry& entry : kind.listed ? kind.entries() : std::vector<Entry>()) {
            longest = std::max(longest, entry.slug.size());
        }
    }
    return longest;
}

}  // namespace

std::string explain_all(const HumanStyle& style) {
    Canvas canvas(style);
    const std::size_t column = max_listed_slug();
    for (const Kind& kind : kinds) {
        if (!kind.listed) {
            continue;
        }
        if (&kind == &kinds.front()) {
            canvas.line(canvas.paint(kind.heading, Ink::heading));
        } else {
            canvas.heading(kind.heading);
        }
        for (const Entry& entry : kind.entries()) {
            canvas.hang(spaces(2) + canvas.cell(entry.slug, column, Ink::bold) + spaces(2), entry.text);
        }
    }
    canvas.line();
    canvas.hang(
        {},
        "whylink explain SLUG says more about one of them: how it is told apart, and what to do. It takes the "
        "name of a metric, too.");
    return canvas.take();
}

std::optional<std::string> explain(std::string_view slug, const HumanStyle& style) {
    Canvas canvas(style);
    bool found = false;
    for (const Kind& kind : kinds) {
        if (!has(kind, slug)) {
            continue;
        }
        if (found) {
            canvas.line();
        }
        kind.write(canvas, slug);
        found = true;
    }
    return found ? std::optional(canvas.take()) : std::nullopt;
}

std::vector<std::string_view> explained_slugs() {
    std::vector<std::string_view> all;
    for (const Kind& kind : kinds) {
        for (const Entry& entry : kind.entries()) {
            all.push_back(entry.slug);
        }
    }
    return all;
}

}  // namespace whylink::daemon
