// What stands in front of a target, a stage or a test: how it went, in a mark and a colour.
#pragma once

#include <cstdint>

#include "checks/judge.hpp"
#include "daemon/report/human/canvas.hpp"

namespace whylink::daemon {

/// Worst first.
enum class Mark : std::uint8_t {
    bad,      ///< what makes the exit status 1
    unknown,  ///< it could not be found out
    warning,
    good,
    aside,  ///< decides nothing
};

/// Of a target: `bad` and `unknown` are what is not healthy, whatever the severity.
Mark mark_of(const checks::Verdict& verdict);
Mark mark_of(const checks::JudgedProbe& probe);

Ink ink_of(Mark mark);
/// With the space behind it; as wide for each mark.
Painted painted(const Canvas& canvas, Mark mark);

}  // namespace whylink::daemon
