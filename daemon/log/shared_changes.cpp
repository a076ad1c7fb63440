#include "daemon/log/shared_changes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/log/change_records.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

/// Changes that are remembered, and targets that a record names.
constexpr std::size_t max_changes = 64;
constexpr std::size_t max_named = 5;

const std::vector<Change>& changes_of(const TargetStatus& status) {
    static const std::vector<Change> none;
    const TargetHistoryPtr& history = status.standing.history;
    return history == nullptr ? none : history->changes;
}

Record record_of(const Change& change, const std::set<std::string>& targets) {
    Record record{config::LogLevel::warn, "shared_change",
                  fmt::format("{} targets failed after one change: {}, at {}: {}", grouped(targets.size()),
                              change_text(change), rfc3339(change.at),
                              abridged({targets.begin(), targets.end()}, max_named))};
    record.add("at", rfc3339(change.at));
    record.add("what", change.what);
    record.add("from", value_text(change.from));
    record.add("to", value_text(change.to));
    record.add("targets", targets.size());
    std::vector<std::string> names(targets.begin(), targets.end());
    names.resize(std::min(names.size(), max_named));
    record.add("names", names);
    return record;
}

}  // namespace

const SharedChanges::Shared* SharedChanges::find(const Change& change) const {
    const auto found = std::ranges::find(all_, change, &Shared::change);
    return found == all_.end() ? nullptr : &*found;
}

void SharedChanges::add(const TargetStatus& status, Clock::time_point now) {
    for (const Change& change : changes_of(status)) {
        const auto found = std::ranges::find(all_, change, &Shared::change);
        if (found == all_.end()) {
            if (all_.size() == max_changes) {
                all_.pop_front();
            }
            all_.push_back({change, now + gathering, status.name(), {status.name()}});
        } else if (!found->said) {
            found->targets.insert(status.name());
        }
    }
}

std::string SharedChanges::first_after_same(const TargetStatus& status) const {
    const std::vector<Change>& changes = changes_of(status);
    if (changes.empty()) {
        return {};
    }
    const Shared* shared = find(changes.front());
    const bool all_same = std::ranges::all_of(changes, [&](const Change& change) {
        const Shared* other = find(change);
        return other != nullptr && shared != nullptr && other->first == shared->first;
    });
    return all_same && shared->first != status.name() ? shared->first : std::string();
}

std::vector<Record> SharedChanges::take_due(Clock::time_point now) {
    std::vector<Record> records;
    for (Shared& shared : all_) {
        if (shared.said || now < shared.due) {
            continue;
        }
        shared.said = true;
        if (shared.targets.size() > 1) {
            records.push_back(record_of(shared.change, shared.targets));
        }
        shared.targets.clear();
    }
    return records;
}

}  // namespace whylink::daemon
