#include "daemon/page/targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "daemon/page/charts.hpp"
#include "daemon/page/frame.hpp"
#include "daemon/report/human/target_text.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon::page {
namespace {

/// Of a page of the table: a browser lays out so many in no time.
constexpr std::size_t page_size = 200;
constexpr std::size_t max_labels = 4;

struct Column {
    std::string_view heading;
    std::string_view look;
};
constexpr std::array<Column, 8> columns{{{"State", "state"},
                                         {"Target", "target"},
                                         {"Cause", "cause"},
                                         {"Since", "since"},
                                         {"Last check", "checked"},
                                         {"RTT", "rtt"},
                                         {"24 hours", "history"},
                                         {"Certificate", "certificate"}}};

// Roles are written out, because on a phone rows are not laid out as a table.
Html::Element cell(Html& html, std::size_t column) {
    return html.in(
        "td",
        {{"role", "cell"}, {"class", columns.at(column).look}, {"data-label", columns.at(column).heading}});
}

void write_head(Html& html) {
    const auto head = html.in("thead", {{"role", "rowgroup"}});
    const auto row = html.in("tr", {{"role", "row"}});
    for (const Column& column : columns) {
        html.put("th", {{"role", "columnheader"}, {"scope", "col"}, {"class", column.look}}, column.heading);
    }
}

void write_target(Html& html, const TargetStatus& status) {
    const auto header = html.in("th", {{"role", "rowheader"}, {"scope", "row"}, {"class", "target"}});
    write_name(html, status.name());
    write_labels(html, status);
}

void write_cause(Html& html, const TargetStatus& status, State state) {
    const auto at = cell(html, 2);
    if (state == State::healthy) {
        return;
    }
    html.put("span", {{"class", "title"}}, title_of(status));
    if (status.verdict != nullptr) {
        html.put("span", {{"class", "minor"}},
                 fmt::format("{} confidence", slug(status.verdict->decision.confidence)));
    }
}

void write_since(Html& html, const TargetStatus& status, Time now) {
    const auto at = cell(html, 3);
    if (status.verdict == nullptr) {
        return;
    }
    const Time since = status.standing.health_since;
    write_time(html, since, now);
    html.put("span", {{"class", "minor"}},
             age_text(std::chrono::duration_cast<std::chrono::seconds>(std::max(now, since) - since)));
}

void write_checked(Html& html, const TargetStatus& status, Time now) {
    const auto at = cell(html, 4);
    if (status.verdict != nullptr) {
        html.text(ago_text(end_of_round(status.standing), now));
    }
}

void write_rtt(Html& html, const TargetStatus& status) {
    const auto at = cell(html, 5);
    const std::vector<float> values = status.rtt.values();
    write_sparkline(html, values, status.kind() == config::TargetKind::zone ? "DNS reply" : "RTT");
    write_latest(html, values);
}

void write_history(Html& html, const TargetStatus& status, const Days* days) {
    const auto at = cell(html, 6);
    if (days == nullptr) {
        return;
    }
    const auto day = days->find(status.name());
    if (day == days->end()) {
        html.put("span", {{"class", "minor"}}, "no history yet");
        return;
    }
    write_strip(html, day->second.counts, "Last 24 hours");
    html.put("span", {{"class", "number"}}, share_text(day->second.availability()));
}

void write_certificate(Html& html, const TargetStatus& status, Time now) {
    const auto at = cell(html, 7);
    const std::optional<Time> end = certificate_end(status);
    if (!end) {
        return;
    }
    const config::Endpoint* endpoint = status.target->endpoint();
    const bool soon = endpoint != nullptr && *end - now < endpoint->tls.expiry_warning;
    html.put("span", {{"class", soon ? "number soon" : "number"}}, certificate_text(*end, now));
}

void write_row(Html& html, const Input& input, const ShownTarget& target) {
    const TargetStatus& status = *target.status;
    const auto row = html.in("tr", {{"role", "row"}, {"class", slug(target.state)}});
    {
        const auto at = cell(html, 0);
        write_state(html, target.state);
    }
    write_target(html, status);
    write_cause(html, status, target.state);
    write_since(html, status, input.now);
    write_checked(html, status, input.now);
    write_rtt(html, status);
    write_history(html, status, input.days);
    write_certificate(html, status, input.now);
}

/// In the last 24 hours; without a history what is known is now.
bool has_failed(const TargetStatus& status, const Days* days) {
    const auto day = days == nullptr ? Days::const_iterator() : days->find(status.name());
    if (days == nullptr || day == days->end()) {
        return state_of(status) == State::failing;
    }
    return std::ranges::any_of(day->second.counts,
                               [](const Day::Count& count) { return count.passed < count.rounds; });
}

/// Which of them are on a page.
struct Part {
    std::size_t begin;
    std::size_t end;
    std::size_t page;
    std::size_t pages;
};

Part part_of(std::size_t all, std::size_t wanted) {
    const std::size_t pages = std::max<std::size_t>((all + page_size - 1) / page_size, 1);
    const std::size_t page = std::min(wanted, pages);
    return {(page - 1) * page_size, std::min(page * page_size, all), page, pages};
}

void write_pages(Html& html, const Query& query, const Part& part, std::size_t all) {
    if (part.pages == 1) {
        return;
    }
    const auto nav = html.in("nav", {{"class", "pages"}, {"aria-label", "Pages of the table"}});
    if (part.page > 1) {
        html.put("a", {Attribute::href(link_to(query, part.page - 1)), {"rel", "prev"}}, "Previous");
    }
    html.put("span", fmt::format("{} to {} of {}", part.begin + 1, part.end, all));
    if (part.page < part.pages) {
        html.put("a", {Attribute::href(link_to(query, part.page + 1)), {"rel", "next"}}, "Next");
    }
}

}  // namespace

Targets select(const Input& input, const Query& query) {
    Targets targets;
    for (const TargetStatusPtr& status : input.snapshot.targets) {
        if (matches(*status, query) && (!query.unstable || has_failed(*status, input.days))) {
            targets.push_back({status.get(), state_of(*status)});
        }
    }
    std::ranges::stable_sort(targets, {}, &ShownTarget::state);
    return targets;
}

std::vector<std::size_t> count_by_state(const Targets& targets) {
    std::vector<std::size_t> counts(count_of<State>);
    for (const ShownTarget& target : targets) {
        ++counts.at(static_cast<std::size_t>(target.state));
    }
    return counts;
}

void write_table(Html& html, const Input& input, const Targets& targets, const Query& query) {
    const Part part = part_of(targets.size(), query.page);
    {
        const auto table = html.in("table", {{"class", "targets"}, {"role", "table"}});
        html.put("caption", {{"class", "unseen"}}, "Targets, failures first");
        write_head(html);
        const auto body = html.in("tbody", {{"role", "rowgroup"}});
        for (std::size_t i = part.begin; i < part.end; ++i) {
            write_row(html, input, targets[i]);
        }
    }
    write_pages(html, query, part, targets.size());
}

void write_state(Html& html, State state) {
    const std::string look = fmt::format("status {}", slug(state));
    const auto status = html.in("span", {{"class", look}});
    write_icon(html, state);
    html.text(title(state));
}

void write_name(Html& html, const std::string& name) {
    html.put("a", {{"class", "name"}, Attribute::href(Link("name", name))}, name);
}

void write_labels(Html& html, const TargetStatus& status) {
    const auto line = html.in("span", {{"class", "minor"}});
    const std::string what = text_of(*status.target).what;
    html.text(what.empty() ? slug(status.kind()) : std::string_view(what));
    std::size_t shown = 0;
    for (const auto& [key, value] : status.labels()) {
        if (++shown > max_labels) {
            break;
        }
        const std::string label = fmt::format("{}={}", key, value);
        html.text(" ");
        html.put("a", {{"class", "label"}, Attribute::href(Link("label", label))}, label);
    }
}

}  // namespace whylink::daemon::page
