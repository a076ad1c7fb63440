#include "checks/stages/tls/certificate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "checks/explain/text.hpp"
#include "checks/stages/errors.hpp"
#include "checks/stages/tls/path.hpp"
#include "checks/stages/tls/verify_codes.hpp"

namespace whylink::checks {
namespace {

using probes::Certificate;
using probes::TlsFacts;

Outcome fault_outcome(int code) {
    if (is_about_the_name(code)) {
        return Outcome::certificate_name_mismatch;
    }
    switch (code) {
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
    return names.empty() ? certificate.subject : join_first(5, std::move(names), certificate.names_left_out);
}

/// ", from this host's trust store"; nothing for the server's own certificate.
std::string from_text(const PlacedCertificate& placed) {
    const std::string source = source_text(placed);
    return source.empty() ? source : ", " + source;
}

/// What verification says, and of which certificate.
std::string untrusted_text(const TlsFacts& facts) {
    const probes::VerifyFault* fault = first_fault(facts, Outcome::certificate_untrusted);
    if (fault == nullptr) {
        return "not trusted";
    }
    const std::optional<PlacedCertificate> subject = subject_of(*fault, facts);
    if (!subject) {
        return fmt::format("{} (verification error {} at depth {})", fault->text, fault->code, fault->depth);
    }
    const std::string issuer =
        subject->certificate->self_issued ? std::string() : ", issued by " + subject->certificate->issuer;
    return fmt::format("{}: {}{}{} (verification error {} at depth {})", fault->text, place_text(*subject),
                       issuer, from_text(*subject), fault->code, fault->depth);
}

/// The certificate that a date fault is about.
std::optional<PlacedCertificate> dated(const TlsFacts& facts, Outcome outcome) {
    if (const probes::VerifyFault* fault = first_fault(facts, outcome)) {
        if (std::optional<PlacedCertificate> subject = subject_of(*fault, facts)) {
            return subject;
        }
    }
    return facts.chain.empty() ? std::nullopt : std::optional(PlacedCertificate{&facts.chain.front()});
}

/// One of this host's own is no fault of the server, whose certificate has dates of its own.
std::string server_dates_text(const PlacedCertificate& faulty, const TlsFacts& facts) {
    return faulty.is_own() && !facts.chain.empty()
               ? "; the server's own certificate is valid until " + time_text(facts.chain.front().not_after)
               : std::string();
}

std::string date_text(const TlsFacts& facts, Outcome fault, probes::WallClock::time_point now) {
    const std::optional<PlacedCertificate> placed = dated(facts, fault);
    const std::string clock = fmt::format("this host's clock: {}", time_text(now));
    if (!placed) {
        return fmt::format("a certificate of the chain is {} ({})",
                           fault == Outcome::certificate_expired ? "expired" : "not valid yet", clock);
    }
    const std::string source = source_text(*placed);
    const Certificate& certificate = *placed->certificate;
    const std::string what = fault == Outcome::certificate_expired
                                 ? "expired on " + time_text(certificate.not_after)
                                 : "is not valid before " + time_text(certificate.not_before);
    return fmt::format("{} {} ({}{}{}){}", place_text(*placed), what, source, source.empty() ? "" : "; ",
                       clock, server_dates_text(*placed, facts));
}

std::string fault_text(const TlsFacts& facts, Outcome fault, probes::WallClock::time_point now) {
    switch (fault) {
        case Outcome::certificate_name_mismatch:
            return fmt::format("the certificate is for {}, not for {}",
                               facts.chain.empty() ? "another name" : names_text(facts.chain.front()),
                               facts.server_name.empty() ? "the address itself" : facts.server_name);
        case Outcome::certificate_expired:
        case Outcome::certificate_not_yet_valid:
            return date_text(facts, fault, now);
        default:
            return untrusted_text(facts);
    }
}

std::optional<PlacedCertificate> expiring(const TlsFacts& facts, const Expectation& expectation) {
    std::optional<PlacedCertificate> first = first_to_end(facts, expectation.now);
    const bool inside = first && first->certificate->not_after - expectation.now < expectation.expiry_warning;
    return inside ? first : std::nullopt;
}

std::string faults_text(const TlsFacts& facts, const Expectation& expectation) {
    std::vector<std::string> parts;
    for (const Outcome fault : certificate_faults(facts, expectation.now)) {
        parts.push_back(fault_text(facts, fault, expectation.now));
    }
    return join(parts, "; ") + (facts.verified ? "" : "; not verified (`tls.verify = false`)");
}

std::string expiring_text(const PlacedCertificate& placed, const Expectation& expectation) {
    const auto end = placed.certificate->not_after;
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(end - expectation.now);
    const std::string source = source_text(placed);
    return fmt::format("{} expires in {}, on {}{}", place_text(placed), span_text(left), time_text(end),
                       source.empty() ? source : " (" + source + ")");
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
    const std::optional<PlacedCertificate> certificate = expiring(facts, expectation);
    if (certificate && facts.verified) {
        result = said(Outcome::certificate_expiring,
                      [certificate, &expectation] { return expiring_text(*certificate, expectation); });
    }
    return result;
}

const probes::VerifyFault* first_fault(const TlsFacts& facts, Outcome outcome) {
    const auto fault = std::ranges::find_if(facts.verify_faults, [outcome](const probes::VerifyFault& each) {
        return fault_outcome(each.code) == outcome;
    });
    return fault == facts.verify_faults.end() ? nullptr : &*fault;
}

}  // namespace whylink::checks
