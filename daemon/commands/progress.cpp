#include "daemon/commands/progress.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/report/human/terminal.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

// Back to the first column, and away with what is there (ECMA-48 EL).
constexpr std::string_view clear_line = "\r\x1b[K";

auto whole_seconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

std::string waiting_text(const WaitingFor& waiting, std::chrono::steady_clock::time_point now) {
    const auto waited =
        std::clamp<std::chrono::nanoseconds>(now - waiting.since, std::chrono::nanoseconds(0), waiting.limit);
    return fmt::format("{}: {}, {} of {:g} s", waiting.where, waiting.lacks, whole_seconds(waited),
                       std::chrono::duration<double>(waiting.limit).count());
}

/// What does not fit would begin a second line, which is not erased.
std::string one_line(std::string text, const HumanStyle& style) {
    text = style.utf8 ? printable(text) : to_ascii(printable(text));
    while (display_width(text) >= style.width) {
        while ((static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) {
            text.pop_back();
        }
        text.pop_back();
    }
    return text;
}

}  // namespace

std::string progress_text(const Progress& progress, std::chrono::steady_clock::time_point now) {
    const std::string waiting = progress.waiting ? waiting_text(*progress.waiting, now) : "";
    if (progress.total == 1 && !waiting.empty()) {
        return waiting;
    }
    return fmt::format("{} of {} done, {} s{}{}", progress.done, progress.total,
                       whole_seconds(progress.elapsed), waiting.empty() ? "" : "; ", waiting);
}

ProgressLine::ProgressLine(int fd) : fd_(fd), terminal_(can_redraw(fd)) {}

ProgressLine::~ProgressLine() {
    erase();
}

void ProgressLine::show(const Progress& progress) {
    if (!terminal_ || progress.elapsed < std::chrono::seconds(1)) {
        return;
    }
    shown_ = true;
    const std::string text = one_line(progress_text(progress), style_for(fd_));
    static_cast<void>(write_all(fd_, fmt::format("{}{}", clear_line, text)));
}

void ProgressLine::erase() {
    if (shown_) {
        static_cast<void>(write_all(fd_, clear_line));
    }
    shown_ = false;
}

}  // namespace whylink::daemon
