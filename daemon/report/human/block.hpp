// What is wrong with a target, or with several that fail alike: the answer, what proves it, and what to do.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "daemon/report/human/canvas.hpp"
#include "daemon/report/human/fold.hpp"

namespace whylink::daemon {

using Now = std::optional<std::chrono::system_clock::time_point>;

/// At most `max_height` lines, as far as steps can be left out for it; the first never is. With -v nothing is left out.
void write_block(Canvas& canvas, const Group& group, Now now, std::size_t max_height);

}  // namespace whylink::daemon
