#include "checks/explain/server_names.hpp"

#include <algorithm>

#include "checks/explain/text.hpp"
#include "checks/followups/results.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/tls/linked_names.hpp"
#include "config/outside_text.hpp"

namespace whylink::checks {
namespace {

/// Of the handshakes with another name the one that passed.
std::string name_that_passed(const Assessment& round) {
    for (const FollowUpResult& result : follow_up_results(round)) {
        const bool named =
            result.kind == probes::FollowUp::alias_name || result.kind == probes::FollowUp::linked_name;
        if (const auto* tls = result.probe->tls();
            named && tls != nullptr && result.finding == Finding::answered) {
            return tls->server_name;
        }
    }
    return {};
}

/// A wildcard is no name to connect to, nor is one that was cut: "NAME.example.com" for "*.example.com".
std::vector<std::string> connectable(const std::vector<std::string>& names) {
    std::vector<std::string> usable;
    for (const std::string& name : names) {
        if (is_cut(name)) {
            continue;
        }
        add_once(usable, name.starts_with("*.") ? "NAME" + name.substr(1) : name);
    }
    return usable;
}

std::string name_by_certificate(const config::Endpoint& endpoint, const Assessment& round,
                                const probes::TlsFacts& tls) {
    if (tls.chain.empty()) {
        return {};
    }
    const probes::Certificate& certificate = tls.chain.front();
    std::string covered = name_covered(certificate, linked_names(endpoint, round.probes).all());
    if (!covered.empty()) {
        return covered;
    }
    const std::vector<std::string> usable = connectable(certificate.dns_names);
    return usable.empty() ? std::string() : join_first(3, usable, certificate.names_left_out);
}

}  // namespace

ServerNames server_names(const config::Endpoint& endpoint, const Assessment& round) {
    ServerNames names{endpoint.tls.server_name.empty() ? endpoint.host : endpoint.tls.server_name,
                      name_that_passed(round)};
    const std::vector<AddressState> states = address_states(endpoint, round);
    const auto mismatched = std::ranges::find_if(states, [](const AddressState& state) {
        return state.tls != nullptr && state.last->outcome == Outcome::certificate_name_mismatch;
    });
    if (names.right.empty() && mismatched != states.end()) {
        names.right = name_by_certificate(endpoint, round, *mismatched->tls->tls());
    }
    return names;
}

}  // namespace whylink::checks
