#include "daemon/commands/progress.hpp"

#include <fmt/format.h>

#include <string>

#include "daemon/output.hpp"
#include "daemon/report/terminal.hpp"

namespace whylink::daemon {
namespace {

// Back to the first column, and away with what is there (ECMA-48 EL).
constexpr std::string_view clear_line = "\r\x1b[K";

}  // namespace

ProgressLine::ProgressLine(int fd) : fd_(fd), terminal_(is_terminal(fd)) {}

ProgressLine::~ProgressLine() {
    erase();
}

void ProgressLine::show(const Progress& progress) {
    if (!terminal_ || progress.elapsed < std::chrono::seconds(1))
        return;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(progress.elapsed).count();
    shown_ = true;
    static_cast<void>(write_all(
        fd_, fmt::format("{}{} of {} done, {} s", clear_line, progress.done, progress.total, seconds)));
}

void ProgressLine::erase() {
    if (shown_)
        static_cast<void>(write_all(fd_, clear_line));
    shown_ = false;
}

}  // namespace whylink::daemon
