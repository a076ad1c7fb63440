#include "daemon/watch/watcher.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <exception>
#include <random>
#include <unordered_set>
#include <utility>

#include "checks/stages/hold.hpp"
#include "daemon/system/call_later.hpp"
#include "daemon/system/exception_text.hpp"
#include "probes/host/identity.hpp"
#include "probes/host/proxy_environment.hpp"
#include "probes/loop_time.hpp"
#include "probes/round.hpp"

namespace whylink::daemon {
namespace {

using Clock = Schedule::Clock;

/// A round that starts so late, or later, shows that there is more to do than this host can.
constexpr auto late = std::chrono::seconds(1);

/// Holds what the round refers to, whatever is reloaded meanwhile.
asio::awaitable<Measured> one_round(config::TargetPtr what, std::shared_ptr<Generation> generation,
                                    std::shared_ptr<FollowUpMemory> memory) {
    co_return co_await run_round(*what, generation->context, memory.get());
}

/// What is held, and how often.
bool holds_alike(const config::Target& one, const config::Target& other) {
    const config::Endpoint* before = one.endpoint();
    const config::Endpoint* after = other.endpoint();
    return before == nullptr || after == nullptr ||
           (before->hold == after->hold && before->hold_interval == after->hold_interval);
}

Schedule::Entry entry_of(const config::Target& what) {
    return {what.name(), what.head().interval};
}

bool is_healthy(const TargetStatus& status) {
    return status.healthy.value_or(false);
}

Totals empty_totals() {
    Totals totals;
    for (auto& kind : totals.probe_duration) {
        kind.fill(Histogram(probe_duration_bounds()));
    }
    totals.scheduler_lag = Histogram(scheduler_lag_bounds());
    return totals;
}

}  // namespace

std::shared_ptr<Generation> make_generation(const std::vector<config::TargetPtr>& targets) {
    auto generation = std::make_shared<Generation>();
    generation->context.proxies = probes::proxies_of_this_host();
    generation->context.cloud = probes::host_identity().cloud;
    for (const config::TargetPtr& target : targets) {
        if (target->endpoint() != nullptr) {
            static_cast<void>(tls_context_of(*target->endpoint(), generation->context));
        }
    }
    return generation;
}

Watcher::Watcher(asio::io_context& loop, PacketService* packets, Observer observer)
    : loop_(loop),
      packets_(packets),
      observer_(std::move(observer)),
      schedule_(1, std::random_device{}()),
      wake_(loop),
      beat_(loop),
      holds_(loop, holds_host()),
      totals_(empty_totals()) {
    follow_ups_->on_time = [this] { return on_time(); };
    beat();
}

// ---- configuration ----

Schedule::Id Watcher::slot_for(const config::TargetPtr& what) {
    // The last round of a removed target of this name may be under way still; there must never be two.
    if (const auto found = by_name_.find(what->name()); found != by_name_.end()) {
        return found->second;
    }
    auto id = static_cast<Schedule::Id>(slots_.size());
    if (free_.empty()) {
        slots_.emplace_back();
    } else {
        id = free_.back();
        free_.pop_back();
    }
    slots_[id] = std::make_unique<Slot>(Slot{Target(id, what)});
    if (observer_.recall) {
        if (const auto health = observer_.recall(what->name())) {
            slots_[id]->target.remember(*health);
        }
    }
    by_name_.emplace(what->name(), id);
    return id;
}

void Watcher::take_over(PlannedTarget planned, Schedule::Id id, std::size_t batch, Clock::time_point now) {
    Target& target = slots_[id]->target;
    switch (planned.fate) {
        case Fate::kept:
            break;
        case Fate::adjusted:
            schedule_.change(id, entry_of(*planned.what), now);
            if (!holds_alike(*target.what(), *planned.what)) {
                holds_.set(id, planned.what);
            }
            target.adjust(std::move(planned.what));
            break;
        case Fate::changed:
            observer_.removed(target.what()->kind(), target.what()->name());
            siblings_.remove(id);
            schedule_.remove(id);
            [[fallthrough]];
        case Fate::added:
            schedule_.add(id, entry_of(*planned.what), now, batch);
            holds_.set(id, planned.what);
            target.replace(std::move(planned.what));
            break;
    }
}

void Watcher::remove(Schedule::Id id) {
    Slot& slot = *slots_[id];
    observer_.removed(slot.target.what()->kind(), slot.target.what()->name());
    siblings_.remove(id);
    schedule_.remove(id);
    holds_.remove(id);
    slot.position = gone;
    if (!slot.running) {
        release(id);
    }
}

void Watcher::release(Schedule::Id id) {
    by_name_.erase(slots_[id]->target.what()->name());
    slots_[id].reset();
    free_.push_back(id);
}

void Watcher::recount() {
    healthy_ = 0;
    without_verdict_ = 0;
    statuses_.clear();
    for (std::size_t position = 0; position < order_.size(); ++position) {
        Slot& slot = *slots_[order_[position]];
        slot.position = position;
        statuses_.push_back(slot.target.status());
        healthy_ += is_healthy(*slot.target.status()) ? 1U : 0U;
        without_verdict_ += slot.target.has_verdict() ? 0U : 1U;
    }
}

void Watcher::apply(Plan plan, std::shared_ptr<Generation> generation, unsigned max_concurrent) {
    const auto now = Clock::now();
    generation_ = std::move(generation);
    generation_->context.packets = packets_;
    holds_.use({generation_, &generation_->context});
    generation_->context.follow_ups = follow_ups_;
    schedule_.set_max_concurrent(max_concurrent);
    for (const std::size_t index : plan.removed) {
        remove(order_[index]);
    }
    const std::size_t batch = plan.count(Fate::added) + plan.count(Fate::changed);
    std::vector<Schedule::Id> order;
    order.reserve(plan.targets.size());
    for (PlannedTarget& planned : plan.targets) {
        const Schedule::Id id = planned.fate == Fate::added ? slot_for(planned.what) : order_[planned.before];
        order.push_back(id);
        take_over(std::move(planned), id, batch, now);
    }
    order_ = std::move(order);
    siblings_.expect(static_cast<std::size_t>(std::ranges::count_if(
        order_, [this](Schedule::Id id) { return slots_[id]->target.what()->watch() == nullptr; })));
    recount();
    start_due();
}

bool Watcher::check_now(const std::string& name) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end() || slots_[found->second]->position == gone) {
        return false;
    }
    schedule_.hasten(found->second, Clock::now());
    start_due();
    return true;
}

std::vector<config::TargetPtr> Watcher::targets() const {
    std::vector<config::TargetPtr> targets;
    targets.reserve(order_.size());
    for (const Schedule::Id id : order_) {
        targets.push_back(slots_[id]->target.what());
    }
    return targets;
}

// ---- rounds ----

void Watcher::start_due() {
    for (const Schedule::Start& due : schedule_.take_due(Clock::now())) {
        start(due);
    }
    arm();
}

void Watcher::arm() {
    const auto next = schedule_.next_wake();
    if (!next || wake_.expiry() == *next) {
        return;
    }
    call_at(wake_, *next, [this] {
        // So that arm() does not take the moment that has just passed for one that is still awaited.
        wake_.expires_at(Clock::time_point::min());
        start_due();
    });
}

void Watcher::beat() {
    pauses_.beat(Clock::now());
    call_after(beat_, Pauses::period, [this] { beat(); });
}

void Watcher::start(Schedule::Start start) {
    Slot& slot = *slots_[start.id];
    slot.running = true;
    latest_lag_ = start.lag;
    totals_.scheduler_lag.observe(std::chrono::duration<double>(start.lag).count());
    const auto begun = Clock::now();
    auto handler = [this, id = start.id, version = slot.target.version(), begun,
                    started = std::chrono::system_clock::now()](const std::exception_ptr& thrown,
                                                                Measured measured) {
        if (thrown) {
            observer_.round_broke(slots_[id]->target.what()->name(), exception_text(thrown));
            return ended(id, version, std::nullopt, {});
        }
        const auto now = Clock::now();
        pauses_.beat(now);
        ended(id, version,
              FinishedRound{std::move(measured.round), started, now - begun, now, pauses_.since(begun),
                            measured.target != nullptr},
              std::move(measured.frames));
    };
    asio::co_spawn(loop_, one_round(slot.target.what(), generation_, slot.target.follow_ups()),
                   std::move(handler));
}

checks::RecallPast Watcher::recall_of(const Target& target) const {
    if (!observer_.past) {
        return {};
    }
    return [this, name = target.what()->name()](const checks::Assessment& round) {
        return observer_.past(name, round);
    };
}

void Watcher::ended(Schedule::Id id, std::uint32_t version, std::optional<FinishedRound> round,
                    probes::KeptFrames frames) {
    Slot& slot = *slots_[id];
    const probes::PieceOfWork piece([what = slot.target.what()] { return "judgement of " + what->name(); });
    slot.running = false;
    schedule_.finished(id, Clock::now());
    ++totals_.rounds;
    if (slot.position == gone) {
        release(id);
    } else if (round && slot.target.version() == version) {
        if (observer_.readings) {
            round->readings = observer_.readings(slot.target.what()->name());
        }
        if (slot.target.round_ended(std::move(*round), siblings_, recall_of(slot.target))) {
            if (observer_.keep_evidence && slot.target.wants_evidence()) {
                slot.target.set_evidence(observer_.keep_evidence(*slot.target.status(), std::move(frames)));
            }
            if (observer_.remember) {
                slot.target.set_history(observer_.remember(*slot.target.status()));
            }
            publish(slot);
        } else {
            ++missed_;
        }
    }
    start_due();
}

Holds::Host Watcher::holds_host() {
    const auto address = [this](Schedule::Id id) {
        const TargetStatus& status = *slots_[id]->target.status();
        return status.verdict ? working_address(*status.target->endpoint(), *status.verdict) : std::nullopt;
    };
    // Over a pause the path had longer to forget it than was looked for.
    const auto held = [this](Schedule::Id id, probes::HeldConnection connection, Clock::time_point begun) {
        const auto now = Clock::now();
        pauses_.beat(now);
        if (pauses_.since(begun)) {
            return;
        }
        if (!connection.local) {
            ++totals_.holds.at(static_cast<std::size_t>(checks::classify(connection).outcome));
        }
        slots_[id]->target.held(std::move(connection), now);
    };
    const auto broke = [this](Schedule::Id id, const std::exception_ptr& thrown) {
        observer_.round_broke(slots_[id]->target.what()->name(), exception_text(thrown));
    };
    return {address, held, broke};
}

void Watcher::publish(Slot& slot) {
    TargetStatusPtr& shown = statuses_[slot.position];
    healthy_ -= is_healthy(*shown) ? 1U : 0U;
    without_verdict_ -= shown->verdict ? 0U : 1U;
    shown = slot.target.status();
    healthy_ += is_healthy(*shown) ? 1U : 0U;
    count(*shown);
    observer_.round_ended(shown);
}

void Watcher::count(const TargetStatus& status) {
    auto& stages = totals_.probe_duration.at(static_cast<std::size_t>(status.kind()));
    for (const checks::JudgedProbe& probe : status.verdict->probes) {
        if (!probe.observation.local) {
            stages.at(static_cast<std::size_t>(probe.observation.stage))
                .observe(std::chrono::duration<double>(probe.observation.took).count());
        }
    }
    for (const checks::JudgedFollowUp& test : status.verdict->follow_ups) {
        // What still stands of earlier rounds was counted by them.
        if (test.probe.observation.started >= status.standing.round_started) {
            ++totals_.follow_ups.at(static_cast<std::size_t>(test.kind))
                  .at(static_cast<std::size_t>(test.probe.outcome));
        }
    }
}

bool Watcher::on_time() const {
    return latest_lag_ < late && schedule_.waiting() == 0;
}

config::Load Watcher::load() const {
    const std::vector<config::TargetPtr> watched = targets();
    return config::load_of(watched, [this](const config::TargetPtr& target, std::size_t index) {
        const TargetStatus& status = *statuses_[index];
        return status.verdict ? std::chrono::duration_cast<config::Duration>(status.standing.round_took)
                              : target->head().timeout;
    });
}

void Watcher::evidence_gone(const std::vector<std::string>& files) {
    const std::unordered_set<std::string> names(files.begin(), files.end());
    for (const Schedule::Id id : order_) {
        Slot& slot = *slots_[id];
        if (!names.contains(slot.target.status()->evidence_file)) {
            continue;
        }
        slot.target.set_evidence({});
        statuses_[slot.position] = slot.target.status();
    }
}

Snapshot Watcher::snapshot() const {
    Snapshot snapshot;
    snapshot.targets = statuses_;
    snapshot.totals = totals_;
    snapshot.totals.overruns = schedule_.overruns();
    snapshot.totals.missed = schedule_.missed() + missed_;
    snapshot.totals.follow_ups_left_out = follow_ups_->left_out;
    snapshot.rounds_under_way = schedule_.under_way();
    return snapshot;
}

}  // namespace whylink::daemon
