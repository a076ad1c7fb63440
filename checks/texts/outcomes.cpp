#include "checks/texts/outcomes.hpp"

#include <vector>

#include "checks/texts/files.hpp"
#include "checks/texts/read.hpp"

namespace whylink::checks {

std::span<const OutcomeText> outcome_texts() {
    static const std::vector<OutcomeText> texts =
        read_texts<Outcome>(text_file("outcomes"), [](Outcome outcome, TextTable& table) {
            return OutcomeText{outcome, table.text("meaning"), table.text("told_apart")};
        });
    return texts;
}

const OutcomeText& text(Outcome outcome) {
    return outcome_texts()[static_cast<std::size_t>(outcome)];
}

}  // namespace whylink::checks
