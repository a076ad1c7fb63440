#include "daemon/history/tracker.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <unordered_set>

#include "checks/explain/explain.hpp"
#include "checks/surroundings/damping.hpp"
#include "config/outside_text.hpp"
#include "config/schema.hpp"
#include "config/show.hpp"
#include "daemon/history/fnv.hpp"
#include "daemon/history/times.hpp"

namespace whylink::daemon {
namespace {

/// Changes of this host that may explain failures to come.
constexpr std::size_t max_host_changes = 64;
/// Changes that one failure is told with.
constexpr std::size_t max_changes = 50;
constexpr std::size_t max_config_changes = 8;
/// Rounds of an outage that are looked at for what the first could not see.
constexpr unsigned max_telling_rounds = 3;
/// Lines in which configurations differ, and how long each may be.
constexpr std::size_t max_lines = 3;
constexpr std::size_t max_line_length = 80;
/// What is remembered of what the first round of an outage saw.
constexpr std::size_t max_said_lines = 8;
constexpr std::size_t max_said_length = 300;
/// Of failed rounds that have made no outage.
constexpr std::size_t max_unnamed_files = 8;

std::string shown_config(const config::Target& target) {
    config::Config alone;
    alone.targets.push_back(std::make_shared<const config::Target>(target));
    return config::show(alone);
}

std::string hash_text(std::uint64_t hash) {
    return fmt::format("{:08x}", static_cast<std::uint32_t>(hash ^ hash >> 32U));
}

/// A version of whylink with other keys shows every configuration in another way: that is no change of it.
std::string place_of_config() {
    std::uint64_t hash = fnv_begin;
    for (const config::Key& key : config::keys()) {
        hash = fnv(hash, key.name);
    }
    return hash_text(hash);
}

std::set<std::string> lines_of(const std::string& text) {
    std::set<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.insert(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

/// Those that `other` has not.
std::string lines_beyond(const std::set<std::string>& lines, const std::set<std::string>& other) {
    std::vector<std::string> beyond;
    for (const std::string& line : lines) {
        if (!other.contains(line)) {
            beyond.push_back(shortened(line, max_line_length));
        }
    }
    const std::size_t shown = std::min(beyond.size(), max_lines);
    const std::string more = beyond.size() > shown ? fmt::format(", {} more", beyond.size() - shown) : "";
    beyond.resize(shown);
    return fmt::format("{}{}", fmt::join(beyond, ", "), more);
}

std::string health_word(bool healthy) {
    return healthy ? "healthy" : "unhealthy";
}

}  // namespace

ConfigDifference config_difference(const config::Target& before, const config::Target& after) {
    const std::set<std::string> old_lines = lines_of(shown_config(before));
    const std::set<std::string> new_lines = lines_of(shown_config(after));
    return {lines_beyond(old_lines, new_lines), lines_beyond(new_lines, old_lines)};
}

void HistoryTracker::restore(StoredHistory stored) {
    host_ = std::move(stored.host);
    for (auto& [name, target] : stored.targets) {
        Entry& entry = entry_of(name);
        entry.traits = std::move(target.traits);
        entry.health = target.health;
        entry.run = target.run;
        if (target.outage_since || !target.changes.empty()) {
            failing_of(entry).outage_since = target.outage_since;
            failing_of(entry).changes = std::move(target.changes);
        }
    }
}

HistoryTracker::Entry& HistoryTracker::entry_of(const std::string& name) {
    Entry& entry = entries_[name];
    if (entry.name == nullptr) {
        entry.name = std::make_shared<const std::string>(name);
    }
    return entry;
}

const HistoryTracker::Failing& HistoryTracker::failing_of(const Entry& entry) {
    static const Failing none;
    return entry.failing ? *entry.failing : none;
}

std::optional<StoredHealth> HistoryTracker::health_of(const std::string& name) const {
    const auto found = entries_.find(name);
    if (found == entries_.end() || !found->second.health) {
        return std::nullopt;
    }
    StoredHealth health = *found->second.health;
    if (health.healthy && found->second.run) {
        health.last_healthy = found->second.run->last_passed;
    }
    return health;
}

void HistoryTracker::keep_only(std::span<const config::TargetPtr> targets) {
    std::unordered_set<std::string_view> names;
    for (const config::TargetPtr& target : targets) {
        names.insert(target->name());
    }
    std::erase_if(entries_, [&names](const auto& item) { return !names.contains(item.first); });
}

// ---- what changed ----

std::vector<Change> HistoryTracker::write_traits(const TargetName& name, Traits& known, const Traits& seen,
                                                 HistoryTime at) {
    TraitNews news = take_over(known, seen, at);
    for (TraitKey& key : news.replaced) {
        const std::string& value = known.at(key);
        news_.traits.push_back({name, std::move(key), value});
    }
    for (const Change& change : news.changes) {
        news_.changes.push_back({name, change});
    }
    return std::move(news.changes);
}

void HistoryTracker::configured(const config::Target* before, const config::Target& target, HistoryTime at,
                                Clock::time_point now) {
    Entry& entry = entry_of(target.name());
    static const std::string place = place_of_config();
    const std::string hash = hash_text(fnv(fnv_begin, shown_config(target)));
    std::vector<Change> changes = write_traits(entry.name, entry.traits, {{{What::config, place}, hash}}, at);
    if (changes.empty()) {
        return;
    }
    Change& change = changes.front();
    if (before != nullptr) {
        ConfigDifference difference = config_difference(*before, target);
        change.from = std::move(difference.from);
        change.to = std::move(difference.to);
        news_.changes.back().change = change;
    }
    std::vector<Timed>& config_changes = failing_of(entry).config_changes;
    if (config_changes.size() < max_config_changes) {
        config_changes.push_back({now, std::move(change)});
    }
}

void HistoryTracker::add_host_change(Change change, Clock::time_point now) {
    if (host_changes_.size() == max_host_changes) {
        host_changes_.erase(host_changes_.begin());
    }
    host_changes_.push_back({now, std::move(change)});
}

void HistoryTracker::host_seen(const Traits& seen, HistoryTime at, Clock::time_point now) {
    for (Change& change : write_traits(nullptr, host_, seen, at)) {
        add_host_change(std::move(change), now);
    }
}

void HistoryTracker::clock_stepped(std::chrono::seconds step, HistoryTime at, Clock::time_point now) {
    Change change{at, What::clock, "+0 s", fmt::format("{:+} s", step.count())};
    news_.changes.push_back({nullptr, change});
    add_host_change(std::move(change), now);
}

// ---- rounds ----

void HistoryTracker::passed(Entry& entry, const Standing& standing, Clock::time_point now) {
    const HistoryTime at = standing.round_started;
    if (!entry.run || !entry.run->passed) {
        entry.run = Run{true, at, at, at};
    }
    entry.run->until = at;
    entry.run->last_passed = at;
    entry.passed_began = now - standing.round_took;
    if (entry.failing) {
        entry.failing->changes.clear();
        std::erase_if(entry.failing->config_changes,
                      [&entry](const Timed& timed) { return timed.when < entry.passed_began; });
    }
}

void HistoryTracker::add_timed(Failing& failing, Clock::time_point passed_began,
                               std::span<const Timed> changes) {
    for (const Timed& timed : changes) {
        const bool between =
            timed.when >= passed_began && timed.when <= failing.first_failed + attribution_grace;
        if (between && failing.changes.size() < max_changes &&
            std::ranges::find(failing.changes, timed.change) == failing.changes.end()) {
            failing.changes.push_back(timed.change);
        }
    }
}

void HistoryTracker::failed(Entry& entry, const Standing& standing, const Traits& seen,
                            Clock::time_point now) {
    const HistoryTime at = standing.round_started;
    Failing& failing = failing_of(entry);
    if (!entry.run || entry.run->passed) {
        entry.run = entry.run ? Run{false, at, at, entry.run->last_passed, entry.run->since}
                              : Run{false, at, at, std::nullopt};
        failing.first_failed = now;
        failing.failed_rounds = 0;
        failing.seen_failing.clear();
        failing.changes.clear();
    }
    entry.run->until = at;
    ++failing.failed_rounds;
    Traits first_seen;
    for (const auto& [key, value] : seen) {
        if (failing.seen_failing.insert(key).second) {
            first_seen.emplace(key, value);
        }
    }
    std::vector<Change> changes = write_traits(entry.name, entry.traits, first_seen, at);
    write_traits(entry.name, entry.traits, seen, at);
    // Where it never worked, nothing broke it; of a run that an earlier start has seen begin, all was found then.
    if (!entry.run->last_passed || failing.first_failed == Clock::time_point::min()) {
        return;
    }
    if (failing.failed_rounds <= max_telling_rounds) {
        std::ranges::move(changes, std::back_inserter(failing.changes));
    }
    add_timed(failing, entry.passed_began, failing.config_changes);
    add_timed(failing, entry.passed_began, host_changes_);
    std::ranges::stable_sort(failing.changes, {}, &Change::at);
}

// ---- what the diagnosis is told ----

namespace {

/// What the decision table asks for.
struct FactOfChange {
    What what;
    checks::Fact fact;
};
constexpr FactOfChange facts_of_changes[]{
    {What::address, checks::Fact::address_changed},
    {What::cname, checks::Fact::address_changed},
    {What::resolvers, checks::Fact::resolvers_changed},
    {What::resolv_conf, checks::Fact::resolvers_changed},
    {What::certificate, checks::Fact::certificate_replaced},
    {What::firewall, checks::Fact::host_firewall_changed},
    {What::config, checks::Fact::config_changed},
    {What::boot, checks::Fact::host_rebooted},
};

checks::FactSet facts_of(const std::vector<Change>& changes) {
    checks::FactSet facts;
    for (const Change& change : changes) {
        for (const FactOfChange& row : facts_of_changes) {
            facts.insert_if(row.what == change.what, row.fact);
        }
    }
    return facts;
}

}  // namespace

/// As failed() will find them once the round is judged.
std::vector<Change> HistoryTracker::changes_before(const Entry& entry, const checks::Assessment& round,
                                                   Clock::time_point now) const {
    Failing ahead = failing_of(entry);
    const bool told =
        ahead.failed_rounds >= max_telling_rounds || ahead.first_failed == Clock::time_point::min();
    if (!entry.run->passed && told) {
        return ahead.changes;
    }
    if (entry.run->passed) {
        ahead.first_failed = now;
        ahead.failed_rounds = 0;
        ahead.seen_failing.clear();
        ahead.changes.clear();
    }
    Traits first_seen = traits_of(round);
    std::erase_if(first_seen,
                  [&ahead](const auto& trait) { return ahead.seen_failing.contains(trait.first); });
    Traits traits = entry.traits;
    std::ranges::move(take_over(traits, first_seen, {}).changes, std::back_inserter(ahead.changes));
    add_timed(ahead, entry.passed_began, ahead.config_changes);
    add_timed(ahead, entry.passed_began, host_changes_);
    return ahead.changes;
}

checks::KnownPast HistoryTracker::past_of(const std::string& name, const checks::Assessment& round,
                                          Clock::time_point now) const {
    checks::KnownPast past;
    const auto found = entries_.find(name);
    if (found == entries_.end() || !found->second.run || !found->second.run->last_passed) {
        past.never_healthy = true;
        return past;
    }
    const Entry& entry = found->second;
    const Run& run = *entry.run;
    if (const auto since = run.passed ? std::optional(run.since) : run.passed_since) {
        past.healthy_for = std::chrono::duration_cast<std::chrono::seconds>(*run.last_passed - *since);
    }
    past.changed = facts_of(changes_before(entry, round, now));
    return past;
}

// ---- health, cause and outage ----

void HistoryTracker::follow_cause(Entry& entry, const TargetStatus& status) {
    const Cause cause = status.verdict->decision.cause;
    const std::optional<Cause> before = std::exchange(entry.cause, cause);
    if (before && *before != cause) {
        news_.changes.push_back({entry.name,
                                 {status.standing.round_started, What::cause, std::string(slug(*before)),
                                  std::string(slug(cause))}});
    }
}

/// Whether it is another one.
bool HistoryTracker::follow_health(Entry& entry, const TargetStatus& status) {
    if (!status.healthy) {
        return false;
    }
    const StoredHealth now{*status.healthy, status.standing.health_since, status.standing.last_healthy};
    const std::optional<StoredHealth> before = std::exchange(entry.health, now);
    if (before && before->healthy != now.healthy) {
        news_.changes.push_back(
            {entry.name, {now.since, What::health, health_word(before->healthy), health_word(now.healthy)}});
    }
    return !before || before->healthy != now.healthy || before->since != now.since;
}

namespace {

/// What was seen is gone once the target is healthy again, and a ticket is written later.
void explain_outage(OutageRecord& record, const TargetStatus& status) {
    const checks::Explanation explanation = checks::explain(*status.target, *status.verdict);
    record.summary = shortened(explanation.summary, max_said_length);
    for (const std::string& line : explanation.evidence) {
        if (record.evidence.size() == max_said_lines) {
            break;
        }
        record.evidence.push_back(shortened(line, max_said_length));
    }
}

}  // namespace

void HistoryTracker::follow_outage(Entry& entry, const TargetStatus& status) {
    const bool is_open = failing_of(std::as_const(entry)).outage_since.has_value();
    if (status.healthy == true && is_open) {
        Failing& ended = *entry.failing;
        news_.outages.push_back({entry.name, *ended.outage_since, entry.run->since, ended.outage_cause});
        ended.outage_since.reset();
        return;
    }
    if (status.healthy != false || is_open) {
        return;
    }
    Failing& failing = failing_of(entry);
    failing.outage_since = entry.run->passed ? status.standing.round_started : entry.run->since;
    failing.outage_cause = status.verdict->decision.cause;
    OutageRecord record{entry.name, *failing.outage_since, std::nullopt, failing.outage_cause,
                        entry.run->last_passed};
    explain_outage(record, status);
    news_.outages.push_back(std::move(record));
    // One that comes and goes for the same cause has a file of its first failure.
    if (failing.evidence.empty() && failing.latest_evidence) {
        failing.evidence.push_back(*failing.latest_evidence);
    }
}

/// Failed rounds before the outage is one, and each further cause within it, have files of their own.
void HistoryTracker::follow_evidence(Entry& entry, const TargetStatus& status) {
    const std::string& file = status.evidence_file;
    if (file.empty()) {
        if (entry.failing) {
            entry.failing->latest_evidence.reset();
        }
        return;
    }
    Failing& failing = failing_of(entry);
    if (!failing.latest_evidence || failing.latest_evidence->file != file) {
        failing.latest_evidence = {
            entry.name, {}, status.standing.round_started, status.verdict->decision.cause, file};
        failing.evidence.push_back(*failing.latest_evidence);
    }
    if (!failing.outage_since && failing.evidence.size() > max_unnamed_files) {
        failing.evidence.erase(failing.evidence.begin());
    }
}

void HistoryTracker::name_evidence(Entry& entry) {
    if (!entry.failing) {
        return;
    }
    Failing& failing = *entry.failing;
    if (!failing.outage_since) {
        if (!failing.latest_evidence) {
            failing.evidence.clear();
        }
        return;
    }
    for (EvidenceRecord& record : failing.evidence) {
        record.outage = *failing.outage_since;
        news_.evidence.push_back(std::move(record));
    }
    failing.evidence.clear();
}

void HistoryTracker::evidence_gone(const std::vector<std::string>& files) {
    const std::unordered_set<std::string_view> names(files.begin(), files.end());
    for (auto& [target, entry] : entries_) {
        if (!entry.failing) {
            continue;
        }
        Failing& failing = *entry.failing;
        if (failing.latest_evidence && names.contains(failing.latest_evidence->file)) {
            failing.latest_evidence.reset();
        }
        std::erase_if(failing.evidence,
                      [&names](const EvidenceRecord& record) { return names.contains(record.file); });
    }
    news_.gone_evidence.insert(news_.gone_evidence.end(), files.begin(), files.end());
}

/// What of it is still to be told is kept.
void HistoryTracker::forget_failure(Entry& entry) {
    if (entry.run->passed && entry.failing && !entry.failing->outage_since &&
        !entry.failing->latest_evidence && entry.failing->config_changes.empty()) {
        entry.failing.reset();
    }
}

TargetHistoryPtr HistoryTracker::round_ended(const TargetStatus& status, Clock::time_point now) {
    Entry& entry = entry_of(status.name());
    const checks::Verdict& verdict = *status.verdict;
    const Standing& standing = status.standing;
    const checks::RoundResult result = checks::result_of(verdict);
    const bool made = result != checks::RoundResult::not_made;
    news_.rounds.push_back({entry.name, standing.round_started,
                            made ? std::optional(result == checks::RoundResult::passed) : std::nullopt,
                            verdict.decision.cause, standing.round_took});
    follow_cause(entry, status);
    if (!made) {
        return entry.history;
    }
    const std::optional<Run> before = entry.run;
    Traits seen = traits_of(verdict);
    entry.ttls.add(ttls_of(verdict), now, seen);
    if (result == checks::RoundResult::passed) {
        write_traits(entry.name, entry.traits, seen, standing.round_started);
        passed(entry, standing, now);
    } else {
        failed(entry, standing, seen, now);
    }
    const bool other_health = follow_health(entry, status);
    if (other_health || !before || before->passed != entry.run->passed) {
        news_.standings.push_back({entry.name, status.kind(), entry.health, *entry.run});
    }
    follow_evidence(entry, status);
    follow_outage(entry, status);
    name_evidence(entry);
    entry.history = std::make_shared<const TargetHistory>(
        TargetHistory{entry.run->since, entry.run->last_passed, failing_of(std::as_const(entry)).changes});
    forget_failure(entry);
    return entry.history;
}

}  // namespace whylink::daemon
