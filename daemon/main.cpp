#include <fcntl.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <exception>

#include "daemon/commands/cli.hpp"
#include "daemon/commands/commands.hpp"
#include "daemon/system/standard_streams.hpp"

namespace {

using namespace whylink::daemon;

/// A standard stream that the caller closed would be taken by the next socket, and the report would go to a
/// peer. What is opened in its place fails for output, so that the loss is noticed.
void occupy_standard_streams() {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        // open(2) gives the lowest descriptor that is free, which is this one.
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDONLY) == -1) {
            return;
        }
    }
}

int run_arguments(const std::vector<std::string>& arguments) {
    const auto parsed = parse_command_line(arguments);
    if (const auto* line = std::get_if<CommandLine>(&parsed)) {
        return run(*line);
    }
    const auto& early = std::get<EarlyExit>(parsed);
    if (!early.error.empty()) {
        complain(early.error);
    }
    return early.out.empty() ? early.status : print(early.out, early.status);
}

}  // namespace

int main(int argc, char** argv) {
    occupy_standard_streams();
    // A reader that goes away is an error of write(2), not the end of the program.
    std::signal(SIGPIPE, SIG_IGN);
    // The locale says only whether the terminal takes UTF-8; numbers stay as they are.
    std::setlocale(LC_CTYPE, "");
    try {
        return run_arguments({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        complain(error.what());
        return exit_unknown;
    }
}
