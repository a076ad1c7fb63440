// Tells whoever makes an answer that nobody waits for it any more.
#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace whylink::daemon::http {

/// Of one request. Any thread.
class Departure {
  public:
    /// Calls `tell` once when the client goes, at once when it has gone. Not at all once there was an answer.
    void when_gone(std::function<void()> tell) {
        {
            const std::lock_guard lock(mutex_);
            if (!gone_) {
                tell_ = std::move(tell);
                return;
            }
        }
        tell();
    }
    void gone() {
        std::function<void()> tell;
        {
            const std::lock_guard lock(mutex_);
            gone_ = true;
            tell = std::exchange(tell_, nullptr);
        }
        if (tell) {
            tell();
        }
    }

  private:
    std::mutex mutex_;
    bool gone_ = false;
    std::function<void()> tell_;
};

}  // namespace whylink::daemon::http
