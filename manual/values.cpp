#include "manual/values.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "config/config.hpp"
#include "config/profiles.hpp"
#include "daemon/commands/articles.hpp"

namespace whylink::manual {
namespace {

template <class Words>
std::vector<std::string> strings(const Words& words) {
    return {words.begin(), words.end()};
}

std::vector<std::string> profile_words() {
    std::vector<std::string> words = strings(config::profile_names());
    words.emplace_back("none");
    return words;
}

/// Everything that `explain` takes, each once.
std::vector<std::string> slugs() {
    std::set<std::string> all;
    for (const daemon::ArticleGroup& group : daemon::article_groups()) {
        for (const daemon::Article& article : group.articles) {
            all.emplace(article.slug);
        }
    }
    return strings(all);
}

/// Of the values that the options themselves do not know.
struct Row {
    std::string_view command;  ///< empty: any
    std::string_view value;    ///< as the help shows it, or the option's name; of an argument its name
    Offer offer;
    std::vector<std::string> (*words)() = nullptr;
};

constexpr std::array<Row, 14> rows{{
    {"", "FILE", Offer::files},
    {"", "PROFILE", Offer::words, profile_words},
    {"", "APP", Offer::words, [] { return strings(slugs_of<config::App>); }},
    {"", "v1|v2", Offer::words,
     [] {
         return std::vector<std::string>{"v1", "v2"};
     }},
    {"check", "NAME", Offer::targets},
    {"status", "NAME", Offer::targets},
    {"history", "NAME", Offer::targets},
    {"bundle", "NAME", Offer::targets},
    {"diagnose", "--account", Offer::accounts},
    {"account check", "NAME", Offer::accounts},
    {"profiles", "NAME", Offer::words, [] { return strings(config::profile_names()); }},
    {"explain", "SLUG", Offer::words, slugs},
    {"compare", "GOOD", Offer::files},
    {"compare", "BAD", Offer::files},
}};

}  // namespace

Values values_of(std::string_view command, const daemon::OptionDescription& option) {
    if (!option.words.empty()) {
        return {Offer::words, option.words};
    }
    const bool argument = !option.names.front().starts_with('-');
    const std::string& value = argument ? option.names.front() : option.value;
    const auto row = std::ranges::find_if(rows, [&](const Row& one) {
        const bool is_meant = one.value == value || one.value == option.names.front();
        return is_meant && (one.command.empty() || one.command == command);
    });
    if (row == rows.end()) {
        return {};
    }
    return {row->offer, row->words == nullptr ? std::vector<std::string>{} : row->words()};
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    std::string made;
    for (const std::string& word : words) {
        made += made.empty() ? "" : between;
        made += word;
    }
    return made;
}

}  // namespace whylink::manual
