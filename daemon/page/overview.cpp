#include "daemon/page/overview.hpp"

#include <fmt/format.h>

#include "daemon/page/charts.hpp"
#include "daemon/page/filters.hpp"
#include "daemon/page/frame.hpp"
#include "daemon/page/incidents.hpp"
#include "daemon/page/targets.hpp"

namespace whylink::daemon::page {
namespace {

std::string targets_text(std::size_t count) {
    return count == 1 ? "The target" : fmt::format("All {} targets", count);
}

/// "3 of 15 targets are failing", "1 of 1 target is failing"
std::string share_of(std::size_t part, std::size_t all, std::string_view one, std::string_view many) {
    return fmt::format("{} of {} {} {}", part, all, all == 1 ? "target" : "targets", part == 1 ? one : many);
}

/// The answer, before anything else.
std::string headline(const std::vector<std::size_t>& counts, std::size_t all) {
    const auto of = [&counts](State state) { return counts.at(static_cast<std::size_t>(state)); };
    if (all == 0) {
        return "No targets are configured";
    }
    if (of(State::failing) > 0) {
        return share_of(of(State::failing), all, "is failing", "are failing");
    }
    if (of(State::unknown) > 0) {
        return share_of(of(State::unknown), all, "could not be checked", "could not be checked");
    }
    if (of(State::waiting) > 0) {
        return share_of(of(State::waiting), all, "waits for its first check", "wait for their first check");
    }
    const std::string healthy = fmt::format("{} {} healthy", targets_text(all), all == 1 ? "is" : "are");
    const std::size_t warnings = of(State::warning);
    return warnings == 0 ? healthy : fmt::format("{}, {} with a warning", healthy, warnings);
}

void write_count(Html& html, State state, std::size_t count, const Query& query) {
    Query of_state;
    of_state.state = state;
    const std::string look = fmt::format("count {}{}", slug(state), count == 0 ? " none" : "");
    const auto item = html.in("li");
    const auto link = html.in("a", {{"class", look},
                                    Attribute::href(link_to(of_state)),
                                    {"aria-current", "true", query.state == state}});
    write_icon(html, state);
    html.put("span", {{"class", "amount"}}, std::to_string(count));
    html.text(" ");
    html.put("span", {{"class", "word"}}, title(state));
}

void write_summary(Html& html, const Targets& all, const Query& query) {
    const std::vector<std::size_t> counts = count_by_state(all);
    const auto summary = html.in(
        "section", {{"class", "top"}, {"id", "summary"}, {"aria-labelledby", "headline"}, {"data-live", ""}});
    html.put("h1", {{"id", "headline"}}, headline(counts, all.size()));
    write_shares(html, counts);
    const auto list = html.in("ul", {{"class", "counts"}, {"aria-label", "Targets by state"}});
    for (const auto& term : terms_of<State>) {
        write_count(html, term.value, counts.at(static_cast<std::size_t>(term.value)), query);
    }
}

void write_list(Html& html, const Input& input, const Targets& shown, const Targets& all,
                const Query& query) {
    const auto live = html.in("div", {{"id", "list"}, {"data-live", ""}});
    if (all.empty()) {
        html.put("p", {{"class", "empty"}},
                 "Add endpoints, zones or watches to the configuration, and reload it.");
        return;
    }
    const bool chosen = shown.size() < all.size();
    html.put("p", {{"class", chosen ? "chosen" : "chosen unseen"}, {"role", "status"}},
             fmt::format("{} of {} targets match", shown.size(), all.size()));
    if (!shown.empty()) {
        write_table(html, input, shown, query);
    }
}

std::string page_title(const Targets& all, const Snapshot& snapshot) {
    const std::vector<std::size_t> counts = count_by_state(all);
    const std::size_t failing = counts.at(static_cast<std::size_t>(State::failing));
    return fmt::format("{}whylink on {}", failing > 0 ? fmt::format("({}) ", failing) : "",
                       snapshot.vantage_point);
}

}  // namespace

std::string render_overview(const Input& input, const Query& query) {
    const Targets all = select(input, {});
    const Targets shown = select(input, query);
    return in_frame(input, page_title(all, input.snapshot), [&](Html& html) {
        write_summary(html, all, query);
        {
            const auto live = html.in("div", {{"id", "wrong"}, {"data-live", ""}});
            write_incidents(html, input, shown);
        }
        const Section section(html, "targets", "Targets");
        write_filters(html, input.snapshot, query);
        write_list(html, input, shown, all, query);
    });
}

}  // namespace whylink::daemon::page
