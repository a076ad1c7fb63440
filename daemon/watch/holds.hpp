// Connections that are held idle beside the rounds (`hold`), each endpoint's on an interval of its own.
#pragma once

#include <asio/cancellation_signal.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "config/config.hpp"
#include "daemon/round/hold.hpp"
#include "daemon/watch/schedule.hpp"

namespace whylink::daemon {

/// The first of an endpoint comes half an interval to one and a half after it was added, at a place that
/// depends on its name: never all of them at once, and none before its first round. Of the event loop.
class Holds {
  public:
    using Id = Schedule::Id;
    using Clock = Schedule::Clock;
    /// Connections that are held at once; what is due beyond them waits.
    static constexpr unsigned most = 100;

    struct Host {
        /// An address of the endpoint that works now; with none it is left out this time.
        std::function<std::optional<IpAddress>(Id)> address;
        /// What came of one that was begun at `begun`.
        std::function<void(Id, probes::HeldConnection, Clock::time_point begun)> held;
        /// One ended by an exception: a defect of ours.
        std::function<void(Id, const std::exception_ptr&)> broke;
    };

    Holds(asio::io_context& loop, Host host);
    Holds(const Holds&) = delete;
    Holds& operator=(const Holds&) = delete;

    /// What connections are made with from now on.
    void use(std::shared_ptr<RoundContext> context) { context_ = std::move(context); }
    /// Holds a connection of this target instead of the one before; of no endpoint, or one without `hold`, none.
    void set(Id id, config::TargetPtr target);
    /// The connection that is held is given up.
    void remove(Id id);

  private:
    struct Entry {
        config::TargetPtr target;   ///< an endpoint; null: none is held
        std::uint32_t version = 0;  ///< counts up when what is under way is given up
        /// The schedule's first start comes at once, before the first round: it is left out.
        bool first = true;
        std::shared_ptr<asio::cancellation_signal> under_way;
    };

    void start_due();
    void start(Id id);
    void ended(Id id, std::uint32_t version, Clock::time_point begun, const std::exception_ptr& thrown,
               std::unique_ptr<probes::HeldConnection> held);

    asio::io_context& loop_;
    Host host_;
    asio::steady_timer wake_;
    Schedule schedule_{most, std::random_device{}()};
    std::shared_ptr<RoundContext> context_;
    std::vector<Entry> entries_;  ///< by id
};

}  // namespace whylink::daemon
