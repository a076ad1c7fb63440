// What is wrong with one target, what proves it and what to do: the report for people, laid out for a browser.
#pragma once

#include "daemon/page/input.hpp"

namespace whylink::daemon::page {

void write_diagnosis(Html& html, const Input& input, const TargetStatus& status);

}  // namespace whylink::daemon::page
