#include "daemon/control/one_shot.hpp"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "daemon/control/choice.hpp"
#include "daemon/control/subject.hpp"

namespace whylink::daemon {
namespace {

using Clock = std::chrono::steady_clock;

/// The reader answers one request of an account after the other, so none may hold up the last one for longer.
constexpr std::chrono::milliseconds slice{2000};
/// So that its answer, with what was read until then, is here before the deadline.
constexpr std::chrono::milliseconds final_timeout{1600};

control::Time wall_now() {
    return std::chrono::floor<std::chrono::milliseconds>(control::WallClock::now());
}

/// It had no time at all, or no reader.
bool is_nothing(const control::Readings& readings) {
    return readings.facts == control::Facts() &&
           std::ranges::none_of(readings.reads, [](const control::Read& read) {
               return read.result == control::Result::ok || read.result == control::Result::not_found;
           });
}

}  // namespace

OneShotReading::OneShotReading(asio::io_context& loop, AccountOptions options)
    : loop_(loop),
      options_(std::move(options)),
      client_(loop.get_executor(), options_.client),
      deadline_(loop),
      begun_(wall_now()) {
    for (const config::Account& account : options_.accounts) {
        work_.push_back({.account = account});
    }
}

bool OneShotReading::uses(const config::Account& account, const config::Target& target) const {
    return options_.for_every_target || fits(account, target, options_.cloud);
}

void OneShotReading::begin(const std::vector<config::TargetPtr>& targets) {
    if (options_.where) {
        ++open_;
        asio::co_spawn(loop_, read_where(), asio::detached);
    }
    for (std::size_t i = 0; i < work_.size(); ++i) {
        for (const config::TargetPtr& target : targets) {
            if (uses(work_[i].account, *target)) {
                work_[i].first.push_back(subject_of(*target, nullptr));
            }
        }
        if (!work_[i].first.empty()) {
            asio::co_spawn(loop_, read_beside(i), asio::detached);
        }
    }
}

/// What is not read in one slice is read in the next: the reader remembers what it has.
asio::awaitable<void> OneShotReading::read_beside(std::size_t index) {
    bool had_no_time = true;
    while (!rounds_ended_ && had_no_time) {
        const auto begun = Clock::now();
        co_await ask(index, work_[index].first, slice);
        had_no_time = Clock::now() - begun >= slice;
    }
    work_[index].first_is_complete = !had_no_time;
}

asio::awaitable<void> OneShotReading::read_finally(std::size_t index) {
    co_await ask(index, work_[index].subjects, final_timeout);
    work_[index].is_complete = true;
    ended_one();
}

asio::awaitable<void> OneShotReading::read_where() {
    control::WhereRequest request;
    request.cloud = options_.cloud == config::Cloud::other ? std::nullopt : options_.cloud;
    const auto answered = co_await client_.ask(std::move(request));
    const auto* whole = std::get_if<control::Answer>(&answered);
    const auto* answer = whole == nullptr ? nullptr : std::get_if<control::ReadAnswer>(whole);
    if (answer != nullptr && !answer->readings.facts.instances.empty()) {
        book_.put(answer->readings.facts.instances.front());
    }
    ended_one();
}

asio::awaitable<void> OneShotReading::ask(std::size_t index, std::vector<control::Subject> subjects,
                                          std::chrono::milliseconds timeout) {
    control::ReadRequest request;
    request.account = work_[index].account;
    request.subjects = std::move(subjects);
    request.not_before = begun_;
    request.timeout_ms = static_cast<std::uint32_t>(timeout.count());
    auto answered = co_await client_.ask(std::move(request));
    take(work_[index], std::move(answered));
}

void OneShotReading::take(Work& work, std::variant<control::Answer, NoReader> answered) {
    control::Readings readings;
    auto* whole = std::get_if<control::Answer>(&answered);
    if (auto* answer = whole == nullptr ? nullptr : std::get_if<control::ReadAnswer>(whole)) {
        readings = std::move(answer->readings);
    } else {
        const auto* missing = std::get_if<NoReader>(&answered);
        readings.reads.push_back(not_read(
            work.account.name,
            missing == nullptr ? "the account reader gave an answer of another kind" : missing->reason,
            wall_now()));
    }
    if (!work.readings || !is_nothing(readings)) {
        work.readings = std::move(readings);
    } else if (is_nothing(*work.readings)) {
        work.readings->reads = std::move(readings.reads);
    } else {
        // Of before, and that there was no more.
        std::ranges::move(readings.reads, std::back_inserter(work.readings->reads));
    }
}

void OneShotReading::ended_one() {
    if (--open_ == 0) {
        deadline_.cancel();
    }
}

asio::awaitable<void> OneShotReading::finish(std::vector<CheckedTarget> targets) {
    rounds_ended_ = true;
    for (std::size_t i = 0; i < work_.size(); ++i) {
        Work& work = work_[i];
        for (const CheckedTarget& seen : targets) {
            if (uses(work.account, *seen.target)) {
                work.subjects.push_back(seen.round == nullptr ? subject_of(*seen.target, nullptr)
                                                              : subject_of(*seen.target, *seen.round));
            }
        }
        work.is_complete = work.first_is_complete && work.subjects == work.first;
        if (!work.subjects.empty() && !work.is_complete) {
            ++open_;
            asio::co_spawn(loop_, read_finally(i), asio::detached);
        }
    }
    if (open_ > 0) {
        deadline_.expires_after(max_after_rounds);
        std::error_code cancelled;
        co_await deadline_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    conclude(targets);
}

void OneShotReading::conclude(const std::vector<CheckedTarget>& targets) {
    for (Work& work : work_) {
        if (work.subjects.empty()) {
            continue;
        }
        control::Readings readings = std::move(work.readings).value_or(control::Readings());
        if (!work.is_complete) {
            readings.reads.push_back(not_read(work.account.name, "not read in time", wall_now()));
        }
        book_.put(work.account.name, std::move(readings));
    }
    for (const CheckedTarget& seen : targets) {
        std::vector<std::string> accounts;
        for (const Work& work : work_) {
            if (uses(work.account, *seen.target)) {
                accounts.push_back(work.account.name);
            }
        }
        control::Subject subject =
            seen.round == nullptr ? subject_of(*seen.target, nullptr) : subject_of(*seen.target, *seen.round);
        TargetReadingsPtr readings = book_.of(subject, accounts);
        results_.push_back({std::move(subject), std::move(readings)});
    }
}

}  // namespace whylink::daemon
