#include "checks/stages/classify.hpp"

#include <cerrno>
#include <string_view>
#include <type_traits>

#include "checks/explain/text.hpp"
#include "checks/stages/classify_stage.hpp"

namespace whylink::checks {
namespace {

using probes::IcmpError;
using probes::StreamEnd;

bool is_v4_prohibited(std::uint8_t code) {
    return code == 3 || code == 9 || code == 10 || code == 13;
}
bool is_v6_prohibited(std::uint8_t code) {
    return code == 1 || code == 4 || code == 5 || code == 6;
}

/// The call that a rule of this VM makes fail; the same errno from bind() or setsockopt() is a missing
/// permission.
bool is_sending(std::string_view operation) {
    return operation.starts_with("connect") || operation.starts_with("send");
}

std::string local_text(const probes::LocalError& local) {
    std::string text = local.operation;
    if (!local.text.empty()) {
        text += (text.empty() ? "" : ": ") + local.text;
    }
    if (local.error != 0) {
        text += (text.empty() ? "" : ": ") + errno_text(local.error);
    }
    return text;
}

bool dns_forbidden_here(const probes::DnsFacts& facts) {
    for (const probes::DnsQuery& query : facts.queries) {
        if (query.rcode) {
            continue;
        }
        if (is_rule_errno(query.error) && !query.icmp) {
            return true;
        }
        // A closed port of this very host also yields a local ICMP error; only one about another host is a
        // rule.
        if (query.icmp && query.icmp->local && query.icmp->sender != facts.resolver &&
            classify_query(query, facts.resolver) == Outcome::prohibited) {
            return true;
        }
    }
    return false;
}

bool tcp_forbidden_here(const probes::TcpFacts& facts) {
    if (facts.connected) {
        return false;
    }
    if (facts.icmp && icmp_outcome(*facts.icmp)) {
        return facts.icmp->local && icmp_outcome(*facts.icmp) == Outcome::prohibited;
    }
    return is_rule_errno(facts.error);
}

}  // namespace

std::optional<Outcome> icmp_outcome(const IcmpError& icmp) {
    if (icmp.v6) {
        if (icmp.type == 1) {
            return is_v6_prohibited(icmp.code) ? Outcome::prohibited : Outcome::unreachable;
        }
        return icmp.type == 3 || icmp.type == 4 ? std::optional(Outcome::unreachable) : std::nullopt;
    }
    if (icmp.type == 3 && icmp.code != 4) {
        return is_v4_prohibited(icmp.code) ? Outcome::prohibited : Outcome::unreachable;
    }
    return icmp.type == 11 || icmp.type == 12 ? std::optional(Outcome::unreachable) : std::nullopt;
}

std::optional<Outcome> errno_outcome(int error) {
    switch (error) {
        case ECONNREFUSED:
            return Outcome::refused;
        case ECONNRESET:
        case EPIPE:
        case ECONNABORTED:
            return Outcome::reset_by_peer;
        case ETIMEDOUT:
            return Outcome::timeout;
        case EPERM:
        case EACCES:
            return Outcome::prohibited;
        case ENETUNREACH:
        case EHOSTUNREACH:
        case ENETDOWN:
        case EHOSTDOWN:
        case ENONET:
        case ENOPROTOOPT:
        case EOPNOTSUPP:
        case EPROTO:
        case EINVAL:  // a `blackhole` route, ip-route(8)
            return Outcome::unreachable;
        default:
            return std::nullopt;
    }
}

bool is_rule_errno(int error) {
    return error == EPERM || error == EACCES;
}

Classification said(Outcome outcome, Detail detail) {
    Classification result;
    result.outcome = outcome;
    result.detail = std::move(detail);
    return result;
}

Classification local_fault(Detail detail) {
    return said(Outcome::local_error, std::move(detail));
}

Classification said_or_local(std::optional<Outcome> outcome, Detail detail) {
    return said(outcome.value_or(Outcome::local_error), std::move(detail));
}

Classification classify(const probes::Observation& observation, const Expectation& expectation) {
    if (observation.local) {
        Classification result = local_fault([&observation] { return local_text(*observation.local); });
        if (forbidden_here(observation)) {
            result.outcome = Outcome::prohibited;
        }
        if (const auto* dns = std::get_if<probes::DnsFacts>(&observation.facts)) {
            result.query_outcomes.assign(dns->queries.size(), result.outcome);
        }
        return result;
    }
    if (const auto* dns = std::get_if<probes::DnsFacts>(&observation.facts)) {
        return classify_dns(*dns, expectation);
    }
    if (const auto* tcp = std::get_if<probes::TcpFacts>(&observation.facts)) {
        return classify_tcp(*tcp, observation.took);
    }
    if (const auto* listener = std::get_if<probes::ListenerFacts>(&observation.facts)) {
        return classify_listener(*listener);
    }
    if (const auto* traffic = std::get_if<probes::TrafficFacts>(&observation.facts)) {
        return classify_traffic(*traffic, expectation);
    }
    if (const auto* tls = std::get_if<probes::TlsFacts>(&observation.facts)) {
        return classify_tls(*tls, observation.took, expectation);
    }
    return classify_app(std::get<probes::AppFacts>(observation.facts), observation.took);
}

Classification classify(const probes::HeldConnection& held) {
    return held.local ? local_fault([&held] { return local_text(*held.local); }) : classify_hold(held.facts);
}

namespace {

/// A reset that a read or write met shows as its errno only.
StreamEnd end_or_reset(StreamEnd end, int error) {
    const bool reset = end == StreamEnd::none && errno_outcome(error) == Outcome::reset_by_peer;
    return reset ? StreamEnd::rst : end;
}

}  // namespace

StreamEnd stream_end(const probes::Observation& observation) {
    if (const auto* tcp = std::get_if<probes::TcpFacts>(&observation.facts)) {
        return !tcp->connected && tcp->error == ECONNRESET ? StreamEnd::rst : tcp->end;
    }
    if (const auto* tls = std::get_if<probes::TlsFacts>(&observation.facts)) {
        return end_or_reset(tls->end, tls->error);
    }
    if (const auto* app = std::get_if<probes::AppFacts>(&observation.facts)) {
        return end_or_reset(app->end, app->error);
    }
    return StreamEnd::none;
}

StreamEnd stream_end(const probes::HoldFacts& facts) {
    return end_or_reset(facts.end, facts.error);
}

bool forbidden_here(const probes::Observation& observation) {
    if (observation.local) {
        return is_rule_errno(observation.local->error) && is_sending(observation.local->operation);
    }
    if (const auto* dns = std::get_if<probes::DnsFacts>(&observation.facts)) {
        return dns_forbidden_here(*dns);
    }
    const auto* tcp = std::get_if<probes::TcpFacts>(&observation.facts);
    return tcp != nullptr && tcp_forbidden_here(*tcp);
}

}  // namespace whylink::checks
