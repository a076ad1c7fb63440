#include "checks/table/outcome.hpp"

#include <array>

namespace whylink::checks {
namespace {

using enum Outcome;

constexpr std::array<OutcomeText, 27> texts{{
    {ok, "ok", "The probe saw what it is to see.",
     "A plain connection is ok when it stays up for `settle` or the server speaks; a TLS handshake when it "
     "is complete, nothing refuses it shortly after, and the certificate passes."},
    {timeout, "timeout", "Nothing decisive came in time.",
     "No reply to a query, no answer to a SYN, or silence in the handshake, and no ICMP error either. An "
     "error that does arrive is refused, unreachable or prohibited."},
    {refused, "refused",
     "TCP: an RST answered the SYN. DNS: the resolver's host says by ICMP that nothing listens on the port.",
     "An ICMP error that makes connect() fail with the same ECONNREFUSED is prohibited, not refused: the "
     "socket's error queue tells (ip(7), IP_RECVERR)."},
    {unreachable, "unreachable",
     "No route, an ICMP network, host or protocol unreachable, a time exceeded, or a neighbour that does not "
     "answer.",
     "The sender of the ICMP error says who gave up; when it is this VM, the neighbour did not answer ARP or "
     "neighbour discovery."},
    {prohibited, "prohibited",
     "A rule forbids it and says so: ICMP type 3 code 3, 9, 10 or 13, ICMPv6 type 1 code 1, 4, 5 or 6, or "
     "EPERM or EACCES from this VM's own kernel.",
     "connect() gives the same errno for prohibited and for unreachable; type and code of the ICMP error "
     "tell."},
    {pending_allowlist, "pending_allowlist",
     "TCP was accepted, then reset or closed before the server sent its first byte.",
     "`end` says whether by RST or by FIN. A server that had sent something first is reset_by_peer or "
     "closed_by_peer; one that stays silent is timeout."},
    {reset_by_peer, "reset_by_peer", "An RST came once the server had sent something.",
     "Before the server's first byte it would be pending_allowlist."},
    {closed_by_peer, "closed_by_peer",
     "A FIN came once the server had sent something, before the exchange was complete.",
     "Before the server's first byte it would be pending_allowlist; after a complete handshake a FIN is no "
     "fault."},
    {nxdomain, "nxdomain", "The resolver says that the name does not exist.",
     "NXDOMAIN holds for every type of record (RFC 8020); a name that exists without an address is nodata."},
    {nodata, "nodata", "The name exists, but has no address.",
     "NOERROR without an answer (RFC 2308): other records of the name, or names beneath it, exist. A "
     "wildcard does not apply to such a name (RFC 4592)."},
    {servfail, "servfail", "The resolver says that it failed, or that it does not do what was asked.",
     "SERVFAIL, or any error code but NXDOMAIN and REFUSED; the detail names it. The resolver is reachable."},
    {query_refused, "query_refused", "The resolver refuses to answer (rcode REFUSED).",
     "A reply came: a closed port, told by ICMP, is refused."},
    {bad_response, "bad_response",
     "A reply came, but malformed or not to our question, and no good one after it.",
     "The detail says what was wrong with it; without any reply it would be timeout."},
    {public_address, "public_address", "The name resolved outside private address space.",
     "Private address space is 10/8, 172.16/12, 192.168/16, 100.64/10 and fc00::/7. An address inside "
     "`expect` is never public_address."},
    {unexpected_address, "unexpected_address",
     "The address is private but outside `expect`, or it is loopback, link-local, unspecified or multicast; "
     "or the public host answers with a private address.",
     "A public address is public_address."},
    {tls_mismatch, "tls_mismatch", "No TLS version or cipher in common.",
     "Alert 70 or 71 (RFC 8446 section 6), or our own refusal of what the server chose. A server that sends "
     "another alert is tls_alert."},
    {tls_alert, "tls_alert", "The server ended the handshake with a fatal alert; the detail names it.",
     "protocol_version and insufficient_security are tls_mismatch. With TLS 1.3 an alert on the client's "
     "certificate comes only after the handshake is complete for the client."},
    {not_tls, "not_tls", "What the server sent is not TLS.",
     "The detail says what its first bytes look like. No bytes at all is timeout or pending_allowlist."},
    {certificate_name_mismatch, "certificate_name_mismatch",
     "The certificate does not cover the name asked for.",
     "Named first when several faults hold; `faults` lists all."},
    {certificate_untrusted, "certificate_untrusted",
     "The certificate does not lead to a trusted authority, or its chain is broken.",
     "Everything that verification finds, but the name and the dates."},
    {certificate_expired, "certificate_expired", "The certificate is past its last day, by this VM's clock.",
     "A wrong clock of this VM looks the same: compare the date in the detail."},
    {certificate_not_yet_valid, "certificate_not_yet_valid",
     "The certificate's first day is still to come, by this VM's clock.",
     "A clock of this VM that is behind looks the same: compare the date in the detail."},
    {certificate_expiring, "certificate_expiring",
     "Healthy, but a certificate of the chain ends inside `expiry_warning`.",
     "Any certificate that the server sent counts, the earliest is named."},
    {unexpected_reply, "unexpected_reply",
     "The application spoke, but not the expected protocol or status; or TLS began with a ServerHello, and "
     "what came then is no valid TLS.",
     "A refusal of this network or endpoint is forbidden; a request for credentials is ok. Without a "
     "ServerHello it is not_tls."},
    {forbidden, "forbidden",
     "The application refused this network or endpoint, as an access filter does with HTTP 403.",
     "A request for credentials means that the application was reached: ok."},
    {not_listening, "not_listening", "No socket of this VM listens on the watched port.",
     "A socket that listens while nothing arrives is not this."},
    {local_error, "local_error",
     "The probe could not be made: file descriptors, permission, source address, a certificate file.",
     "It says nothing about the peer."},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (static_cast<std::size_t>(texts[i].outcome) != i) {
            return false;
        }
    }
    return texts.size() == static_cast<std::size_t>(local_error) + 1;
}
static_assert(in_order());

}  // namespace

std::span<const OutcomeText> outcome_texts() {
    return texts;
}

std::string_view slug(Outcome outcome) {
    return texts.at(static_cast<std::size_t>(outcome)).slug;
}

std::optional<Outcome> outcome_from_slug(std::string_view slug) {
    for (const OutcomeText& row : texts) {
        if (row.slug == slug) {
            return row.outcome;
        }
    }
    return std::nullopt;
}

bool passes(Outcome outcome) {
    return outcome == ok || outcome == certificate_expiring;
}

}  // namespace whylink::checks
