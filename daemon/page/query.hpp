// What the address of the page asks for: which targets are shown, and which of the pages of their table.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/cause.hpp"
#include "daemon/page/html.hpp"
#include "daemon/page/state.hpp"

namespace whylink::daemon::page {

/// A value of `state` that no target has, beside those of State.
inline constexpr std::string_view unstable_slug = "unstable";

struct Query {
    std::string search;
    std::optional<State> state;
    bool unstable = false;  ///< failed in the last 24 hours, however it stands now
    std::optional<Cause> cause;
    std::optional<config::TargetKind> kind;
    std::string label;               ///< "team=data"; empty: any
    std::vector<std::string> names;  ///< empty: all; a single one has a page of its own
    std::size_t page = 1;            ///< of the table

    bool filters() const { return !search.empty() || state || unstable || cause || kind || !label.empty(); }
};

/// Decoded pairs of the address, in order; or what is wrong with one. An empty value is none, because a form sends those
/// too; other keys belong to whoever made the link.
std::variant<Query, std::string> parse_query(const std::vector<std::pair<std::string, std::string>>& pairs);

/// The address of the same targets, on that page of the table.
Link link_to(const Query& query, std::size_t page = 1);

/// What is searched for is in its name, what is checked of it, its labels or its cause, whatever the case. Whether it was
/// unstable is not asked: the history says it.
bool matches(const TargetStatus& status, const Query& query);

}  // namespace whylink::daemon::page
