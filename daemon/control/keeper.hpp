// Keeps what accounts say of the daemon's targets: asks the reader of accounts beside the rounds, and goes on without it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <asio/io_context.hpp>

#include "config/account.hpp"
#include "config/cloud.hpp"
#include "daemon/control/client.hpp"
#include "daemon/control/read_schedule.hpp"
#include "daemon/control/readings.hpp"
#include "daemon/control/status.hpp"

namespace whylink::daemon {

struct TargetStatus;

/// Of the event loop's thread. No round waits for it: what was read counts from a target's next round on, and a failure
/// that is new is read before the second round of `failure_threshold`.
class AccountKeeper {
  public:
    struct Host {
        /// The latest of every target. Statuses are not kept.
        std::function<std::span<const std::shared_ptr<const TargetStatus>>()> statuses;
        /// That the reader is not there, or is there again.
        std::function<void(bool good, std::string text)> say;
    };
    struct Options {
        ControlClient::Options client;
        ReadSchedule::Pace pace = {};
        std::chrono::milliseconds timeout{20'000};  ///< of a request
        std::optional<config::Cloud> cloud = {};    ///< that this host looks like
    };

    AccountKeeper(asio::io_context& loop, Options options, Host host);
    ~AccountKeeper();
    AccountKeeper(const AccountKeeper&) = delete;
    AccountKeeper& operator=(const AccountKeeper&) = delete;

    /// Of an account that stays what was read stays. `metadata`: the cloud's metadata service is asked too.
    void configure(const std::vector<config::Account>& accounts, bool metadata);
    /// Where it fails, and its accounts were not read since, they are read soon.
    void round_ended(const TargetStatus& status);
    /// Null: no account has answered about a target of this name.
    TargetReadingsPtr of(const std::string& name);
    const ControlStatus& status() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace whylink::daemon
