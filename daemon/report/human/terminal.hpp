// What the standard streams are connected to.
#pragma once

#include <cstddef>

namespace whylink::daemon {

/// How a report for people is laid out.
struct HumanStyle {
    std::size_t width = 100;  ///< columns, at least 60
    bool colour = false;
    bool utf8 = true;
    bool verbose = false;  ///< packets, all tests, all steps and all evidence too
};

/// Colour only on a terminal that is not "dumb", and not when NO_COLOR is set and not empty (no-color.org).
/// The width is the terminal's, 100 elsewhere. UTF-8 as the locale says; setlocale(LC_CTYPE, "") must have
/// been called.
HumanStyle style_for(int fd);

bool is_terminal(int fd);

}  // namespace whylink::daemon
