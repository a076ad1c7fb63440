// What systemd is told, by sd_notify(3); without systemd nothing happens, and neither when it does not
// listen: a daemon has nobody else to tell.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace whylink::daemon {

class ServiceManager {
  public:
    /// Reads NOTIFY_SOCKET and WATCHDOG_USEC (sd_watchdog_enabled(3)).
    ServiceManager();

    /// `status` as status() has it.
    void ready(const std::string& status) const;
    /// With MONOTONIC_USEC, as Type=notify-reload wants it; ready() ends it.
    void reloading() const;
    void stopping() const;
    /// One line for `systemctl status`: what would begin another assignment is escaped, and a long text cut.
    void status(const std::string& text) const;
    void feed_watchdog() const;
    /// How often the watchdog wants to be fed: half of its time-out, but 1 ms to 1 h; none when it is off.
    std::optional<std::chrono::microseconds> watchdog_period() const { return watchdog_period_; }

  private:
    std::optional<std::chrono::microseconds> watchdog_period_;
};

}  // namespace whylink::daemon
