// The line on standard error that says how far a long check has come.
#pragma once

#include "daemon/commands/check.hpp"

namespace whylink::daemon {

/// Shows "12 of 43 done, 8 s" on a terminal once a check takes longer than a second, and erases it at the
/// end. Does nothing when `fd` is no terminal.
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
