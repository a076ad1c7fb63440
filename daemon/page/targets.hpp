// The targets that a page is about.
#pragma once

#include <string>
#include <vector>

#include "daemon/page/input.hpp"
#include "daemon/page/query.hpp"

namespace whylink::daemon::page {

struct ShownTarget {
    const TargetStatus* status;
    State state;
};
using Targets = std::vector<ShownTarget>;

/// Those that match, worst first, else in the order of the configuration.
Targets select(const Input& input, const Query& query);

/// How many there are in each state.
std::vector<std::size_t> count_by_state(const Targets& targets);

/// Their table, one page of it.
void write_table(Html& html, const Input& input, const Targets& targets, const Query& query);

/// The state of one, with its sign.
void write_state(Html& html, State state);
/// Its name as a link to its own page.
void write_name(Html& html, const std::string& name);
/// What is checked of it, and its labels.
void write_labels(Html& html, const TargetStatus& status);

}  // namespace whylink::daemon::page
