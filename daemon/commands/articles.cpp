#include "daemon/commands/articles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "checks/explain/wording.hpp"
#include "checks/texts/causes.hpp"
#include "checks/texts/examples.hpp"
#include "checks/texts/followups.hpp"
#include "checks/texts/outcomes.hpp"
#include "checks/texts/stages.hpp"
#include "daemon/commands/profiles.hpp"
#include "daemon/texts/index.hpp"
#include "daemon/texts/metrics.hpp"
#include "daemon/texts/words.hpp"

namespace whylink::daemon {
namespace {

// ---- sections ----

constexpr std::string_view looks = "How it looks";
constexpr std::string_view looks_on_the_wire = "How it looks on the wire";
constexpr std::string_view means = "What it means";
constexpr std::string_view differs = "How it differs from look-alikes";
constexpr std::string_view fix = "Fix";
constexpr std::string_view see_also = "See also";

/// A section without content is no section.
void add(Article& article, Section section) {
    if (!section.text.empty() || !section.lines.empty() || !section.steps.empty()) {
        article.sections.push_back(std::move(section));
    }
}

void add_text(Article& article, std::string_view heading, std::string_view text) {
    add(article, {.heading = heading, .text = std::string(text)});
}

void add_lines(Article& article, std::string_view heading, const std::vector<std::string>& lines) {
    add(article, {.heading = heading, .lines = lines});
}

void add_see(Article& article, const std::vector<std::string>& see) {
    add_text(article, see_also, fmt::format("{}", fmt::join(see, ", ")));
}

/// Of an outcome, a stage or a follow-up test.
Article indexed(std::string_view slug, std::string_view what) {
    return {slug, what, index_entry(slug).line, {}, {}};
}

void add_example(Article& article) {
    add_lines(article, looks_on_the_wire, checks::example(article.slug));
}

// ---- outcomes ----

Article outcome_article(const checks::OutcomeText& text) {
    Article article = indexed(slug(text.outcome), "outcome");
    add_text(article, means, text.meaning);
    add_example(article);
    add_text(article, differs, text.told_apart);
    add_see(article, index_entry(article.slug).see);
    return article;
}

ArticleGroup outcomes() {
    ArticleGroup group{"Outcomes: what one probe saw", {}};
    for (const checks::OutcomeText& text : checks::outcome_texts()) {
        group.articles.push_back(outcome_article(text));
    }
    return group;
}

// ---- causes ----

std::vector<std::string> steps_of(const checks::CauseText& text) {
    std::vector<std::string> steps;
    for (const checks::Step& step : text.steps) {
        steps.push_back(checks::prefix(step.provider) + checks::fill(step.text, {}));
    }
    return steps;
}

/// The profiles name the steps in the words of their service.
std::string see_of(Cause cause) {
    std::string see = fmt::format("{}", fmt::join(index_entry(slug(cause)).see, ", "));
    if (const std::string names = profiles_with_steps(cause); !names.empty()) {
        see += fmt::format("; whylink profiles NAME for the steps of {}", names);
    }
    return see;
}

Article cause_article(const checks::CauseText& text) {
    Article article{slug(text.cause), "cause", text.title, {}, {}};
    add_text(article, means, text.meaning);
    add_example(article);
    add_text(article, differs, text.told_apart);
    add(article, {.heading = fix, .steps = steps_of(text)});
    add_text(article, see_also, see_of(text.cause));
    return article;
}

ArticleGroup causes() {
    ArticleGroup group{"Causes: what the whole picture says", {}};
    for (const checks::CauseText& text : checks::cause_texts()) {
        group.articles.push_back(cause_article(text));
    }
    return group;
}

// ---- stages ----

Article stage_article(const checks::StageText& text) {
    Article article = indexed(text.slug, "stage");
    add_text(article, "What it does", text.done);
    add_example(article);
    add_text(article, "What its outcome says", text.told);
    add_see(article, index_entry(article.slug).see);
    return article;
}

ArticleGroup stages() {
    ArticleGroup group{"Stages: what is probed, in this order", {}};
    for (const checks::StageText& text : checks::stage_texts()) {
        group.articles.push_back(stage_article(text));
    }
    return group;
}

// ---- follow-up tests ----

Article follow_up_article(const checks::FollowUpText& text) {
    Article article = indexed(slug(text.kind), "follow-up test");
    add_text(article, "What it does", text.done);
    add_example(article);
    add_text(article, "What it shows when it gets further than the ordinary probe", text.if_answered);
    add_text(article, "What it shows when it fails the same way", text.if_same);
    add_text(article, "What it shows when it fails and the ordinary probe passes", text.if_worse);
    add_text(
        article, "What else to know",
        "Any other result is inconclusive. A follow-up test never changes whether the target is healthy.");
    add_see(article, index_entry(article.slug).see);
    return article;
}

ArticleGroup follow_ups() {
    ArticleGroup group{"Follow-up tests: what tells causes apart after a failure", {}};
    for (const checks::FollowUpText& text : checks::follow_up_texts()) {
        group.articles.push_back(follow_up_article(text));
    }
    return group;
}

// ---- words ----

Article word_article(const WordGroup& group, const Word& word) {
    Article article{word.slug, group.what, word.line, word.planned, {}};
    add_text(article, means, word.meaning);
    add_lines(article, looks, word.example);
    add_text(article, differs, word.differs);
    add(article, {.heading = fix, .steps = word.steps});
    add_see(article, word.see);
    return article;
}

ArticleGroup word_group(const WordsOfGroup& words) {
    ArticleGroup group{words.group.heading, {}};
    for (const Word& word : words.words) {
        group.articles.push_back(word_article(words.group, word));
    }
    return group;
}

// ---- metrics ----

Article metric_article(const MetricText& text) {
    Article article{text.name, "metric", fmt::format("{}, {}", slug(text.type), text.unit), text.planned, {}};
    add_text(article, means, text.help);
    add_text(article, "Labels", text.labels.empty() ? "none" : text.labels);
    add_lines(article, looks, text.sample);
    add_text(article, "What to alert on", text.alert);
    add_see(article, text.see);
    return article;
}

ArticleGroup metrics(std::string_view heading, bool planned) {
    ArticleGroup group{heading, {}};
    for (const MetricText& text : metric_texts()) {
        if (text.planned.empty() != planned) {
            group.articles.push_back(metric_article(text));
        }
    }
    return group;
}

}  // namespace

std::vector<ArticleGroup> article_groups() {
    std::vector<ArticleGroup> all{outcomes(), causes(), stages(), follow_ups()};
    for (const WordsOfGroup& words : word_groups()) {
        all.push_back(word_group(words));
    }
    all.push_back(metrics("Metrics: type and unit", false));
    if (ArticleGroup planned = metrics("Metrics that this version does not have", true);
        !planned.articles.empty()) {
        all.push_back(std::move(planned));
    }
    return all;
}

}  // namespace whylink::daemon
