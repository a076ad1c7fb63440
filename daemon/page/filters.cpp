#include "daemon/page/filters.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "checks/texts/causes.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon::page {
namespace {

/// More labels than these are written by hand.
constexpr std::size_t max_labels = 200;

struct Option {
    std::string value;
    std::string text;
};

void write_option(Html& html, const Option& option, bool chosen) {
    html.put("option", {{"value", option.value}, {"selected", "", chosen}}, option.text);
}

void write_select(Html& html, std::string_view key, std::string_view label,
                  const std::vector<Option>& options, std::string_view chosen) {
    const auto field = html.in("label", {{"class", "field"}});
    html.put("span", label);
    const auto select = html.in("select", {{"name", key}});
    write_option(html, {"", "Any"}, chosen.empty());
    for (const Option& option : options) {
        write_option(html, option, option.value == chosen);
    }
}

template <class E>
std::string slug_of(const std::optional<E>& value) {
    return value ? std::string(slug(*value)) : std::string();
}

std::vector<Option> states() {
    std::vector<Option> options;
    for (const auto& term : terms_of<State>) {
        options.push_back({std::string(term.slug), std::string(term.title)});
    }
    options.push_back({std::string(unstable_slug), "Failed in 24 hours"});
    return options;
}

std::vector<Option> kinds() {
    std::vector<Option> options;
    for (const std::string_view kind : slugs_of<config::TargetKind>) {
        options.push_back({std::string(kind), capitalised(std::string(kind))});
    }
    return options;
}

/// Those that targets have now, and the one that is chosen.
std::vector<Option> causes(const Snapshot& snapshot, const Query& query) {
    std::set<Cause> present;
    if (query.cause) {
        present.insert(*query.cause);
    }
    for (const TargetStatusPtr& status : snapshot.targets) {
        if (status->verdict != nullptr && status->verdict->decision.cause != Cause::healthy) {
            present.insert(status->verdict->decision.cause);
        }
    }
    std::vector<Option> options;
    for (const Cause cause : present) {
        options.push_back({std::string(slug(cause)), capitalised(checks::text(cause).title)});
    }
    std::ranges::sort(options, {}, &Option::text);
    return options;
}

std::set<std::string> labels(const Snapshot& snapshot) {
    std::set<std::string> all;
    for (const TargetStatusPtr& status : snapshot.targets) {
        for (const auto& [key, value] : status->labels()) {
            all.insert(key + "=" + value);
        }
        if (all.size() > max_labels) {
            break;
        }
    }
    return all;
}

void write_label_field(Html& html, const Snapshot& snapshot, const std::string& chosen) {
    std::set<std::string> all = labels(snapshot);
    if (all.size() > max_labels) {
        const auto field = html.in("label", {{"class", "field"}});
        html.put("span", "Label");
        html.lone("input", {{"name", "label"}, {"value", chosen}, {"placeholder", "team=data"}});
        return;
    }
    if (!chosen.empty()) {
        all.insert(chosen);
    }
    if (all.empty()) {
        return;
    }
    std::vector<Option> options;
    for (const std::string& label : all) {
        options.push_back({label, label});
    }
    write_select(html, "label", "Label", options, chosen);
}

}  // namespace

void write_filters(Html& html, const Snapshot& snapshot, const Query& query) {
    const auto form = html.in("form", {{"class", "filters"},
                                       {"id", "filters"},
                                       {"role", "search"},
                                       {"method", "get"},
                                       {"aria-label", "Choose targets"},
                                       Attribute::action(Link::home())});
    {
        const auto field = html.in("label", {{"class", "field search"}});
        html.put("span", "Search");
        html.lone("input", {{"type", "search"},
                            {"name", "q"},
                            {"value", query.search},
                            {"placeholder", "Name, address, label or cause"},
                            {"autocomplete", "off"},
                            {"spellcheck", "false"}});
    }
    write_select(html, "state", "State", states(),
                 query.unstable ? std::string(unstable_slug) : slug_of(query.state));
    write_select(html, "cause", "Cause", causes(snapshot, query), slug_of(query.cause));
    write_select(html, "kind", "Kind", kinds(), slug_of(query.kind));
    write_label_field(html, snapshot, query.label);
    html.put("button", {{"type", "submit"}}, "Apply");
    if (query.filters() || !query.names.empty()) {
        html.put("a", {{"class", "clear"}, Attribute::href(Link::home())}, "Clear");
    }
}

}  // namespace whylink::daemon::page
