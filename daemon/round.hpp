// One round: every probe of one endpoint or zone, once. `check`, `diagnose`, `zone` and the daemon all run
// this.
#pragma once

#include <asio/awaitable.hpp>
#include <vector>

#include "config/config.hpp"
#include "daemon/dns_stage.hpp"
#include "probes/observation.hpp"
#include "probes/tls.hpp"

namespace whylink::daemon {

/// What rounds share.
struct RoundContext {
    probes::TlsContexts& tls;
    SystemFiles files;
};

/// Reads the files that rounds of the endpoint need (trust store, certificates), which would otherwise be
/// read by the first of them. A file that cannot be used is a finding of the round, not of this.
void prepare(const config::Endpoint& endpoint, RoundContext& context);

/// DNS of every resolver in parallel, then TCP and TLS on every address that any of them gave, in parallel.
/// The arguments must outlive the coroutine. Never throws for what the network or this VM does.
asio::awaitable<std::vector<probes::Observation>> run_endpoint(const config::Endpoint& endpoint,
                                                               RoundContext& context);

/// The known labels, fresh random names and the control name, against every resolver, in parallel.
asio::awaitable<std::vector<probes::Observation>> run_zone(const config::Zone& zone, RoundContext& context);

}  // namespace whylink::daemon
