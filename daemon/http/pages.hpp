// Pages that take long to render: once for each snapshot, however many ask, beside the loop.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/http/message.hpp"
#include "daemon/system/worker.hpp"
#include "daemon/watch/snapshot.hpp"

namespace whylink::daemon::http {

class Pages {
  public:
    /// `worker` must outlive it.
    explicit Pages(Worker& worker) : worker_(worker) {}
    Pages(const Pages&) = delete;
    Pages& operator=(const Pages&) = delete;

    /// Answers with what `render` makes of the snapshot. `form` is all else that the page depends on: who asks for the
    /// same form of the same snapshot gets the same text. Any thread; the answer comes from the worker's.
    void give(const std::string& form, const SnapshotPtr& snapshot, std::function<Response()> render,
              Respond respond);

  private:
    struct Page;
    std::shared_ptr<Page> find(const std::string& form, const SnapshotPtr& snapshot);
    void remember(const std::shared_ptr<Page>& page);

    Worker& worker_;
    std::mutex mutex_;
    std::vector<std::shared_ptr<Page>> pages_;  ///< the newest last
};

}  // namespace whylink::daemon::http
