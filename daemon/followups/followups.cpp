#include "daemon/followups/followups.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <set>
#include <utility>

#include "checks/followups/results.hpp"
#include "checks/judge.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/stage.hpp"
#include "checks/table/outcome.hpp"
#include "daemon/followups/making.hpp"
#include "daemon/round/host_evidence.hpp"
#include "probes/dns/zone_names.hpp"
#include "probes/gather.hpp"

namespace whylink::daemon {
namespace {

using checks::PlannedFollowUp;
using probes::Observation;

enum class Look { passes, unknown, fails };

/// What one look at each probe says of the round, which is all that most rounds need.
Look look_at(const config::Endpoint& endpoint, const std::vector<Observation>& probes) {
    checks::Expectation expectation = checks::expectation_of(endpoint);
    expectation.now = probes::WallClock::now();
    Look look = Look::passes;
    for (const Observation& observation : probes) {
        if (observation.local) {
            look = Look::unknown;
            continue;
        }
        const checks::Classification seen = checks::classify(observation, expectation);
        if (seen.counts && !checks::passes(seen.outcome)) {
            return Look::fails;
        }
    }
    // Whether the public name is right depends on what the private one answers.
    return !endpoint.public_host.empty() ? Look::fails : look;
}

/// Of a round that passes: what calls for a follow-up test at once, however seldom others are made. A SYN that was sent
/// again is one, a slow lookup, and where an application sends its clients next.
bool calls_for_more(const Observation& observation) {
    const auto* app = get_if<probes::AppFacts>(&observation.facts);
    if (app != nullptr && !app->referrals.empty()) {
        return true;
    }
    const auto* tcp = get_if<probes::TcpFacts>(&observation.facts);
    return checks::is_slow_lookup(observation) || (tcp != nullptr && tcp->info && tcp->info->retransmits > 0);
}

/// More connections would not help a host that has run out of what they need.
bool is_exhausted(const std::vector<Observation>& probes) {
    return std::ranges::any_of(probes, [](const Observation& observation) {
        const int error = observation.local ? observation.local->error : 0;
        return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
    });
}

std::set<IpAddress> addresses_of(const std::vector<Observation>& probes) {
    std::set<IpAddress> addresses;
    for (const Observation& observation : probes) {
        if (observation.address) {
            addresses.insert(*observation.address);
        }
    }
    return addresses;
}

unsigned weight_of(const config::Endpoint& endpoint, const PlannedFollowUp& planned) {
    if (planned.name.empty() || planned.resolver) {
        return 1;
    }
    return static_cast<unsigned>(std::max<std::size_t>(endpoint.resolvers.size(), 1));
}

unsigned weight_of(const config::Endpoint& endpoint, const std::vector<PlannedFollowUp>& plan) {
    unsigned weight = 0;
    for (const PlannedFollowUp& planned : plan) {
        weight += weight_of(endpoint, planned);
    }
    return weight;
}

/// Also gives back when a loop that ends destroys the round.
class Share {
  public:
    Share(FollowUpBudget& budget, unsigned weight) : budget_(budget), weight_(weight) {
        budget_.under_way += weight_;
    }
    ~Share() { budget_.under_way -= weight_; }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

  private:
    FollowUpBudget& budget_;
    unsigned weight_;
};

bool is_affordable(const FollowUpBudget& budget, unsigned weight) {
    return (!budget.on_time || budget.on_time()) && budget.under_way + weight <= budget.max;
}

/// One-shot commands have no next round.
bool is_to_wait(const FollowUpRound& round) {
    return round.memory != nullptr && round.budget.under_way >= round.budget.max_routine;
}

std::vector<PlannedFollowUp> plan_for(const FollowUpRound& round, const checks::Assessment& shown) {
    std::vector<PlannedFollowUp> plan = round.planner(round.endpoint, shown, probes::random_label());
    leave_out_hops_to_this_host(round, plan);
    return plan;
}

/// What there is time and room for; nothing where it cannot be afforded.
std::vector<PlannedFollowUp> affordable(const FollowUpRound& round, std::vector<PlannedFollowUp> plan) {
    if (plan.size() > checks::max_follow_ups) {
        plan.resize(checks::max_follow_ups);
    }
    if (plan.empty()) {
        return {};
    }
    keep_what_there_is_time_for(round, plan);
    if (plan.empty() || !is_affordable(round.budget, weight_of(round.endpoint, plan))) {
        ++round.budget.left_out;
        return {};
    }
    return plan;
}

// ---- rounds that fail ----

/// What is to be made in this round; nothing where it is not due, nothing fits, or it cannot be afforded.
std::vector<PlannedFollowUp> due_now(const FollowUpRound& round, const FollowUpMemory& memory,
                                     const checks::Assessment& shown, const FailurePicture& picture,
                                     const std::vector<Observation>& probes) {
    if (!round.endpoint.experiments || is_exhausted(probes) || !memory.due(picture)) {
        return {};
    }
    return affordable(round, plan_for(round, shown));
}

asio::awaitable<void> make_and_add(const FollowUpRound& round, std::vector<PlannedFollowUp> plan,
                                   Measured& measured) {
    const Share share(round.budget, weight_of(round.endpoint, plan));
    std::vector<probes::FollowUpTest> results =
        co_await make_follow_ups(round, std::move(plan), measured.frames);
    std::ranges::move(results, std::back_inserter(measured.round.follow_ups));
}

checks::Assessment assessed(const FollowUpRound& round, const Measured& measured) {
    return checks::assess(round.endpoint, measured.round, probes::WallClock::now());
}

asio::awaitable<void> follow_up_failure(FollowUpRound round, checks::Assessment shown, Measured& measured) {
    FollowUpMemory of_this_round;
    FollowUpMemory& memory = round.memory == nullptr ? of_this_round : *round.memory;
    const std::vector<Observation>& probes = measured.round.probes;
    const FailurePicture picture = picture_of(shown.facts, addresses_of(probes));
    std::vector<PlannedFollowUp> plan = due_now(round, memory, shown, picture, probes);
    if (plan.empty()) {
        std::ranges::move(memory.standing(picture), std::back_inserter(measured.round.follow_ups));
        co_return;
    }
    const std::size_t room = checks::max_follow_ups - plan.size();
    const auto begun = std::chrono::steady_clock::now();
    co_await make_and_add(round, std::move(plan), measured);
    if (round.memory == nullptr) {
        round.until += std::chrono::steady_clock::now() - begun;
    }
    // Planned by what the probes show; what the first tests explain is no reason to leave a control out.
    shown.follow_ups = assessed(round, measured).follow_ups;
    std::vector<PlannedFollowUp> more = plan_for(round, shown);
    more.resize(std::min(more.size(), room));
    more = affordable(round, std::move(more));
    if (!more.empty()) {
        co_await make_and_add(round, std::move(more), measured);
    }
    memory.made(picture, measured.round.follow_ups);
}

// ---- rounds that pass ----

RoutineMemory::Kinds kinds_that_found(const checks::Assessment& shown) {
    RoutineMemory::Kinds kinds;
    for (const checks::FollowUpResult& result : checks::follow_up_results(shown)) {
        if (checks::found_something(result)) {
            kinds.insert(result.kind);
        }
    }
    return kinds;
}

/// One batch of what is due. True: something was made, which may call for more.
asio::awaitable<bool> make_batch(const FollowUpRound& round, RoutineMemory& memory, Measured& measured,
                                 std::size_t room) {
    const checks::Assessment shown = assessed(round, measured);
    if (!shown.passed()) {
        co_return false;
    }
    const auto now = RoutineMemory::Clock::now();
    std::vector<PlannedFollowUp> plan = plan_for(round, shown);
    memory.keep_due(plan, now);
    plan.resize(std::min(plan.size(), room));
    const bool due = !plan.empty();
    plan = affordable(round, std::move(plan));
    if (plan.empty()) {
        // What is due and cannot be afforded is tried again in the next round.
        if (!due) {
            memory.made({}, {}, {}, now);
        }
        co_return false;
    }
    const Share share(round.budget, weight_of(round.endpoint, plan));
    std::vector<probes::FollowUpTest> results = co_await make_follow_ups(round, plan, measured.frames);
    measured.round.follow_ups.insert(measured.round.follow_ups.end(), results.begin(), results.end());
    memory.made(plan, results, kinds_that_found(assessed(round, measured)), now);
    co_return true;
}

void add_standing(const RoutineMemory& memory, Measured& measured) {
    std::ranges::move(memory.standing(), std::back_inserter(measured.round.follow_ups));
}

asio::awaitable<void> follow_up_pass(FollowUpRound round, Measured& measured) {
    RoutineMemory of_this_round;
    RoutineMemory& memory = round.memory == nullptr ? of_this_round : round.memory->routine();
    const std::size_t before = measured.round.follow_ups.size();
    const auto begun = std::chrono::steady_clock::now();
    const bool made = co_await make_batch(round, memory, measured, checks::max_follow_ups);
    const std::size_t used = measured.round.follow_ups.size() - before;
    if (made && used < checks::max_follow_ups) {
        if (round.memory == nullptr) {
            round.until += std::chrono::steady_clock::now() - begun;
        }
        co_await make_batch(round, memory, measured, checks::max_follow_ups - used);
    }
    add_standing(memory, measured);
}

/// Whether tests of a round that passes may be made now, as far as can be told without a look at what they would be.
bool is_time_for_more(const FollowUpRound& round, const std::vector<Observation>& probes) {
    const bool time = round.memory == nullptr ||
                      round.memory->routine().is_time(addresses_of(probes), RoutineMemory::Clock::now());
    return time || std::ranges::any_of(probes, calls_for_more);
}

}  // namespace

std::optional<asio::awaitable<void>> follow_up(FollowUpRound round, Measured& measured) {
    const Look look = look_at(round.endpoint, measured.round.probes);
    if (look == Look::unknown) {
        return std::nullopt;
    }
    if (look == Look::fails) {
        add_routes(round.endpoint, measured.round);
        checks::Assessment shown = assessed(round, measured);
        if (!shown.passed()) {
            if (round.memory != nullptr) {
                round.memory->routine().failed();
            }
            return follow_up_failure(std::move(round), std::move(shown), measured);
        }
    }
    if (round.memory != nullptr) {
        round.memory->forget();
    }
    if (!round.endpoint.experiments || is_exhausted(measured.round.probes)) {
        return std::nullopt;
    }
    if (is_time_for_more(round, measured.round.probes) && !is_to_wait(round)) {
        return follow_up_pass(std::move(round), measured);
    }
    add_standing(round.memory->routine(), measured);
    return std::nullopt;
}

}  // namespace whylink::daemon
