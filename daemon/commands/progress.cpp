#include "daemon/commands/progress.hpp"

#include <fmt/format.h>

#include <string>

#include "daemon/report/human/terminal.hpp"
#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

// Back to the first column, and away with what is there (ECMA-48 EL).
constexpr std::string_view clear_line = "\r\x1b[K";

auto whole_seconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace

ProgressLine::ProgressLine(int fd) : fd_(fd), terminal_(is_terminal(fd)) {}

ProgressLine::~ProgressLine() {
    erase();
}

void ProgressLine::show(const Progress& progress) {
    if (!terminal_ || progress.elapsed < std::chrono::seconds(1)) {
        return;
    }
    shown_ = true;
    const std::string text =
        progress.holding.count() > 0
            ? fmt::format("a connection is held idle for {} s, {} s have passed",
                          whole_seconds(progress.holding), whole_seconds(progress.elapsed))
            : fmt::format("{} of {} done, {} s", progress.done, progress.total,
                          whole_seconds(progress.elapsed));
    static_cast<void>(write_all(fd_, fmt::format("{}{}", clear_line, text)));
}

void ProgressLine::erase() {
    if (shown_) {
        static_cast<void>(write_all(fd_, clear_line));
    }
    shown_ = false;
}

}  // namespace whylink::daemon
