#include "checks/explain/faults.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>

#include "checks/explain/text.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/tls/alerts.hpp"
#include "checks/stages/tls/certificate.hpp"
#include "checks/stages/tls/path.hpp"
#include "checks/stages/withheld.hpp"
#include "checks/table/rules.hpp"

namespace whylink::checks {
namespace {

using probes::TlsFacts;

constexpr FactFault of_facts[]{
    {Fact::config_changed, "config_changed"},
    {Fact::host_firewall_changed, "host_firewall_changed"},
    {Fact::host_rebooted, "host_rebooted"},
    {Fact::resolvers_changed, "resolvers_changed"},
    {Fact::address_changed, "address_changed"},
    {Fact::certificate_replaced, "certificate_replaced"},
    {Fact::never_healthy, "never_accepted", Fact::link_available},
    {Fact::never_healthy, "never_resolved"},
    {Fact::never_healthy, "never_allowed", Fact::id_listed},
    {Fact::healthy_for_long, "endpoint_removed", Fact::link_available},
    {Fact::healthy_for_long, "record_removed"},
    {Fact::healthy_for_long, "allowance_removed", Fact::id_listed},
};

/// The verification error that the outcome is of.
std::string certificate_key(const JudgedProbe& probe, const TlsFacts& tls) {
    const probes::VerifyFault* fault = first_fault(tls, probe.outcome);
    if (fault == nullptr) {
        return {};
    }
    const bool here = fault->source != probes::CertificateSource::server;
    return fmt::format("x509_{}{}", fault->code, here ? "_here" : "");
}

/// Whatever alert the server chose, it says less than the dates of this host's own certificate.
std::string own_certificate_key(const TlsFacts& tls, TimePoint now) {
    if (!tls.client_certificate) {
        return {};
    }
    return tls.client_certificate->not_after < now    ? "client_certificate_expired"
           : tls.client_certificate->not_before > now ? "client_certificate_not_yet_valid"
                                                      : "";
}

void add_tls_faults(std::vector<std::string>& keys, const JudgedProbe& probe, const TlsFacts& tls,
                    TimePoint now) {
    const auto add = [&keys](std::string key) {
        if (!key.empty()) {
            add_once(keys, std::move(key));
        }
    };
    add(certificate_key(probe, tls));
    add(own_certificate_key(tls, now));
    if (const probes::TlsAlert* alert = server_alert(tls.alerts)) {
        add(fmt::format("alert_{}{}", alert->description,
                        lacked_client_certificate(tls) ? "_requested" : ""));
        add(fmt::format("alert_{}", alert->description));
    }
    if (tls.refused_by_us) {
        add(fmt::format("openssl_{}", tls.library_reason));
    }
}

/// An alert may come in the application's stage, too: TLS 1.3 refuses late.
void add_app_faults(std::vector<std::string>& keys, const probes::AppFacts& app) {
    if (const probes::TlsAlert* alert = server_alert(app.alerts)) {
        add_once(keys, fmt::format("alert_{}", alert->description));
    }
}

/// 64:ff9b::/96 (RFC 6052 section 2.1), or an operator's own /96 in which DNS64 put an IPv4 address of the same name.
bool is_behind_nat64(const IpAddress& address, std::span<const AddressState> states) {
    if (address.is_v4()) {
        return false;
    }
    constexpr std::size_t prefix = 12;
    constexpr std::array<std::uint8_t, 4> well_known{0x00, 0x64, 0xff, 0x9b};
    const auto bytes = address.bytes();
    return std::ranges::equal(bytes.first(well_known.size()), well_known) ||
           std::ranges::any_of(states, [&](const AddressState& state) {
               return state.address.is_v4() &&
                      std::ranges::equal(bytes.subspan(prefix), state.address.bytes());
           });
}

/// All that fail are of IPv6, and all that work are not.
bool is_only_ipv6(std::span<const AddressState> states) {
    const auto fits = [](const AddressState& state) {
        return !state.right || state.address.is_v4() == passes(state.last->outcome);
    };
    return std::ranges::any_of(states, &AddressState::fails) && std::ranges::all_of(states, fits);
}

/// What the server refused the ordinary handshake with says less than that it takes one without TLS 1.3.
bool is_version(const Verdict& verdict) {
    return verdict.decision.row->when.contains(Fact::tls12_answered);
}

void add_address_faults(std::vector<std::string>& keys, std::span<const AddressState> states) {
    const bool nat64 = std::ranges::any_of(states, [&](const AddressState& state) {
        return state.fails() && is_behind_nat64(state.address, states);
    });
    if (nat64) {
        add_once(keys, std::string("nat64"));
    } else if (is_only_ipv6(states)) {
        add_once(keys, std::string("ipv6_only"));
    }
}

}  // namespace

std::span<const FactFault> fact_faults() {
    return of_facts;
}

std::vector<std::string> fault_keys(const config::Target& target, const Verdict& verdict) {
    std::vector<std::string> keys;
    for (const FactFault& fault : of_facts) {
        const bool refuted = fault.refuted_by && verdict.facts.contains(*fault.refuted_by);
        if (verdict.facts.contains(fault.fact) && !refuted) {
            keys.emplace_back(fault.key);
        }
    }
    const auto add_row = [&keys](const Row& row) {
        if (!row.fault.empty()) {
            add_once(keys, std::string(row.fault));
        }
    };
    add_row(*verdict.decision.row);
    std::ranges::for_each(verdict.decision.warnings, [&](const Row* row) { add_row(*row); });
    const std::vector<AddressState> states = address_states(target, verdict);
    add_address_faults(keys, states);
    for (const AddressState& state : states) {
        if (!state.fails() || is_version(verdict)) {
            continue;
        }
        if (const auto* tls = state.last->tls()) {
            add_tls_faults(keys, *state.last, *tls, verdict.at);
        } else if (const auto* app = state.last->app()) {
            add_app_faults(keys, *app);
        }
    }
    return keys;
}

}  // namespace whylink::checks
