#include "checks/followups/evidence.hpp"

#include <fmt/core.h>

#include "checks/explain/text.hpp"
#include "checks/followups/query_text.hpp"
#include "checks/followups/results.hpp"
#include "checks/stages/connects.hpp"
#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/looks_like.hpp"
#include "checks/stages/packets/delivery.hpp"
#include "checks/texts/followups.hpp"
#include "config/outside_text.hpp"

namespace whylink::checks {
namespace {

using probes::FollowUp;
using probes::TlsFacts;
using probes::TlsProgress;

/// The test's slug says what is done, but for the one that does the opposite of its name.
std::string_view done_text(const FollowUpResult& result, bool header_configured) {
    const bool omitted = result.kind == FollowUp::proxy_v2 && header_configured;
    return omitted ? ", without the configured PROXY header" : "";
}

/// Which name, port, address or resolver it was.
std::string target_text(const FollowUpResult& result) {
    const probes::Observation& observation = result.probe->observation;
    if (!result.host.empty() && observation.address) {
        return fmt::format("{} port {}, {}", shortened(result.host, 255), observation.port,
                           observation.address->to_string());
    }
    if (const auto* dns = result.probe->dns()) {
        return dns->name + " at " + resolver_text(*dns);
    }
    std::string target =
        observation.address ? endpoint_text(*observation.address, observation.port) : std::string();
    const auto* tls = result.probe->tls();
    const bool named = result.kind == FollowUp::other_name || result.kind == FollowUp::alias_name ||
                       result.kind == FollowUp::linked_name;
    return tls != nullptr && named ? target + ", " + tls->server_name : target;
}

std::string dns_text(const probes::DnsFacts& dns) {
    if (dns.one_socket) {
        return pair_text(dns);
    }
    const std::string targets = srv_targets_text(targets_of(dns));
    const std::vector<IpAddress> addresses = addresses_of(dns);
    return !targets.empty() ? "targets " + targets : addresses.empty() ? "" : addresses_text(addresses);
}

std::string app_text(const probes::AppFacts& app) {
    const std::string words = reply_text(app);
    return protocol_title(app.protocol) + " answers" + (words.empty() ? "" : ": " + words);
}

std::string tls_text(const TlsFacts& tls) {
    return tls.progress == TlsProgress::complete       ? "handshake completes"
           : tls.progress >= TlsProgress::server_hello ? "ServerHello received"
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

std::string acceptor_meaning(const probes::AcceptorFacts& acceptor) {
    return acceptor.address ? fmt::format("the local socket {} (uid {}) accepts it",
                                          endpoint_text(*acceptor.address, acceptor.port), acceptor.uid)
                            : text(FollowUp::local_acceptor).if_same;
}

std::string meaning_text(const FollowUpResult& result, bool header_configured) {
    const std::string_view speaker = speaker_of(*result.probe);
    if (result.finding == Finding::nothing && !speaker.empty()) {
        return fmt::format("this looks like {}", speaker);
    }
    if (result.arrives) {
        return "its data arrives; that of the ordinary connection does not";
    }
    if (result.finding == Finding::nothing && nothing_left(*result.probe)) {
        return "inconclusive: the peer's window is 0 here too";
    }
    if (result.finding == Finding::nothing) {
        return "inconclusive";
    }
    const bool of_passing = result.ordinary != nullptr && passes(result.ordinary->outcome);
    if (result.kind == FollowUp::repeat && of_passing && result.finding == Finding::answered) {
        return waited_for_syn(*result.probe) ? "SYN retransmitted again" : "it passes again, SYN-ACK at once";
    }
    if (result.kind == FollowUp::proxy_v2 && !header_configured) {
        return result.finding == Finding::answered ? "the server expects a PROXY header"
                                                   : "the server does not expect a PROXY header";
    }
    if (result.kind == FollowUp::proxy_v2) {
        return result.finding == Finding::answered ? "the server does not accept the PROXY header"
                                                   : "the PROXY header is not the cause";
    }
    if (result.kind == FollowUp::local_acceptor && result.finding != Finding::nothing) {
        return acceptor_meaning(*result.probe->tcp()->acceptor);
    }
    if (result.kind == FollowUp::read_on && !speaker.empty()) {
        return fmt::format("this looks like {}", speaker);
    }
    const FollowUpText& texts = text(result.kind);
    return result.finding == Finding::answered ? texts.if_answered
           : result.finding == Finding::worse  ? texts.if_worse
                                               : texts.if_same;
}

}  // namespace

std::vector<std::string> follow_up_evidence(const Assessment& round, std::span<const std::string> details) {
    std::vector<std::string> lines;
    const bool header_configured = sent_proxy_header(round.probes);
    const std::vector<FollowUpResult> results = follow_up_results(round);
    for (std::size_t i = 0; i < results.size(); ++i) {
        const FollowUpResult& result = results[i];
        add_once(lines,
                 fmt::format("test {}{} ({}): {} → {}", slug(result.kind),
                             done_text(result, header_configured), target_text(result),
                             shown_text(*result.probe, details[i]), meaning_text(result, header_configured)));
    }
    return lines;
}

std::vector<FollowUpLine> follow_up_lines(const Assessment& round, std::span<const std::string> details) {
    std::vector<FollowUpLine> lines;
    const bool header_configured = sent_proxy_header(round.probes);
    const std::vector<FollowUpResult> results = follow_up_results(round);
    for (std::size_t i = 0; i < results.size(); ++i) {
        const FollowUpResult& result = results[i];
        const std::string detail = i < details.size() ? details[i] : std::string();
        lines.push_back({result.kind, result.finding, target_text(result), shown_text(*result.probe, detail),
                         meaning_text(result, header_configured)});
    }
    return lines;
}

}  // namespace whylink::checks
