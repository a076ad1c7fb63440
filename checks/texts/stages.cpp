#include "checks/texts/stages.hpp"

#include <algorithm>
#include <vector>

#include "checks/texts/files.hpp"
#include "checks/texts/read.hpp"
#include "probes/round.hpp"

namespace whylink::checks {
namespace {

std::vector<std::string_view> slugs() {
    std::vector<std::string_view> all(slugs_of<probes::Stage>.begin(), slugs_of<probes::Stage>.end());
    all.push_back(probes::hold_slug);
    return all;
}

std::vector<StageText> read_stages() {
    return read_texts(text_file("stages"), slugs(), [](std::string_view slug, TextTable& table) {
        return StageText{slug, table.text("done"), table.text("told")};
    });
}

}  // namespace

std::span<const StageText> stage_texts() {
    static const std::vector<StageText> texts = read_stages();
    return texts;
}

}  // namespace whylink::checks
