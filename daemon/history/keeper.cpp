#include "daemon/history/keeper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <future>
#include <utility>

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

/// Rounds alone may wait for so long; whatever else there is makes them go with it at once.
constexpr auto rounds_wait = 10s;
constexpr auto retry_period = 30s;
constexpr auto look_period = 2s;
/// Of the end: whoever stops a service waits no longer than a second in all.
constexpr auto last_write = 300ms;
/// One that is written, and the last one.
constexpr std::size_t max_jobs = 4;

HistoryLimits limits_of(const config::History& settings) {
    return {settings.max_age, settings.max_size};
}

/// Empty: it is on the disk.
std::string fault_of_write(HistoryStore& store, const HistoryBatch& batch) {
    try {
        store.write(batch, std::chrono::system_clock::now());
        return {};
    } catch (const std::exception& error) {
        return error.what();
    }
}

template <class Record>
std::size_t drop_oldest(std::vector<Record>& records, std::size_t most) {
    const std::size_t beyond = records.size() - std::min(records.size(), most);
    records.erase(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(beyond));
    return beyond;
}

}  // namespace

HistoryKeeper::HistoryKeeper(asio::io_context& loop, Hooks hooks) : loop_(loop), hooks_(std::move(hooks)) {}

HistoryKeeper::~HistoryKeeper() {
    *alive_ = false;
}

std::optional<HistoryStatus> HistoryKeeper::status() const {
    return store_ == nullptr ? std::nullopt : std::optional(status_);
}

void HistoryKeeper::start(const config::History& settings, const std::filesystem::path& directory) {
    directory_ = directory;
    limits_ = limits_of(settings);
    if (settings.enabled) {
        store_ = std::make_shared<HistoryStore>(directory_, limits_);
        try {
            tracker_.restore(store_->load());
        } catch (const std::exception& error) {
            say_fault(error.what());
            retry_at_ = Clock::now() + retry_period;
        }
        for (std::string& remark : store_->take_remarks()) {
            hooks_.say(false, std::move(remark));
        }
    }
    static_cast<void>(clock_.step());
    host_seen(traits_of_host(*firewall_));
}

void HistoryKeeper::configure(const config::History& settings, const Plan& plan,
                              std::span<const config::TargetPtr> before) {
    const auto at = std::chrono::system_clock::now();
    const auto now = Clock::now();
    std::vector<config::TargetPtr> targets;
    for (const PlannedTarget& planned : plan.targets) {
        targets.push_back(planned.what);
        if (planned.fate != Fate::kept) {
            const bool is_new = planned.fate == Fate::added;
            tracker_.configured(is_new ? nullptr : before[planned.before].get(), *planned.what, at, now);
        }
    }
    tracker_.keep_only(targets);
    if (!settings.enabled) {
        store_.reset();
        waiting_ = {};
        return;
    }
    if (writer_ == nullptr) {
        writer_ = std::make_unique<Worker>(max_jobs, "whylink-hist");
    }
    if (store_ == nullptr) {
        store_ = std::make_shared<HistoryStore>(directory_, limits_of(settings));
        status_ = {};
    } else if (limits_of(settings) != limits_) {
        writer_->post([store = store_, limits = limits_of(settings)] { store->set_limits(limits); });
    }
    limits_ = limits_of(settings);
}

TargetHistoryPtr HistoryKeeper::round_ended(const TargetStatus& status) {
    return tracker_.round_ended(status, Clock::now());
}

// ---- this host ----

void HistoryKeeper::look_at_host() {
    auto job = [this, alive = alive_, firewall = firewall_, &loop = loop_] {
        asio::post(loop, [this, alive, seen = traits_of_host(*firewall)] {
            if (*alive) {
                host_seen(seen);
            }
        });
    };
    looking_ = hooks_.beside(std::move(job));
}

void HistoryKeeper::host_seen(const Traits& seen) {
    looking_ = false;
    tracker_.host_seen(seen, std::chrono::system_clock::now(), Clock::now());
}

// ---- the disk ----

bool HistoryKeeper::due(Clock::time_point now) const {
    if (under_way_ != nullptr || waiting_.empty() || now < retry_at_) {
        return false;
    }
    return !waiting_.only_rounds() || now - written_at_ >= rounds_wait;
}

void HistoryKeeper::tick() {
    const auto now = Clock::now();
    if (const auto step = clock_.step(); step != 0s) {
        tracker_.clock_stepped(step, std::chrono::system_clock::now(), now);
    }
    if (!looking_ && now >= next_look_) {
        next_look_ = now + look_period;
        look_at_host();
    }
    HistoryBatch news = tracker_.take();
    if (store_ == nullptr) {
        return;
    }
    waiting_.append(std::move(news));
    trim();
    if (due(now)) {
        write(now);
    }
}

/// So that a disk that hangs costs memory that is bounded.
void HistoryKeeper::trim() {
    status_.dropped +=
        drop_oldest(waiting_.rounds, max_rounds) + drop_oldest(waiting_.changes, max_others) +
        drop_oldest(waiting_.traits, max_others) + drop_oldest(waiting_.standings, max_others) +
        drop_oldest(waiting_.outages, max_others) + drop_oldest(waiting_.evidence, max_others) +
        drop_oldest(waiting_.gone_evidence, max_others);
}

void HistoryKeeper::write(Clock::time_point now) {
    written_at_ = now;
    auto batch = std::make_shared<HistoryBatch>(std::exchange(waiting_, {}));
    auto job = [this, batch, store = store_, alive = alive_, &loop = loop_] {
        Written result{fault_of_write(*store, *batch), store->take_remarks(), store->take_dropped_evidence()};
        asio::post(loop, [this, batch, alive, result = std::move(result)]() mutable {
            if (*alive) {
                written(batch, std::move(result));
            }
        });
    };
    if (writer_->post(std::move(job))) {
        under_way_ = batch;
    } else {
        waiting_ = std::move(*batch);
    }
}

void HistoryKeeper::written(const std::shared_ptr<HistoryBatch>& batch, Written result) {
    under_way_.reset();
    for (const std::string& remark : result.remarks) {
        hooks_.say(false, remark);
    }
    if (hooks_.drop_evidence && !result.dropped_evidence.empty()) {
        hooks_.drop_evidence(std::move(result.dropped_evidence));
    }
    if (store_ == nullptr) {
        return;
    }
    if (!result.fault.empty()) {
        batch->append(std::exchange(waiting_, {}));
        waiting_ = std::move(*batch);
        trim();
        retry_at_ = Clock::now() + retry_period;
        say_fault(result.fault);
    } else if (!std::exchange(status_.up, true)) {
        hooks_.say(true, fmt::format("the history is written again to {}", store_->file().string()));
    }
}

/// Once, for as long as it lasts.
void HistoryKeeper::say_fault(const std::string& fault) {
    if (std::exchange(status_.up, false)) {
        hooks_.say(false,
                   fmt::format("the history is kept in memory only: {}: {}; whylink tries again every {} s",
                               store_->file().string(), fault, retry_period.count()));
    }
}

void HistoryKeeper::end() {
    if (store_ == nullptr || writer_ == nullptr || !status_.up) {
        return;
    }
    waiting_.append(tracker_.take());
    auto done = std::make_shared<std::promise<void>>();
    // Behind what is being written.
    auto job = [done, store = store_,
                batch = std::make_shared<const HistoryBatch>(std::exchange(waiting_, {}))] {
        static_cast<void>(fault_of_write(*store, *batch));
        done->set_value();
    };
    if (writer_->post(std::move(job))) {
        done->get_future().wait_for(last_write);
    }
}

}  // namespace whylink::daemon
