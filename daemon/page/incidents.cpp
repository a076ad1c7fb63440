#include "daemon/page/incidents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "checks/explain/explain.hpp"
#include "checks/explain/text.hpp"
#include "daemon/page/frame.hpp"
#include "daemon/page/steps.hpp"
#include "daemon/report/human/answer.hpp"
#include "daemon/report/human/fold.hpp"
#include "daemon/report/human/standing.hpp"
#include "daemon/report/human/steps.hpp"
#include "daemon/report/human/subnet.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon::page {
namespace {

/// More kinds of failure than these are in the table alone.
constexpr std::size_t max_incidents = 12;
constexpr std::size_t max_names = 8;

Report report_of(const Targets& targets) {
    Report report;
    for (const ShownTarget& target : targets) {
        if (target.state != State::healthy && target.state != State::waiting) {
            report.entries.push_back(entry_of(*target.status));
        }
    }
    return report;
}

void write_rating(Html& html, const Group& group, Time now) {
    const checks::Decision& decision = group.example().verdict->decision;
    const auto line = html.in("p", {{"class", "rating"}});
    html.text(fmt::format("{} · {} confidence", slug(decision.severity), slug(decision.confidence)));
    if (const auto first = since(group)) {
        html.text(" · since ");
        write_time(html, *first, now);
    }
}

void write_names(Html& html, const Group& group) {
    const auto line = html.in("p", {{"class", "names"}});
    if (!group.alone()) {
        html.put("strong", fmt::format("{} targets: ", group.entries.size()));
    }
    const std::size_t shown = std::min(group.entries.size(), max_names);
    for (std::size_t i = 0; i < shown; ++i) {
        html.text(i == 0 ? "" : ", ");
        write_name(html, group.entries[i]->target->name());
    }
    if (shown < group.entries.size()) {
        Query of_cause;
        of_cause.cause = group.example().verdict->decision.cause;
        html.text(" and ");
        html.put("a", {Attribute::href(link_to(of_cause))},
                 fmt::format("{} more", group.entries.size() - shown));
    }
}

/// Of a single target it is known when it was last healthy, too.
std::string standing_of(const Group& group, Time now) {
    const ReportEntry& entry = group.example();
    return group.alone() && entry.standing ? standing_text(*entry.verdict, *entry.standing, now)
                                           : common_change_text(group);
}

void write_line(Html& html, std::string_view look, const std::string& text) {
    if (!text.empty()) {
        html.put("p", {{"class", look}}, text);
    }
}

void write_first_step(Html& html, const ReportEntry& entry, const checks::Explanation& explanation) {
    const Fix fix = fix_of(entry, explanation.steps);
    if (fix.steps.empty()) {
        return;
    }
    const auto next = html.in("div", {{"class", "next"}});
    html.put("p", {{"class", "actor"}}, "Fix: " + fix.actor);
    write_step(html, first_action(fix.steps.front()));
}

void write_incident(Html& html, const Group& group, Time now, std::size_t number) {
    const ReportEntry& entry = group.example();
    const auto explanation = entry.explained();
    const State state = state_of(group.mark).value_or(State::failing);
    const std::string id = fmt::format("incident-{}", number);
    const std::string look = fmt::format("incident {}", slug(state));
    const auto item = html.in("li");
    const auto incident = html.in("article", {{"class", look}, {"aria-labelledby", id}});
    {
        const auto heading = html.in("h3", {{"id", id}});
        write_icon(html, state, false);
        html.text(capitalised(std::string(checks::title_of(entry.verdict->decision))));
    }
    write_rating(html, group, now);
    write_names(html, group);
    write_line(html, "summary", summary_beside_title(entry, *explanation));
    if (!group.alone()) {
        write_line(html, "summary", subnet_text(group));
    }
    write_line(html, "changed", standing_of(group, now));
    write_first_step(html, entry, *explanation);
}

}  // namespace

void write_incidents(Html& html, const Input& input, const Targets& targets) {
    const Report report = report_of(targets);
    const std::vector<Group> groups = groups_of(report, false);
    if (groups.empty()) {
        return;
    }
    const Section section(html, "incidents", "What is wrong");
    const auto list = html.in("ul", {{"class", "incidents"}});
    const std::size_t shown = std::min(groups.size(), max_incidents);
    for (std::size_t i = 0; i < shown; ++i) {
        write_incident(html, groups[i], input.now, i + 1);
    }
    if (shown < groups.size()) {
        html.put("li", {{"class", "more"}},
                 checks::count_text(groups.size() - shown, "further kind") + " of failure: see the table.");
    }
}

}  // namespace whylink::daemon::page
