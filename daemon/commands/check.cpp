#include "daemon/commands/check.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <csignal>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "checks/surroundings/accounts.hpp"
#include "checks/surroundings/siblings.hpp"
#include "daemon/round/hold.hpp"
#include "daemon/round/round.hpp"
#include "daemon/run/process.hpp"
#include "daemon/system/call_later.hpp"
#include "probes/gather.hpp"

namespace whylink::daemon {
namespace {

constexpr auto progress_period = std::chrono::milliseconds(200);

using Targets = std::vector<config::TargetPtr>;

/// The rounds of all targets; watches come last.
class Rounds {
  public:
    Rounds(const Targets& targets, const CheckOptions& options, PacketService* packets)
        : targets_(targets),
          context_{tls_,
                   options.files,
                   packets,
                   std::make_shared<FollowUpBudget>(),
                   options.proxies,
                   options.host.cloud,
                   options.names_from},
          results_(targets.size()),
          probed_(targets.size() - config::all_of_kind<config::Watch>(targets).size()),
          workers_(std::min<std::size_t>(probed_, std::max(options.max_concurrent, 1U))),
          hold_(options.hold) {
        if (options.on_progress) {
            context_.waiting = std::make_shared<WaitList>();
        }
    }

    /// Each worker takes the next target until none is left, so that no more than so many are under way.
    asio::awaitable<void> run() {
        std::vector<asio::awaitable<void>> workers;
        for (std::size_t i = 0; i < workers_; ++i) {
            workers.push_back(work());
        }
        // Each looks for as long as its window, and nothing else.
        for (std::size_t i = probed_; i < targets_.size(); ++i) {
            workers.push_back(run(i));
        }
        co_await probes::gather(std::move(workers));
    }

    std::size_t done() const { return done_; }
    std::optional<WaitingFor> waiting() const {
        const WaitList* list = context_.waiting.get();
        return list == nullptr || list->empty() ? std::nullopt : std::optional(list->front());
    }
    std::size_t total() const { return results_.size(); }
    /// What is seen of each; the rounds have ended.
    std::vector<CheckedTarget> seen() const {
        std::vector<CheckedTarget> seen;
        for (std::size_t i = 0; i < results_.size(); ++i) {
            seen.push_back(
                {results_[i].target == nullptr ? targets_[i] : results_[i].target, &results_[i].round});
        }
        return seen;
    }
    std::vector<Measured> take() { return std::move(results_); }

  private:
    asio::awaitable<void> work() {
        while (next_ < probed_) {
            co_await run(next_++);
        }
    }

    asio::awaitable<void> run(std::size_t index) {
        const config::Target& target = *targets_[index];
        results_[index] = co_await run_round(target, context_);
        if (hold_ && target.endpoint() != nullptr && target.endpoint()->hold) {
            co_await hold(*target.endpoint(), results_[index]);
        }
        ++done_;
    }

    asio::awaitable<void> hold(const config::Endpoint& endpoint, Measured& measured) {
        const auto address = working_address(endpoint, measured.round);
        if (!address) {
            co_return;
        }
        const Wait wait(context_.waiting, "hold", address->to_string(), "the connection is kept idle",
                        *endpoint.hold);
        if (auto held = co_await hold_connection(endpoint, *address, context_)) {
            measured.round.holds.push_back(std::move(*held));
        }
    }

    const Targets& targets_;
    probes::TlsContexts tls_;
    RoundContext context_;
    std::vector<Measured> results_;
    std::size_t probed_;  ///< all but the watches
    std::size_t workers_;
    std::size_t next_ = 0;
    std::size_t done_ = 0;
    bool hold_;
};

/// Calls on_progress every period until cancelled.
class ProgressTimer {
  public:
    ProgressTimer(asio::io_context& loop, const Rounds& rounds, const CheckOptions& options)
        : timer_(loop), rounds_(rounds), options_(options) {
        if (options_.on_progress) {
            wait();
        }
    }
    void cancel() { timer_.cancel(); }

  private:
    void wait() {
        call_after(timer_, progress_period, [this] {
            options_.on_progress({rounds_.done(), rounds_.total(), std::chrono::steady_clock::now() - start_,
                                  rounds_.waiting()});
            wait();
        });
    }

    asio::steady_timer timer_;
    const Rounds& rounds_;
    const CheckOptions& options_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// What was measured, and what accounts say of each target.
struct Seen {
    std::vector<Measured> rounds;
    std::vector<TargetAccounts> accounts;  ///< empty: none was to be read
};

asio::awaitable<void> run_all(Rounds& rounds, OneShotReading& reading, const Targets& targets,
                              bool reads_accounts) {
    if (reads_accounts) {
        reading.begin(targets);
    }
    co_await rounds.run();
    if (reads_accounts) {
        co_await reading.finish(rounds.seen());
    }
}

/// Also says how packets were captured, or why not.
Seen measure(const Targets& targets, const CheckOptions& options, CheckResult& result) {
    asio::io_context loop(1);
    PacketService packets(loop, {{}, [](bool, const std::string&) {}});
    CaptureWish wish = capture_wish(targets, options.files);
    add_follow_up_ports(wish, targets);
    result.not_captured = packets.configure(options.capture, std::move(wish));
    Rounds rounds(targets, options, &packets);
    asio::signal_set signals(loop);
    if (options.on_signal) {
        signals.add(SIGINT);
        signals.add(SIGTERM);
        signals.async_wait([&options](const asio::error_code& error, int signal) {
            if (!error) {
                options.on_signal(signal);
            }
        });
    }
    ProgressTimer progress(loop, rounds, options);
    OneShotReading reading(loop, options.accounts);
    std::exception_ptr failure;
    asio::co_spawn(loop, run_all(rounds, reading, targets, !options.accounts.empty()),
                   [&](std::exception_ptr thrown) {
                       failure = std::move(thrown);
                       loop.stop();
                   });
    loop.run();
    progress.cancel();
    if (failure) {
        std::rethrow_exception(failure);
    }
    result.origin = packets.origin();
    result.report.host = {options.host, packets.up(), packets.fault(), reading.instance()};
    return {rounds.take(), reading.results()};
}

/// As the names of the rounds show them (config::ByName).
Targets named_targets(const Targets& targets, const std::vector<Measured>& rounds) {
    Targets named = targets;
    for (std::size_t i = 0; i < named.size(); ++i) {
        named[i] = rounds[i].target == nullptr ? named[i] : rounds[i].target;
    }
    return named;
}

/// What was said before `began` proves nothing about a failure that these rounds saw.
checks::Verdict judge_one(const config::Target& target, checks::Assessment shown,
                          const checks::SiblingsOf& others, const TargetAccounts* accounts,
                          checks::TimePoint began) {
    std::vector<const checks::Source*> surroundings{&others};
    std::optional<checks::AccountsOf> source;
    if (accounts != nullptr && accounts->readings != nullptr) {
        source.emplace(*accounts->readings->all, accounts->subject,
                       std::chrono::floor<std::chrono::milliseconds>(began));
        surroundings.push_back(&*source);
    }
    return checks::judge(target, std::move(shown), surroundings);
}

std::vector<ReportEntry> judge(const Targets& targets, Seen seen, checks::TimePoint began,
                               checks::TimePoint now) {
    constexpr checks::Siblings::Moment same_time{0};
    std::vector<checks::Assessment> shown;
    checks::Siblings siblings;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        shown.push_back(checks::assess(*targets[i], std::move(seen.rounds[i].round), now));
        if (targets[i]->watch() == nullptr) {
            siblings.put(static_cast<checks::Siblings::Id>(i), *targets[i], shown[i], same_time);
        }
    }
    std::vector<ReportEntry> entries;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const checks::SiblingsOf others(siblings, static_cast<checks::Siblings::Id>(i), same_time);
        const TargetAccounts* accounts = i < seen.accounts.size() ? &seen.accounts[i] : nullptr;
        entries.push_back({targets[i], std::make_shared<const checks::Verdict>(judge_one(
                                           *targets[i], std::move(shown[i]), others, accounts, began))});
        entries.back().readings = accounts == nullptr ? nullptr : accounts->readings;
    }
    return entries;
}

probes::KeptFrames all_frames(std::vector<Measured>& rounds) {
    probes::KeptFrames frames;
    for (Measured& round : rounds) {
        frames.merge(std::move(round.frames));
    }
    return frames;
}

}  // namespace

CheckResult run_check(const Targets& targets, const CheckOptions& options) {
    CheckResult result;
    Report& report = result.report;
    report.vantage_point = vantage_point();
    report.started_at = std::chrono::system_clock::now();
    const auto start = std::chrono::steady_clock::now();
    Seen seen = measure(targets, options, result);
    result.frames = all_frames(seen.rounds);
    // Before the rounds are handed on: the order of a call's arguments is nobody's to rely on.
    const Targets named = named_targets(targets, seen.rounds);
    report.entries = judge(named, std::move(seen), report.started_at, std::chrono::system_clock::now());
    report.duration = std::chrono::steady_clock::now() - start;
    return result;
}

}  // namespace whylink::daemon
