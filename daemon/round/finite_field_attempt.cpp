#include "daemon/round/finite_field_attempt.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace whylink::daemon {
namespace {

const probes::TlsFacts* tls_facts(const ConnectionResult& tried) {
    return tried.tls && !tried.tls->local ? get_if<probes::TlsFacts>(&tried.tls->facts) : nullptr;
}

}  // namespace

bool lacks_common_cipher(const ConnectionResult& tried) {
    constexpr std::array<std::uint8_t, 2> alerts{40, 71};
    const probes::TlsFacts* facts = tls_facts(tried);
    return facts != nullptr && facts->progress == probes::TlsProgress::client_hello_sent &&
           std::ranges::any_of(facts->alerts, [&alerts](const probes::TlsAlert& alert) {
               return !alert.sent_by_us && std::ranges::find(alerts, alert.description) != alerts.end();
           });
}

asio::awaitable<void> attempt_finite_field(ConnectionPlan plan, const TlsContextOrFault& tls,
                                           const Capturing& capturing, ConnectionResult& result) {
    const Capturing not_captured = capturing.without_packets();
    ConnectionPlan finite_field = plan;
    finite_field.finite_field = true;
    ConnectionResult further = co_await probe_connection(std::move(finite_field), tls, not_captured);
    if (further.tls && further.tls->local) {
        // Nobody knows whether it would have been complete.
        result.tls = std::move(further.tls);
        co_return;
    }
    const probes::TlsFacts* facts = tls_facts(further);
    if (facts == nullptr || facts->progress != probes::TlsProgress::complete) {
        co_return;
    }
    // The alert has other reasons too, and they may be gone by now.
    const ConnectionResult repeated = co_await probe_connection(std::move(plan), tls, not_captured);
    if (lacks_common_cipher(repeated)) {
        result.tls = std::move(further.tls);
        result.app = std::move(further.app);
    }
}

}  // namespace whylink::daemon
