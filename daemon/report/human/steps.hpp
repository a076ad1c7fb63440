// What to do, in numbered steps.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/report/human/canvas.hpp"

namespace whylink::daemon {

/// A piece of a step: words, or a command that has a line of its own, so that it can be copied.
struct StepPart {
    std::string text;
    bool command = false;
};

/// A command is what stands between backticks. It stays among the words where the whole step fits into `room` columns,
/// or where it is short.
std::vector<StepPart> step_parts(std::string_view step, std::size_t room);

/// Its first sentence, or what leads to its first command with it: what is left out explains.
std::string first_action(std::string_view step);

/// " 1. Do this:", and its commands beneath, which are not broken.
void write_step(Canvas& canvas, std::size_t number, std::string_view step);

}  // namespace whylink::daemon
