// The daemon's log: text or JSON on standard error, written by a thread of its own, so that a reader that
// stalls never holds the event loop up.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "config/config.hpp"
#include "daemon/log/record.hpp"

namespace whylink::daemon {

class Log {
  public:
    /// Under the journal (sd-daemon(3); JOURNAL_STREAM names `fd`) each line of text begins with its priority
    /// `<N>` and without a time, which the journal has. `fd` stays the caller's. With the path of the journal's socket the
    /// lines go there instead, with fields to select by, as long as it takes them.
    Log(config::LogFormat format, config::LogLevel level, int fd, const std::string& journal_path = {});
    /// Writes what is left, as far as the reader takes it within half a second.
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    /// Never blocks; the oldest record that waits is lost when too many do. Any thread.
    void write(const Record& record);
    /// After a reload.
    void configure(config::LogFormat format, config::LogLevel level);
    /// Records lost because the reader was too slow.
    std::uint64_t dropped() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Whether what is written there ends up in systemd's journal (systemd.exec(5), JOURNAL_STREAM: "dev:inode" of
/// the stream when it is connected to the journal). A descriptor that was redirected since has other numbers.
bool read_by_journal(int fd);

}  // namespace whylink::daemon
