#include "daemon/system/standard_streams.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "config/outside_text.hpp"
#include "config/userinfo.hpp"
#include "daemon/report/report.hpp"

namespace whylink::daemon {

int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            // The other side of a pipe or terminal may have made it non-blocking for both.
            pollfd waiting{fd, POLLOUT, 0};
            static_cast<void>(poll(&waiting, 1, -1));
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

int print(std::string_view text, int status) {
    const int error = write_all(STDOUT_FILENO, text);
    if (error == 0) {
        return status;
    }
    complain("cannot write to standard output: " + std::generic_category().message(error));
    return exit_unknown;
}

void complain(std::string_view sentence) {
    const std::string hidden = config::hide_userinfo_in(sentence);
    std::string_view message = hidden;
    std::string text;
    while (!message.empty()) {
        const std::size_t end = std::min(message.find('\n'), message.size());
        text += "whylink: ";
        text += outside_text(message.substr(0, end), max_line);
        text += '\n';
        message.remove_prefix(std::min(end + 1, message.size()));
    }
    // There is nobody left to tell when standard error cannot be written.
    static_cast<void>(write_all(STDERR_FILENO, text));
}

}  // namespace whylink::daemon
