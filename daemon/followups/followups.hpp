// The follow-up tests of a round: planned by the judgement, made here.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "checks/followups/plan.hpp"
#include "daemon/followups/memory.hpp"
#include "daemon/packets/measured.hpp"
#include "daemon/round/connection_stage.hpp"
#include "daemon/round/dns_stage.hpp"
#include "daemon/round/own_addresses.hpp"

namespace whylink::daemon {

/// What keeps the follow-up tests of all rounds together within bounds. One for each event loop.
struct FollowUpBudget {
    /// False while the daemon is behind its schedule: nothing is added then. Empty: never behind.
    std::function<bool()> on_time;
    unsigned under_way = 0;  ///< connections and queries
    unsigned max = 500;      ///< of these
    /// Of those for rounds that pass, which can wait a round: all targets are due at once when the daemon starts.
    unsigned max_routine = 16;
    std::uint64_t left_out =
        0;  ///< rounds whose follow-up tests were due and were not made for want of these
};

/// checks::plan_follow_ups(), but for tests.
using FollowUpPlanner = std::vector<checks::PlannedFollowUp> (*)(const config::Endpoint&,
                                                                 const checks::Assessment&,
                                                                 std::string_view random_label);

struct FollowUpRound {
    const config::Endpoint& endpoint;
    SystemFiles files;
    const TlsContextOrFault& tls;
    FollowUpBudget& budget;
    FollowUpMemory* memory = nullptr;  ///< null: a one-shot command, where they are always made
    /// The round's own end: nothing is begun that could outlast it.
    std::chrono::steady_clock::time_point until;
    FollowUpPlanner planner = checks::plan_follow_ups;
    const Capturing* capturing = nullptr;   ///< null: their packets are not kept
    OwnAddresses* own_addresses = nullptr;  ///< null: none are known
};

/// Assesses what the round has measured so far and, where that calls for follow-up tests that may be made, makes
/// them and adds them (and those that still stand) to `measured`, with their packets. They are made in two batches: what the
/// first shows may call for more. Of a round in which everything passes they are made seldom. What could not be made
/// for a fault of this host says nothing and is not there. Nothing: there is nothing to wait for, as in most rounds, which
/// then cost no coroutine. `measured`, and what `round` refers to, must outlive the coroutine.
std::optional<asio::awaitable<void>> follow_up(FollowUpRound round, Measured& measured);

}  // namespace whylink::daemon
