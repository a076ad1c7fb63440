#include "daemon/http/pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace whylink::daemon::http {
namespace {

/// The forms that scrapers and people ask for; each page may have megabytes.
constexpr std::size_t max_pages = 4;
/// A larger page is for those who wait for it, and is not kept.
constexpr std::size_t max_kept = std::size_t{16} << 20;

Response with_shared_text(Response response) {
    response.page = std::make_shared<const std::string>(std::exchange(response.body, {}));
    return response;
}

Response rendered(const std::function<Response()>& render) {
    try {
        return with_shared_text(render());
    } catch (const std::exception& fault) {
        return plain(500, fmt::format("the answer could not be made: {}", fault.what()));
    }
}

Response busy() {
    Response response = plain(503, "too many requests wait for their answer");
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

}  // namespace

struct Pages::Page {
    std::string form;
    std::weak_ptr<const Snapshot> snapshot;  ///< what a page kept of a past reload must not keep
    std::mutex mutex;
    bool spent = false;                ///< rendered, and not kept
    std::optional<Response> response;  ///< once it is rendered
    std::vector<Respond> waiting;      ///< until then

    /// At once when it is rendered. False when it is not kept.
    bool answer(const Respond& respond) {
        std::unique_lock lock(mutex);
        if (spent) {
            return false;
        }
        if (!response) {
            waiting.push_back(respond);
            return true;
        }
        Response copy = *response;
        lock.unlock();
        respond(std::move(copy));
        return true;
    }
    void finish(const Response& made) {
        std::vector<Respond> all;
        {
            const std::lock_guard lock(mutex);
            spent = made.content().size() > max_kept;
            response = spent ? std::nullopt : std::optional(made);
            all.swap(waiting);
        }
        for (const Respond& respond : all) {
            respond(made);
        }
    }
};

std::shared_ptr<Pages::Page> Pages::find(const std::string& form, const SnapshotPtr& snapshot) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(pages_, [&](const std::shared_ptr<Page>& page) {
        return page->snapshot.lock() == snapshot && page->form == form;
    });
    return found == pages_.end() ? nullptr : *found;
}

/// Of a form only the newest is kept. One that is let go answers those who wait for it all the same.
void Pages::remember(const std::shared_ptr<Page>& page) {
    const std::lock_guard lock(mutex_);
    std::erase_if(pages_, [&page](const std::shared_ptr<Page>& other) { return other->form == page->form; });
    if (pages_.size() == max_pages) {
        pages_.erase(pages_.begin());
    }
    pages_.push_back(page);
}

void Pages::give(const std::string& form, const SnapshotPtr& snapshot, std::function<Response()> render,
                 Respond respond) {
    if (const auto same = find(form, snapshot); same && same->answer(respond)) {
        return;
    }
    const auto page = std::make_shared<Page>();
    page->form = form;
    page->snapshot = snapshot;
    page->waiting.push_back(std::move(respond));
    remember(page);
    if (worker_.post([page, render = std::move(render)] { page->finish(rendered(render)); })) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        std::erase(pages_, page);
    }
    page->finish(busy());
}

}  // namespace whylink::daemon::http
