// Who waits for a reload, and for which.
#pragma once

#include <functional>
#include <vector>

#include "daemon/http/routes.hpp"

namespace whylink::daemon {

/// One reload at a time. Whoever asks while one is under way gets the next: what is being read now may be
/// older than what was asked for. However many ask, one more is enough.
class ReloadQueue {
  public:
    using Answer = std::function<void(http::ReloadResult)>;

    /// `begin` starts a reload that ends with a call of done().
    explicit ReloadQueue(std::function<void()> begin);

    void ask(Answer answer);
    /// The reload that was under way has ended so. Answers its askers, and begins the next if there is one.
    void done(const http::ReloadResult& result);
    bool under_way() const { return under_way_; }

  private:
    std::function<void()> begin_;
    bool under_way_ = false;
    std::vector<Answer> answered_by_this_;
    std::vector<Answer> answered_by_next_;
};

}  // namespace whylink::daemon
