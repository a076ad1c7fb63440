#include "checks/stages/tls/tried.hpp"

#include <algorithm>

namespace whylink::checks {
namespace {

/// Whether the service speaks plain text, by a plain connection beside a handshake that failed. That it stays
/// up says nothing: a server of TLS waits for a ClientHello in silence.
bool speaks_plain_text(const JudgedProbe& plain, const probes::TlsFacts& tls) {
    using probes::AppReply;
    const auto* app = plain.app();
    if (app == nullptr) {
        return get<probes::TcpFacts>(plain.observation.facts).bytes_received > 0;
    }
    // Servers of TLS complain in plain text, too, but then they have answered the ClientHello as well.
    const bool complains = app->reply == AppReply::other_protocol && tls.bytes_received > 0;
    return app->reply != AppReply::none && app->reply != AppReply::wants_tls && !complains;
}

bool is_plain_attempt(const JudgedProbe& probe) {
    const auto* app = probe.app();
    const auto* tcp = probe.tcp();
    return probe.counts && !probe.observation.local &&
           ((app != nullptr && !app->over_tls) ||
            (tcp != nullptr && tcp->connected && !tcp->has_tls && !tcp->has_app));
}

bool is_failed_tls(const JudgedProbe& probe) {
    return probe.tls() != nullptr && probe.fails() && probe.outcome != Outcome::local_error;
}

}  // namespace

void weigh_tried_tls(const config::Target& target, std::vector<JudgedProbe>& probes) {
    if (target.endpoint() == nullptr || target.endpoint()->tls.mode != config::TlsMode::attempt) {
        return;
    }
    for (auto plain = probes.begin(); plain != probes.end(); ++plain) {
        if (!is_plain_attempt(*plain)) {
            continue;
        }
        const auto tls = std::find_if(probes.begin(), plain, [&](const JudgedProbe& probe) {
            return probe.observation.address == plain->observation.address && is_failed_tls(probe);
        });
        if (tls == plain) {
            continue;
        }
        (speaks_plain_text(*plain, get<probes::TlsFacts>(tls->observation.facts)) ? tls : plain)->counts =
            false;
    }
}

}  // namespace whylink::checks
