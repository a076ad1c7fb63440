#include "checks/stages/tls/certificate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "checks/explain/text.hpp"
#include "checks/stages/errors.hpp"

namespace whylink::checks {
namespace {

using probes::Certificate;
using probes::TlsFacts;

// x509_vfy.h of OpenSSL 3; this layer does not include it.
constexpr int v_err_not_yet_valid = 9;
constexpr int v_err_expired = 10;
constexpr int v_err_hostname_mismatch = 62;
constexpr int v_err_email_mismatch = 63;
constexpr int v_err_ip_address_mismatch = 64;

Outcome fault_outcome(int code) {
    switch (code) {
        case v_err_hostname_mismatch:
        case v_err_email_mismatch:
        case v_err_ip_address_mismatch:
            return Outcome::certificate_name_mismatch;
        case v_err_expired:
            return Outcome::certificate_expired;
        case v_err_not_yet_valid:
            return Outcome::certificate_not_yet_valid;
        default:
            return Outcome::certificate_untrusted;
    }
}

bool has_fault(const TlsFacts& facts, Outcome outcome) {
    return std::ranges::any_of(facts.verify_faults, [outcome](const probes::VerifyFault& fault) {
        return fault_outcome(fault.code) == outcome;
    });
}

/// In the order in which they become the outcome. The dates of the server's own certificate are judged by
/// `now` too; the others of the chain only as verification did, for servers send expired cross-signed roots
/// that no path uses.
std::vector<Outcome> certificate_faults(const TlsFacts& facts, probes::WallClock::time_point now) {
    using enum Outcome;
    const bool expired = !facts.chain.empty() && facts.chain.front().not_after < now;
    const bool early = !facts.chain.empty() && facts.chain.front().not_before > now;
    std::vector<Outcome> faults;
    for (const Outcome fault :
         {certificate_name_mismatch, certificate_untrusted, certificate_expired, certificate_not_yet_valid}) {
        if (has_fault(facts, fault) || (fault == certificate_expired && expired) ||
            (fault == certificate_not_yet_valid && early)) {
            faults.push_back(fault);
        }
    }
    return faults;
}

std::string names_text(const Certificate& certificate) {
    std::vector<std::string> names = certificate.dns_names;
    std::ranges::transform(certificate.addresses, std::back_inserter(names), &IpAddress::to_string);
    return names.empty() ? certificate.subject : join_first(5, std::move(names));
}

std::string untrusted_text(const TlsFacts& facts) {
    for (const probes::VerifyFault& fault : facts.verify_faults) {
        if (fault_outcome(fault.code) == Outcome::certificate_untrusted) {
            return fmt::format("{} (verification error {} at depth {}{})", fault.text, fault.code,
                               fault.depth,
                               facts.chain.empty() ? "" : ", issuer " + facts.chain.front().issuer);
        }
    }
    return "not trusted";
}

/// The certificate that a date fault is about: the one at the fault's depth, or the server's own.
const Certificate* dated(const TlsFacts& facts, Outcome outcome) {
    for (const probes::VerifyFault& fault : facts.verify_faults) {
        const auto depth = static_cast<std::size_t>(std::max(fault.depth, 0));
        if (fault_outcome(fault.code) == outcome && depth < facts.chain.size()) {
            return &facts.chain[depth];
        }
    }
    return facts.chain.empty() ? nullptr : &facts.chain.front();
}

std::string fault_text(const TlsFacts& facts, Outcome fault, probes::WallClock::time_point now) {
    const Certificate* certificate = dated(facts, fault);
    const std::string whose = certificate == nullptr ? "a certificate" : certificate->subject;
    const std::string clock = fmt::format(" (this VM's clock: {})", time_text(now));
    switch (fault) {
        case Outcome::certificate_name_mismatch:
            return fmt::format("the certificate is for {}, not for {}",
                               facts.chain.empty() ? "another name" : names_text(facts.chain.front()),
                               facts.server_name.empty() ? "the address itself" : facts.server_name);
        case Outcome::certificate_expired:
            return fmt::format("{} expired{}{}", whose,
                               certificate ? " on " + time_text(certificate->not_after) : "", clock);
        case Outcome::certificate_not_yet_valid:
            return fmt::format("{} is not valid before {}{}", whose,
                               certificate ? time_text(certificate->not_before) : "a later date", clock);
        default:
            return untrusted_text(facts);
    }
}

const Certificate* first_to_expire(const TlsFacts& facts, const Expectation& expectation) {
    const Certificate* first = nullptr;
    for (const Certificate& certificate : facts.chain) {
        const bool inside = certificate.not_after >= expectation.now &&
                            certificate.not_after - expectation.now < expectation.expiry_warning;
        if (inside && (first == nullptr || certificate.not_after < first->not_after)) {
            first = &certificate;
        }
    }
    return first;
}

std::string faults_text(const TlsFacts& facts, const Expectation& expectation) {
    std::vector<std::string> parts;
    for (const Outcome fault : certificate_faults(facts, expectation.now)) {
        parts.push_back(fault_text(facts, fault, expectation.now));
    }
    return join(parts, "; ") + (facts.verified ? "" : "; not verified, as configured");
}

std::string expiring_text(const Certificate& certificate, const Expectation& expectation) {
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(certificate.not_after - expectation.now);
    return fmt::format("{} expires in {}, on {}", certificate.subject, span_text(left),
                       time_text(certificate.not_after));
}

}  // namespace

Classification judge_certificate(const TlsFacts& facts, const Expectation& expectation) {
    Classification result;
    result.faults = certificate_faults(facts, expectation.now);
    if (!result.faults.empty()) {
        result.outcome = facts.verified ? result.faults.front() : Outcome::ok;
        result.detail = [&] { return faults_text(facts, expectation); };
        return result;
    }
    const Certificate* certificate = first_to_expire(facts, expectation);
    if (certificate != nullptr && facts.verified) {
        result = said(Outcome::certificate_expiring,
                      [certificate, &expectation] { return expiring_text(*certificate, expectation); });
    }
    return result;
}

}  // namespace whylink::checks
