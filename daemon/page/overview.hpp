// All targets: how many are in which state, what is wrong, and a table.
#pragma once

#include <string>

#include "daemon/page/input.hpp"
#include "daemon/page/query.hpp"

namespace whylink::daemon::page {

std::string render_overview(const Input& input, const Query& query);

}  // namespace whylink::daemon::page
