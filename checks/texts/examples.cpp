#include "checks/texts/examples.hpp"

#include <algorithm>

#include "checks/table/outcome.hpp"
#include "checks/texts/files.hpp"
#include "checks/texts/read.hpp"
#include "config/cause.hpp"
#include "probes/round.hpp"

namespace whylink::checks {

std::vector<std::string_view> example_slugs() {
    std::vector<std::string_view> all;
    // Room for all from the start: where the vector grows, GCC 12 falsely sees the copy overflow.
    all.reserve(slugs_of<Outcome>.size() + slugs_of<Cause>.size() + slugs_of<probes::Stage>.size() + 1 +
                slugs_of<probes::FollowUp>.size());
    const auto add = [&all](const auto& slugs) { all.insert(all.end(), slugs.begin(), slugs.end()); };
    add(slugs_of<Outcome>);
    add(slugs_of<Cause>);
    add(slugs_of<probes::Stage>);
    all.push_back(probes::hold_slug);
    add(slugs_of<probes::FollowUp>);
    return all;
}

std::vector<Example> read_examples(const config::EmbeddedToml& file) {
    const config::Table root = parse_texts(file);
    const std::string place = std::string(file.name) + ".toml";
    TextTable table(place, root);
    std::vector<Example> all;
    for (const std::string_view slug : example_slugs()) {
        all.push_back({slug, table.list(slug)});
        if (all.back().lines.empty()) {
            refuse_text(place, "there is no example of " + std::string(slug));
        }
    }
    table.end();
    return all;
}

std::span<const Example> examples() {
    static const std::vector<Example> all = read_examples(text_file("examples"));
    return all;
}

const std::vector<std::string>& example(std::string_view slug) {
    return std::ranges::find(examples(), slug, &Example::slug)->lines;
}

}  // namespace whylink::checks
