// The line on standard error that says how far a long check has come, and what it waits for.
#pragma once

#include <string>

#include "daemon/commands/check.hpp"

namespace whylink::daemon {

/// "TCP 10.0.0.11: no SYN-ACK, 3 of 5 s"; of several targets behind "12 of 43 done, 8 s; ".
std::string progress_text(const Progress& progress,
                          std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now());

/// Shows progress_text() in place on a terminal once a check takes longer than a second, and erases it at the end.
/// Does nothing when `fd` is no terminal, or one that cannot erase.
class ProgressLine {
  public:
    explicit ProgressLine(int fd);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const Progress& progress);
    void erase();

  private:
    int fd_;
    bool terminal_;
    bool shown_ = false;
};

}  // namespace whylink::daemon
