#include "checks/stages/withheld.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "checks/explain/text.hpp"
#include "checks/stages/addresses.hpp"

namespace whylink::checks {
namespace {

using probes::Withheld;

constexpr std::size_t max_addresses = 3;

bool is_connected(const AddressState& state) {
    const auto* tcp = state.tcp == nullptr ? nullptr : state.tcp->tcp();
    return tcp != nullptr && tcp->connected;
}

/// Where nothing was withheld, the request went as far as the peer let it.
Withheld reason_of(const AddressState& state) {
    if (!state.right) {
        return is_connected(state) ? Withheld::wrong_address : Withheld::no;
    }
    const auto* tls = state.last->tls();
    return tls != nullptr && tls->verified && !tls->verify_faults.empty() ? Withheld::not_verified
                                                                          : Withheld::no;
}

/// Up to the handshake it is sent in plain text, as the config has it.
bool has_starttls(const config::Endpoint& endpoint) {
    return std::ranges::any_of(endpoint.expect_script, &config::ExpectStep::starttls);
}

/// Empty: nothing of it is secret, or no request is made where the certificate does not verify.
std::string_view secret_part(const config::Endpoint& endpoint, Withheld reason) {
    if (endpoint.app == config::App::expect) {
        return reason == Withheld::not_verified && has_starttls(endpoint) ? "the script after STARTTLS"
                                                                          : "the script";
    }
    const bool has_query =
        endpoint.app == config::App::http && endpoint.http_path.find('?') != std::string::npos;
    return has_query && reason == Withheld::wrong_address ? "the query of `http_path`" : "";
}

}  // namespace

bool wanted_client_certificate(const probes::TlsFacts& facts) {
    return facts.client_certificate_requested && facts.client_certificate_withheld == Withheld::no;
}

bool lacked_client_certificate(const probes::TlsFacts& facts) {
    return wanted_client_certificate(facts) && !facts.client_certificate_sent;
}

std::string withheld_text(const probes::TlsFacts& facts) {
    return facts.client_certificate_withheld == Withheld::no
               ? std::string()
               : fmt::format("the client certificate was not sent: {}",
                             title(facts.client_certificate_withheld));
}

std::vector<std::string> withheld_request_lines(const config::Endpoint& endpoint, const Assessment& round) {
    std::vector<std::string> lines;
    const std::vector<AddressState> states = address_states(endpoint, round);
    for (const Withheld reason : {Withheld::wrong_address, Withheld::not_verified}) {
        const std::string_view what = secret_part(endpoint, reason);
        std::vector<std::string> addresses;
        for (const AddressState& state : states) {
            if (reason_of(state) == reason) {
                addresses.push_back(state.address.to_string());
            }
        }
        if (!what.empty() && !addresses.empty()) {
            lines.push_back(fmt::format("{} was not sent to {}: {}", what,
                                        join_first(max_addresses, std::move(addresses)), title(reason)));
        }
    }
    return lines;
}

}  // namespace whylink::checks
