// What a one-shot command reads of accounts: it begins with the rounds and ends at most 2 s after them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "config/account.hpp"
#include "config/cloud.hpp"
#include "config/config.hpp"
#include "daemon/control/client.hpp"
#include "daemon/control/readings.hpp"
#include "probes/round.hpp"

namespace whylink::daemon {

struct AccountOptions {
    std::vector<config::Account> accounts;  ///< empty: none is read
    bool for_every_target = false;          ///< they were named: whether they fit is not asked
    bool where = false;                     ///< the metadata service is asked where this host is
    std::optional<config::Cloud> cloud;     ///< that this host looks like
    /// The command's own reader has the user's credentials; that of the service is not asked.
    ControlClient::Options client{.socket = "", .program = find_reader()};

    bool empty() const { return accounts.empty() && !where; }
};

/// A target and its round, as far as that says where it is.
struct CheckedTarget {
    config::TargetPtr target;
    const probes::Round* round = nullptr;  ///< null: it has not ended
};

/// What accounts said of a target.
struct TargetAccounts {
    control::Subject subject;
    TargetReadingsPtr readings;  ///< null: no account fits
};

/// Of one event loop, which it must not outlive.
class OneShotReading {
  public:
    static constexpr std::chrono::milliseconds max_after_rounds{2000};

    OneShotReading(asio::io_context& loop, AccountOptions options);
    OneShotReading(const OneShotReading&) = delete;
    OneShotReading& operator=(const OneShotReading&) = delete;

    /// With the first round: reads what needs no address.
    void begin(const std::vector<config::TargetPtr>& targets);
    /// After the last one: reads what the rounds made known, and waits for it. What does not come in time is said among
    /// the reads.
    asio::awaitable<void> finish(std::vector<CheckedTarget> targets);

    /// One for each target of finish(), in their order.
    const std::vector<TargetAccounts>& results() const { return results_; }
    const std::optional<control::Instance>& instance() const { return book_.instance(); }

  private:
    struct Work {
        config::Account account;
        std::vector<control::Subject> first = {};  ///< as asked while the rounds ran
        std::vector<control::Subject> subjects = {};
        std::optional<control::Readings> readings = {};
        bool first_is_complete = false;  ///< it had all the time that it wanted
        bool is_complete = false;        ///< so had what finish() asked
    };

    bool uses(const config::Account& account, const config::Target& target) const;
    asio::awaitable<void> read_beside(std::size_t index);
    asio::awaitable<void> read_finally(std::size_t index);
    asio::awaitable<void> read_where();
    asio::awaitable<void> ask(std::size_t index, std::vector<control::Subject> subjects,
                              std::chrono::milliseconds timeout);
    void take(Work& work, std::variant<control::Answer, NoReader> answered);
    void ended_one();
    void conclude(const std::vector<CheckedTarget>& targets);

    asio::io_context& loop_;
    AccountOptions options_;
    ControlClient client_;
    asio::steady_timer deadline_;
    control::Time begun_;
    bool rounds_ended_ = false;
    std::size_t open_ = 0;  ///< that finish() waits for
    std::vector<Work> work_;
    ReadingsBook book_;
    std::vector<TargetAccounts> results_;
};

}  // namespace whylink::daemon
