// What the standard streams are connected to.
#pragma once

#include <cstddef>
#include <string_view>

#include "config/vocabulary.hpp"

namespace whylink::daemon {

/// How a report for people is laid out.
struct HumanStyle {
    std::size_t width = 100;  ///< columns, at least 60
    bool colour = false;
    bool utf8 = true;
    bool verbose = false;  ///< packets, all tests, all steps and all evidence too
};

/// `--color`.
enum class ColorChoice { automatic, always, never };
consteval auto vocabulary(ColorChoice) {
    using enum ColorChoice;
    return terms<ColorChoice>({{automatic, "auto"}, {always, "always"}, {never, "never"}});
}

/// Of the environment, empty where they are not set.
struct ColorEnvironment {
    std::string_view no_color;
    std::string_view clicolor_force;
    std::string_view term;
};

/// The choice first; then NO_COLOR (no-color.org), a TERM that is "dumb", and CLICOLOR_FORCE
/// (bixense.com/clicolors); then whether it is a terminal.
bool wants_color(ColorChoice choice, bool is_terminal, const ColorEnvironment& environment);

/// Colour as wants_color() has it for this process. The width is the terminal's, 100 elsewhere. UTF-8 as the locale says; setlocale(LC_CTYPE, "") must have
/// been called.
HumanStyle style_for(int fd, ColorChoice color = ColorChoice::automatic);

bool is_terminal(int fd);

/// Whether what stands there can be erased again: a terminal that is not "dumb".
bool can_redraw(int fd);

}  // namespace whylink::daemon
