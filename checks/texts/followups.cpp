#include "checks/texts/followups.hpp"

#include <vector>

#include "checks/texts/files.hpp"
#include "checks/texts/read.hpp"

namespace whylink::checks {

std::span<const ExperimentText> experiment_texts() {
    static const std::vector<ExperimentText> texts = read_texts<probes::FollowUp>(
        text_file("followups"), [](probes::FollowUp experiment, TextTable& table) {
            return ExperimentText{experiment, table.text("done"), table.text("if_answered"),
                                  table.optional_text("if_same")};
        });
    return texts;
}

const ExperimentText& text(probes::FollowUp experiment) {
    return experiment_texts()[static_cast<std::size_t>(experiment)];
}

}  // namespace whylink::checks
