// What is said of each stage, and of the connections that are held idle: stages.toml.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace whylink::checks {

struct StageText {
    std::string_view slug;  ///< of probes::Stage, or probes::hold_slug
    std::string done;       ///< what its probe does
    std::string told;       ///< what its outcome says
};

/// In the order of the stages, the hold last. Read when first asked for.
std::span<const StageText> stage_texts();

}  // namespace whylink::checks
