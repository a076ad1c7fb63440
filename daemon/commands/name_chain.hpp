// The names that a host's CNAME chain leads to, asked for before anything is probed.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/round/dns_stage.hpp"

namespace whylink::daemon {

/// By the endpoint's resolvers, within its time-out; in the order of the answers, each once. Empty where there is no chain or
/// no answer. Runs an event loop of its own in this thread.
std::vector<std::string> cname_chain(const config::Endpoint& endpoint, const SystemFiles& files);

}  // namespace whylink::daemon
