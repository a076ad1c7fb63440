#include "daemon/run/reload_queue.hpp"

#include <utility>

namespace whylink::daemon {

ReloadQueue::ReloadQueue(std::function<void()> begin) : begin_(std::move(begin)) {}

void ReloadQueue::ask(Answer answer) {
    if (under_way_) {
        answered_by_next_.push_back(std::move(answer));
        return;
    }
    answered_by_this_.push_back(std::move(answer));
    under_way_ = true;
    begin_();
}

void ReloadQueue::done(const http::ReloadResult& result) {
    // Still under way: who asks again from within an answer is for the next.
    for (const Answer& answer : std::exchange(answered_by_this_, {})) {
        answer(result);
    }
    answered_by_this_ = std::exchange(answered_by_next_, {});
    under_way_ = !answered_by_this_.empty();
    if (under_way_) {
        begin_();
    }
}

}  // namespace whylink::daemon
