#include "daemon/report/human/fold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "checks/explain/explain.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

/// Names in a line are an example; who wants all of them asks for JSON.
constexpr std::size_t max_names = 12;

/// Each stage with each of the outcomes that fail: "tcp timeout".
std::set<std::string> failures_of(const checks::Verdict& verdict) {
    std::set<std::string> failures;
    for (const checks::JudgedProbe& probe : verdict.probes) {
        if (probe.fails()) {
            failures.insert(fmt::format("{} {}", slug(probe.observation.stage), slug(probe.outcome)));
        }
    }
    return failures;
}

/// What entries of one group have in common.
std::string key_of(const ReportEntry& entry) {
    const checks::Verdict& verdict = *entry.verdict;
    const Mark mark = mark_of(verdict);
    if (mark == Mark::good) {
        return {};
    }
    const checks::Decision& decision = verdict.decision;
    return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}", static_cast<int>(mark), slug(entry.target->kind()),
                       slug(decision.cause), checks::title_of(decision), slug(decision.severity),
                       slug(decision.confidence), entry.target->head().profile,
                       fmt::join(failures_of(verdict), ","));
}

}  // namespace

std::vector<Group> groups_of(const Report& report, bool each) {
    std::vector<Group> groups;
    std::map<std::string, std::size_t> known;
    for (const ReportEntry& entry : report.entries) {
        const std::string key = each ? std::to_string(groups.size()) : key_of(entry);
        const auto [at, added] = known.try_emplace(key, groups.size());
        if (added) {
            groups.push_back({mark_of(*entry.verdict), {}});
        }
        groups[at->second].entries.push_back(&entry);
    }
    std::ranges::stable_sort(groups, [](const Group& a, const Group& b) {
        return a.mark != b.mark ? a.mark < b.mark : a.entries.size() > b.entries.size();
    });
    return groups;
}

std::optional<std::chrono::system_clock::time_point> since(const Group& group) {
    std::optional<std::chrono::system_clock::time_point> first;
    for (const ReportEntry* entry : group.entries) {
        if (entry->standing && (!first || entry->standing->health_since < *first)) {
            first = entry->standing->health_since;
        }
    }
    return first;
}

std::string names_text(const Canvas& canvas, const std::vector<std::string>& names, std::size_t room) {
    for (std::size_t most = std::min(names.size(), max_names); most > 1; --most) {
        std::string text = abridged(names, most);
        if (canvas.width_of(text) <= room) {
            return text;
        }
    }
    return canvas.cut_to(abridged(names, 1), room);
}

std::vector<std::string> names_of(const Group& group) {
    std::vector<std::string> names;
    std::ranges::transform(group.entries, std::back_inserter(names),
                           [](const ReportEntry* entry) { return entry->target->name(); });
    return names;
}

}  // namespace whylink::daemon
