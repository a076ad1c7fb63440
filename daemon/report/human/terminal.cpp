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

}  // namespace

bool is_terminal(int fd) {
    return isatty(fd) == 1;
}

HumanStyle style_for(int fd) {
    HumanStyle style;
    style.utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    if (!is_terminal(fd)) {
        return style;
    }
    style.colour = environment("NO_COLOR").empty() && environment("TERM") != "dumb";
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        style.width = std::clamp<std::size_t>(size.ws_col, narrowest, widest);
    }
    return style;
}

}  // namespace whylink::daemon
