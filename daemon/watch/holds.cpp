#include "daemon/watch/holds.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <utility>

#include "daemon/system/call_later.hpp"

namespace whylink::daemon {
namespace {

/// A pointer: GCC 12 takes an optional that Asio makes empty and moves for one that is not initialized.
using Held = std::unique_ptr<probes::HeldConnection>;

/// Holds what the connection refers to, whatever is reloaded meanwhile.
asio::awaitable<Held> one_hold(config::TargetPtr target, IpAddress address,
                               std::shared_ptr<RoundContext> context) {
    auto held = co_await hold_connection(*target->endpoint(), address, *context);
    co_return held ? std::make_unique<probes::HeldConnection>(std::move(*held)) : nullptr;
}

}  // namespace

Holds::Holds(asio::io_context& loop, Host host) : loop_(loop), host_(std::move(host)), wake_(loop) {}

void Holds::set(Id id, config::TargetPtr target) {
    remove(id);
    const config::Endpoint* endpoint = target->endpoint();
    if (endpoint == nullptr || !endpoint->hold) {
        return;
    }
    if (entries_.size() <= id) {
        entries_.resize(std::size_t{id} + 1);
    }
    const auto now = Clock::now();
    schedule_.add(id, {endpoint->name, endpoint->hold_interval}, now, 1);
    entries_[id].target = std::move(target);
    entries_[id].first = true;
    start_due();
}

void Holds::remove(Id id) {
    if (id >= entries_.size() || !entries_[id].target) {
        return;
    }
    Entry& entry = entries_[id];
    ++entry.version;
    entry.target.reset();
    schedule_.remove(id);
    if (const auto signal = std::exchange(entry.under_way, nullptr)) {
        signal->emit(asio::cancellation_type::terminal);
    }
}

void Holds::start_due() {
    // One that is left out ends at once, which may make room for others.
    for (auto due = schedule_.take_due(Clock::now()); !due.empty(); due = schedule_.take_due(Clock::now())) {
        for (const Schedule::Start& one : due) {
            start(one.id);
        }
    }
    if (const auto next = schedule_.next_wake()) {
        call_at(wake_, *next, [this] { start_due(); });
    }
}

void Holds::start(Id id) {
    Entry& entry = entries_[id];
    const auto begun = Clock::now();
    const auto address = std::exchange(entry.first, false) ? std::nullopt : host_.address(id);
    if (!address) {
        return schedule_.finished(id, begun);
    }
    auto signal = std::make_shared<asio::cancellation_signal>();
    entry.under_way = signal;
    auto handler = [this, id, version = entry.version, begun, signal](const std::exception_ptr& thrown,
                                                                      Held held) {
        ended(id, version, begun, thrown, std::move(held));
    };
    asio::co_spawn(loop_, one_hold(entry.target, *address, context_),
                   asio::bind_cancellation_slot(signal->slot(), std::move(handler)));
}

void Holds::ended(Id id, std::uint32_t version, Clock::time_point begun, const std::exception_ptr& thrown,
                  std::unique_ptr<probes::HeldConnection> held) {
    schedule_.finished(id, Clock::now());
    Entry& entry = entries_[id];
    if (entry.version == version) {
        entry.under_way.reset();
        if (thrown) {
            host_.broke(id, thrown);
        } else if (held) {
            host_.held(id, std::move(*held), begun);
        }
    }
    start_due();
}

}  // namespace whylink::daemon
