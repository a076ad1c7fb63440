#include "daemon/followups/followups.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <set>
#include <utility>

#include "checks/judge.hpp"
#include "checks/stages/stage.hpp"
#include "checks/table/outcome.hpp"
#include "daemon/followups/making.hpp"
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
    return (!budget.on_time || budget.on_time()) && budget.under_way + weight <= budget.most;
}

/// What is to be made in this round; nothing where it is not due, nothing fits, or it cannot be afforded.
std::vector<PlannedFollowUp> due_now(const FollowUpRound& round, const FollowUpMemory& memory,
                                     const checks::Assessment& shown, const FailurePicture& picture,
                                     const std::vector<Observation>& probes) {
    if (!round.endpoint.experiments || is_exhausted(probes) || !memory.due(picture)) {
        return {};
    }
    std::vector<PlannedFollowUp> plan = round.planner(round.endpoint, shown, probes::random_label());
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

}  // namespace

asio::awaitable<void> follow_up(FollowUpRound round, Measured& measured) {
    FollowUpMemory of_this_round;
    FollowUpMemory& memory = round.memory == nullptr ? of_this_round : *round.memory;
    const std::vector<Observation>& probes = measured.round.probes;
    const Look look = look_at(round.endpoint, probes);
    if (look == Look::passes) {
        memory.forget();
    }
    if (look != Look::fails) {
        co_return;
    }
    const checks::Assessment shown = checks::assess(round.endpoint, measured.round, probes::WallClock::now());
    if (shown.passed()) {
        memory.forget();
        co_return;
    }
    const FailurePicture picture = picture_of(shown.facts, addresses_of(probes));
    std::vector<PlannedFollowUp> plan = due_now(round, memory, shown, picture, probes);
    std::vector<probes::FollowUpTest> results;
    if (plan.empty()) {
        results = memory.standing(picture);
    } else {
        const Share share(round.budget, weight_of(round.endpoint, plan));
        results = co_await make_follow_ups(round, std::move(plan));
        memory.made(picture, results);
    }
    std::ranges::move(results, std::back_inserter(measured.round.follow_ups));
}

}  // namespace whylink::daemon
