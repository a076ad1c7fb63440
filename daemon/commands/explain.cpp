#include "daemon/commands/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "daemon/commands/articles.hpp"
#include "daemon/report/human/canvas.hpp"

namespace whylink::daemon {
namespace {

void write_section(Canvas& canvas, const Section& section) {
    canvas.heading(section.heading);
    if (!section.text.empty()) {
        canvas.hang(spaces(2), section.text);
    }
    // A line of a capture or a command is to be read and copied as it is.
    for (const std::string& line : section.lines) {
        canvas.line(spaces(4) + canvas.paint(line));
    }
    canvas.steps(section.steps, 2);
}

void write_article(Canvas& canvas, const Article& article) {
    const Painted slug = canvas.paint(article.slug, Ink::bold);
    canvas.hang(slug + canvas.paint(fmt::format(" ({}): ", article.what), Ink::dim), article.line);
    if (!article.planned.empty()) {
        canvas.line();
        canvas.hang(spaces(2), fmt::format("Not built in this version: {}.", article.planned));
    }
    for (const Section& section : article.sections) {
        write_section(canvas, section);
    }
}

void write_list(Canvas& canvas, const ArticleGroup& group) {
    std::size_t column = 0;
    for (const Article& article : group.articles) {
        column = std::max(column, article.slug.size());
    }
    for (const Article& article : group.articles) {
        canvas.hang(spaces(2) + canvas.cell(article.slug, column, Ink::bold) + spaces(2), article.line);
    }
}

}  // namespace

std::string explain_all(const HumanStyle& style) {
    Canvas canvas(style);
    canvas.line(canvas.paint("whylink explain SLUG says what it means and what to do."));
    for (const ArticleGroup& group : article_groups()) {
        canvas.heading(group.heading);
        write_list(canvas, group);
    }
    return canvas.take();
}

std::optional<std::string> explain(std::string_view slug, const HumanStyle& style) {
    Canvas canvas(style);
    bool found = false;
    for (const ArticleGroup& group : article_groups()) {
        const auto article = std::ranges::find(group.articles, slug, &Article::slug);
        if (article == group.articles.end()) {
            continue;
        }
        if (found) {
            canvas.line();
        }
        write_article(canvas, *article);
        found = true;
    }
    return found ? std::optional(canvas.take()) : std::nullopt;
}

std::vector<std::string_view> explained_slugs() {
    std::vector<std::string_view> all;
    for (const ArticleGroup& group : article_groups()) {
        std::ranges::transform(group.articles, std::back_inserter(all), &Article::slug);
    }
    return all;
}

}  // namespace whylink::daemon
