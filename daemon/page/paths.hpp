// Over which addresses and DNS servers a target was reached, and when each stage ran.
#pragma once

#include "daemon/page/input.hpp"

namespace whylink::daemon::page {

/// Each address with its stages; nothing where no address was tried.
void write_addresses(Html& html, const checks::Verdict& verdict);
/// Each DNS server with what it answered; nothing where none was asked.
void write_resolvers(Html& html, const checks::Verdict& verdict);
/// Each probe of the latest round in the order of its start.
void write_waterfall(Html& html, const TargetStatus& status);

}  // namespace whylink::daemon::page
