#include "daemon/report/human/terminal.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace whylink::daemon {
namespace {

constexpr std::size_t narrowest = 60;
// Beyond this the eye loses the line.
constexpr std::size_t widest = 140;

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : value;
}

ColorEnvironment color_environment() {
    return {environment("NO_COLOR"), environment("CLICOLOR_FORCE"), environment("TERM")};
}

}  // namespace

bool wants_color(ColorChoice choice, bool is_terminal, const ColorEnvironment& environment) {
    if (choice != ColorChoice::automatic) {
        return choice == ColorChoice::always;
    }
    if (!environment.no_color.empty() || environment.term == "dumb") {
        return false;
    }
    const bool forced = !environment.clicolor_force.empty() && environment.clicolor_force != "0";
    return forced || is_terminal;
}

bool is_terminal(int fd) {
    return isatty(fd) == 1;
}

bool can_redraw(int fd) {
    return is_terminal(fd) && environment("TERM") != "dumb";
}

HumanStyle style_for(int fd, ColorChoice color) {
    HumanStyle style;
    style.utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    style.colour = wants_color(color, is_terminal(fd), color_environment());
    if (!is_terminal(fd)) {
        return style;
    }
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        style.width = std::clamp<std::size_t>(size.ws_col, narrowest, widest);
    }
    return style;
}

}  // namespace whylink::daemon
