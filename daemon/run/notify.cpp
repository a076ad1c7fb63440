#include "daemon/run/notify.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "config/outside_text.hpp"

namespace whylink::daemon {
namespace {

// systemd drops a message of more than 4096 bytes as a whole, READY=1 included.
constexpr std::size_t max_status = 1024;

// Whatever WATCHDOG_USEC says: no more often than the loop can bear, and within what its clock can count.
constexpr std::uint64_t min_period_usec = 1'000;
constexpr std::uint64_t max_period_usec = 3'600'000'000;

// A failure to tell is nobody's to handle; 0 keeps the environment, for it is read at each call.
void tell(const std::string& state) {
    static_cast<void>(sd_notify(0, state.c_str()));
}

}  // namespace

ServiceManager::ServiceManager() {
    std::uint64_t timeout_usec = 0;
    if (sd_watchdog_enabled(0, &timeout_usec) > 0) {
        watchdog_period_ =
            std::chrono::microseconds(std::clamp(timeout_usec / 2, min_period_usec, max_period_usec));
    }
}

void ServiceManager::ready(const std::string& status) const {
    tell("READY=1\nSTATUS=" + outside_text(status, max_status));
}

void ServiceManager::reloading() const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();  // CLOCK_MONOTONIC
    const auto usec = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(usec));
}

void ServiceManager::stopping() const {
    tell("STOPPING=1");
}

void ServiceManager::status(const std::string& text) const {
    tell("STATUS=" + outside_text(text, max_status));
}

void ServiceManager::feed_watchdog() const {
    tell("WATCHDOG=1");
}

}  // namespace whylink::daemon
