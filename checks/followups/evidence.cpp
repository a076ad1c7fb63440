#include "checks/followups/evidence.hpp"

#include <fmt/core.h>

#include "checks/explain/text.hpp"
#include "checks/followups/results.hpp"
#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/looks_like.hpp"
#include "checks/texts/followups.hpp"

namespace whylink::checks {
namespace {

using probes::FollowUp;
using probes::TlsFacts;
using probes::TlsProgress;

std::string done_text(const FollowUpResult& result, bool header_configured) {
    if (result.kind == FollowUp::proxy_v2) {
        return header_configured ? "the same without the PROXY header that is configured"
                                 : "the same behind a PROXY v2 header (LOCAL)";
    }
    return text(result.kind).done;
}

/// Which name, port, address or resolver it was.
std::string target_text(const FollowUpResult& result) {
    const probes::Observation& observation = result.probe->observation;
    if (const auto* dns = result.probe->dns()) {
        return dns->name + " at " + resolver_text(*dns);
    }
    std::string target =
        observation.address ? endpoint_text(*observation.address, observation.port) : std::string();
    const auto* tls = result.probe->tls();
    const bool named = result.kind == FollowUp::other_name || result.kind == FollowUp::alias_name;
    return tls != nullptr && named ? target + ", " + tls->server_name : target;
}

std::string dns_text(const probes::DnsFacts& dns) {
    const std::vector<IpAddress> addresses = addresses_of(dns);
    return addresses.empty() ? std::string() : "has " + addresses_text(addresses);
}

std::string app_text(const probes::AppFacts& app) {
    const std::string words = reply_text(app);
    return protocol_title(app.protocol) + " answers" + (words.empty() ? "" : ": " + words);
}

std::string tls_text(const TlsFacts& tls) {
    return tls.progress == TlsProgress::complete       ? "the TLS handshake completes"
           : tls.progress >= TlsProgress::server_hello ? "the server answers with a ServerHello"
                                                       : std::string();
}

std::string shown_text(const JudgedProbe& probe, const std::string& detail) {
    std::string shown;
    if (const auto* dns = probe.dns()) {
        shown = dns_text(*dns);
    } else if (const auto* app = probe.app()) {
        shown = app->bytes_received > 0 && passes(probe.outcome) ? app_text(*app) : std::string();
    } else if (const auto* tls = probe.tls()) {
        shown = tls_text(*tls);
    } else if (const auto* tcp = probe.tcp(); tcp != nullptr && tcp->connected && detail.empty()) {
        shown = "connected";
    }
    if (shown.empty() || !passes(probe.outcome)) {
        append(shown, detail);
    }
    return shown.empty() ? std::string(slug(probe.outcome)) : shown;
}

std::string meaning_text(const FollowUpResult& result, bool header_configured) {
    if (result.finding == Finding::nothing) {
        return "this neither proves nor excludes anything";
    }
    if (result.kind == FollowUp::proxy_v2 && !header_configured) {
        return result.finding == Finding::answered ? "the server waits for such a header"
                                                   : "the server does not wait for one";
    }
    if (result.kind == FollowUp::proxy_v2) {
        return result.finding == Finding::answered ? "the server does not take the header"
                                                   : "it is not for the header that it fails";
    }
    const std::string_view speaker = looks_like(*result.probe);
    if (result.kind == FollowUp::read_on && !speaker.empty()) {
        return fmt::format("this looks like {}", speaker);
    }
    const FollowUpText& texts = text(result.kind);
    return result.finding == Finding::answered ? texts.if_answered : texts.if_same;
}

}  // namespace

std::vector<std::string> follow_up_evidence(const Assessment& round, std::span<const std::string> details) {
    std::vector<std::string> lines;
    const bool header_configured = sent_proxy_header(round.probes);
    const std::vector<FollowUpResult> results = follow_up_results(round);
    for (std::size_t i = 0; i < results.size(); ++i) {
        const FollowUpResult& result = results[i];
        add_once(lines,
                 fmt::format("experiment {}, {} ({}): {}: {}", slug(result.kind),
                             done_text(result, header_configured), target_text(result),
                             shown_text(*result.probe, details[i]), meaning_text(result, header_configured)));
    }
    return lines;
}

}  // namespace whylink::checks
