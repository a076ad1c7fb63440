#include "checks/texts/followups.hpp"

#include <vector>

#include "checks/texts/files.hpp"
#include "checks/texts/read.hpp"

namespace whylink::checks {

std::span<const FollowUpText> follow_up_texts() {
    static const std::vector<FollowUpText> texts =
        read_texts<probes::FollowUp>(text_file("followups"), [](probes::FollowUp kind, TextTable& table) {
            return FollowUpText{kind, table.text("done"), table.text("if_answered"),
                                table.optional_text("if_same"), table.optional_text("if_worse")};
        });
    return texts;
}

const FollowUpText& text(probes::FollowUp kind) {
    return follow_up_texts()[static_cast<std::size_t>(kind)];
}

}  // namespace whylink::checks
