#include "checks/stages/errors.hpp"

#include <cerrno>
#include <string_view>

#include "checks/explain/text.hpp"

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

bool is_sending(std::string_view operation) {
    return operation.starts_with("connect") || operation.starts_with("send");
}

std::string local_text(const probes::LocalError& local) {
    std::string text = local.operation;
    append(text, local.text, ": ");
    append(text, local.error == 0 ? "" : errno_text(local.error), ": ");
    return text;
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

bool forbidden_here(const probes::LocalError& local) {
    return is_rule_errno(local.error) && is_sending(local.operation);
}

bool is_network_level(Outcome outcome) {
    return outcome == Outcome::timeout || outcome == Outcome::refused || outcome == Outcome::unreachable ||
           outcome == Outcome::prohibited;
}

bool is_failure_reply(Outcome outcome) {
    return outcome == Outcome::servfail || outcome == Outcome::query_refused ||
           outcome == Outcome::bad_response;
}

StreamEnd end_or_reset(StreamEnd end, int error) {
    const bool reset = end == StreamEnd::none && errno_outcome(error) == Outcome::reset_by_peer;
    return reset ? StreamEnd::rst : end;
}

Classification said(Outcome outcome, Detail detail) {
    Classification result;
    result.outcome = outcome;
    result.detail = std::move(detail);
    return result;
}

Classification local_fault(const probes::LocalError& local) {
    return said(Outcome::local_error, [&local] { return local_text(local); });
}

Classification said_or_local(std::optional<Outcome> outcome, Detail detail) {
    return said(outcome.value_or(Outcome::local_error), std::move(detail));
}

}  // namespace whylink::checks
