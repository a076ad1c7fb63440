// What `whylink explain` says of each slug, collected from the texts, before it is laid out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace whylink::daemon {

/// One part of an article, behind a heading.
struct Section {
    std::string_view heading;
    std::string text = {};
    std::vector<std::string> lines = {};  ///< shown as they stand
    std::vector<std::string> steps = {};  ///< numbered
};

struct Article {
    std::string_view slug;  ///< valid as long as the program runs
    std::string_view what;  ///< what the slug names: "cause", "follow-up test"
    std::string line;       ///< in the list, and the title
    std::string planned;    ///< what this version does not do; empty: the slug is printed
    std::vector<Section> sections;
};

struct ArticleGroup {
    std::string_view heading;
    std::vector<Article> articles;
};

/// In the order of the list. A slug may stand in several groups.
std::vector<ArticleGroup> article_groups();

}  // namespace whylink::daemon
