// What rounds wait for just now, for whoever watches them: `check` says it on the terminal.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace whylink::daemon {

struct WaitingFor {
    std::string where;       ///< "TCP 10.0.0.11"
    std::string_view lacks;  ///< "no SYN-ACK"; of static storage
    std::chrono::milliseconds limit{};
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
};

/// The longest wait first. Used on the event loop's thread alone.
using WaitList = std::list<WaitingFor>;

/// Stands in the list as long as it lives. Without a list it does nothing.
class Wait {
  public:
    Wait(std::shared_ptr<WaitList> list, std::string_view stage, std::string_view where,
         std::string_view lacks, std::chrono::milliseconds limit)
        : list_(std::move(list)) {
        if (list_) {
            at_ = list_->insert(list_->end(), {std::string(stage).append(" ").append(where), lacks, limit});
        }
    }
    ~Wait() {
        if (list_) {
            list_->erase(at_);
        }
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

    /// What came was waited for, and something else is now.
    void next(std::string_view lacks, std::chrono::milliseconds limit) {
        if (list_) {
            *at_ = {std::move(at_->where), lacks, limit};
            list_->splice(list_->end(), *list_, at_);
        }
    }

  private:
    std::shared_ptr<WaitList> list_;
    WaitList::iterator at_;
};

}  // namespace whylink::daemon
