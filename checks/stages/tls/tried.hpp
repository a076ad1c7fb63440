// TLS that was only tried, beside a plain attempt at the same address.
#pragma once

#include <vector>

#include "checks/judge.hpp"

namespace whylink::checks {

/// Where TLS was only tried and a plain attempt at the same address follows: decides which of the two counts.
/// A service that speaks its protocol in plain text needs no TLS; what says nothing in plain text either, or
/// asks for TLS, leaves it at what TLS showed.
void weigh_tried_tls(const config::Target& target, std::vector<JudgedProbe>& probes);

}  // namespace whylink::checks
