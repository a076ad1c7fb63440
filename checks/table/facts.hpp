// The facts that a diagnosis is drawn from: each says one thing about a whole round.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "config/vocabulary.hpp"

namespace whylink::checks {

enum class Fact : std::uint8_t {
    // ---- the target ----
    all_pass,                 ///< every probe that counts passes
    nothing_probed,           ///< no probe says anything about the target
    zone,                     ///< the target is a zone
    address_unverified,       ///< the addresses come from DNS and no `expect` says which are right
    profile_allow_list,       ///< the profile's service keeps an allow-list of endpoints
    public_host_of_listed,    ///< the same, but the host is its public name, which that list is not about
    proxy_header_configured,  ///< `proxy_protocol` is configured: a header was sent first
    local_error,              ///< a probe could not be made
    // ---- dns: the resolvers ----
    resolver_answers,         ///< a resolver replied, whatever it said
    resolver_without_reply,   ///< a resolver gave no reply to anything
    resolver_timed_out,       ///< one of these was silent, without an ICMP error or errno
    no_nameserver,            ///< one of these was only assumed: this host's resolv.conf names none
    resolver_fails,           ///< SERVFAIL, REFUSED, garbage, or no reply to some of the questions
    resolvers_without_route,  ///< this host has no route to any of the resolvers
    resolver_forbidden_here,  ///< a rule of this host forbids asking
    answers_differ,           ///< the resolvers do not say the same about a name
    // ---- dns: what they say of the host, or of the zone's names ----
    name_right,           ///< acceptable addresses
    name_public,          ///< public addresses
    name_unexpected,      ///< private ones outside `expect`, or special ones
    name_special,         ///< loopback, link-local, unspecified or multicast
    name_elsewhere,       ///< public or unexpected
    name_missing,         ///< NXDOMAIN or NODATA
    name_nodata,          ///< NODATA among these
    name_half_missing,    ///< NXDOMAIN for one type, and no usable answer for the other
    public_name_private,  ///< `public_host` answers with a private address
    public_name_missing,  ///< `public_host` does not exist
    public_name_fails,    ///< `public_host` got no usable reply from a resolver that answers otherwise
    control_resolves,     ///< a name that must not exist has an address
    random_none,          ///< random names of the zone were asked, and none of them resolves
    /// Names of the zone have nothing in common at one resolver, and no `expect` says which is right.
    names_differ,
    known_missing,   ///< a known label does not resolve
    known_resolves,  ///< a known label has an address
    // ---- addresses; those of a wrong answer do not count ----
    address_works,  ///< one passes its last stage
    address_fails,  ///< one fails, and not for a fault of this host
    tcp_timeout,
    tcp_refused,
    tcp_refused_at_once,  ///< so soon that a rule of this host may have answered
    tcp_unreachable,
    tcp_no_route,          ///< for want of a route; nothing was sent
    tcp_prohibited,        ///< by an ICMP error from elsewhere
    tcp_forbidden_here,    ///< by a rule of this host
    accepted_then_reset,   ///< RST before the server's first byte
    accepted_then_closed,  ///< FIN before the server's first byte
    tls_stage,             ///< the failure is in the TLS stage
    tls_silent,            ///< time-out without a byte of the server
    tls_stalled,           ///< time-out after some bytes
    reset_after_bytes,
    closed_after_bytes,
    certificate_requested,  ///< a failing handshake asked for a client certificate
    certificate_left_open,  ///< a good one did, got none, and nothing said whether that will do
    not_tls,
    plain_http,             ///< what is not TLS looks like HTTP
    proxy_header_received,  ///< the server's first bytes are a PROXY header
    tls_mismatch,
    tls_alert,
    tls_broken,                      ///< data that is no valid TLS after the ServerHello, or too much of it
    alert_on_client_certificate,     ///< the alert speaks of the client's certificate
    alert_maybe_client_certificate,  ///< an unspecific alert after a client certificate was asked for
    alert_on_name,                   ///< unrecognized_name
    alert_internal,                  ///< internal_error
    certificate_of_other_name,
    certificate_of_no_address,  ///< likewise, but no name was asked for: the host is an address
    certificate_faulty,         ///< untrusted, expired or not yet valid
    certificate_expiring,
    plain_text_service,  ///< TLS was tried only, and the service speaks plain text
    // ---- the application on these addresses ----
    app_stage,           ///< the failure is in the application's stage
    app_silent,          ///< time-out without a byte of the application
    app_stalled,         ///< time-out after some bytes
    app_forbidden,       ///< the application refuses this network or endpoint
    app_cannot_serve,    ///< the right application says that it cannot serve
    app_unexpected,      ///< the right protocol, and an answer that the config does not allow
    app_other_protocol,  ///< another protocol answers
    app_wants_tls,       ///< what answers says that it wants TLS first
    app_without_tls,     ///< the application speaks, and offers no TLS inside its protocol
    app_behind_tls,      ///< the failing exchange was inside TLS, whose handshake passed
    app_unanswered,      ///< of these: RST or FIN before the application's first byte
    app_bad_request,     ///< the answer has HTTP status 400
    app_refuses_login,   ///< the refusal is by address, user, database and TLS together
    idle_dropped,        ///< a connection that was held idle was reset, or its use was not answered
    idle_unanswered,     ///< of these: its use was not answered
    // ---- what the packets of these addresses show, or leave open ----
    syn_unseen,             ///< of a tcp_timeout: nothing shows that the SYN left this host
    syn_never_left,         ///< no SYN left although the next hop is known; stands in place of tcp_timeout
    syn_maybe_never_left,   ///< likewise, and nothing is known of the next hop
    neighbour_missing,      ///< no SYN left, for the next hop does not answer; in place of tcp_timeout
    syn_ack_dropped,        ///< the SYN-ACK arrived and this host did not take it; in place of tcp_timeout
    reset_unexamined,       ///< nothing shows that a RST was the server's own
    reset_by_device,        ///< the server went on after a RST in its name; in place of the reset
    reset_maybe_by_device,  ///< a RST differs from what the server sends
    full_size_open,         ///< of a silence: a full-sized packet may have been lost
    large_lost,             ///< full-sized segments die and smaller ones pass; in place of the silence
    large_maybe_lost,       ///< likewise, and a single loss explains it as well
    data_never_arrives,     ///< nothing sent after the handshake is acknowledged; in place of tls_silent
    // ---- watches ----
    watch,
    listening,               ///< on more than loopback
    not_listening,           ///< not at all, or on loopback only
    loopback_only,           ///< of these: on loopback
    backlog_full,            ///< more connections wait to be accepted than may
    syns_unanswered,         ///< of others, by this host
    syns_refused,            ///< with an RST of this host
    syns_rejected_here,      ///< with an ICMP error of this host
    answers_unacknowledged,  ///< SYN-ACKs of this host
    proxy_header_unwanted,   ///< this host ends connections that begin with a PROXY header
    partly_failing,          ///< attempts fail at peers where others succeed
    traffic_missing,         ///< silence for longer than `expect_traffic`
    traffic_unsure,          ///< too little was seen to say that it works
    traffic_elsewhere,       ///< one interface alone was captured: what is missing may have gone another way
    // ---- follow-up tests: what a further connection or query showed ----
    proxy_header_answered,   ///< behind a PROXY header the server answers
    proxy_header_same,       ///< it fails just the same
    other_name_answered,     ///< another name of the zone is answered on the same address
    other_name_same,         ///< it fails just the same
    small_segments_pass,     ///< with small segments the handshake goes on
    small_segments_same,     ///< it stalls just the same
    plain_text_answered,     ///< a plain-text first message is answered
    plain_text_silent,       ///< it is not
    other_port_answers,      ///< another port of the profile is open or refuses on the same address
    other_port_silent,       ///< all that were tried are as silent
    other_address_answers,   ///< an expected address that DNS did not give is open or refuses
    other_address_silent,    ///< all that were tried are silent
    speaker_named,           ///< what the server said when read on names its protocol
    no_name_answered,        ///< without SNI the handshake passes
    no_name_same,            ///< it fails just the same
    alias_name_answered,     ///< with the CNAME's name the handshake passes
    alias_name_same,         ///< it fails just the same
    other_resolver_knows,    ///< a resolver that is not configured has acceptable addresses for the name
    other_resolver_missing,  ///< one of them says that the name does not exist, too
    sibling_label_resolves,  ///< a random name of the same zone has an acceptable address
    sibling_label_missing,   ///< it does not exist
    public_name_resolves,    ///< the public name that belongs to the host exists
    public_name_absent,      ///< it does not
    repeat_answered,         ///< the very same once more passes: no other connection proves anything then
    // ---- siblings ----
    sibling_served,    ///< another name is served on the same address and port
    sibling_reached,   ///< something came back to another target over the network
    siblings_down,     ///< every target fails at the network and no resolver replies
    only_names_tried,  ///< and no address of any of them could be tried
    // ---- earlier rounds ----
    comes_and_goes,  ///< of the last rounds some failed and some passed, to and fro
};

/// For the documentation and the tests: no report names a fact.
consteval auto vocabulary(Fact) {
    return terms_by_name<Fact>();
}

class FactSet {
  public:
    static constexpr std::size_t capacity = 256;

    constexpr FactSet() = default;
    constexpr FactSet(std::initializer_list<Fact> facts) {
        for (Fact fact : facts) {
            insert(fact);
        }
    }

    constexpr void insert(Fact fact) { words_[word(fact)] |= bit(fact); }
    constexpr void erase(Fact fact) { words_[word(fact)] &= ~bit(fact); }
    constexpr void insert_all(FactSet other) {
        for (std::size_t i = 0; i < words; ++i) {
            words_[i] |= other.words_[i];
        }
    }
    constexpr void erase_all(FactSet other) {
        for (std::size_t i = 0; i < words; ++i) {
            words_[i] &= ~other.words_[i];
        }
    }
    constexpr void insert_if(bool holds, Fact fact) { words_[word(fact)] |= holds ? bit(fact) : 0; }
    constexpr bool contains(Fact fact) const { return (words_[word(fact)] & bit(fact)) != 0; }
    constexpr bool contains_all(FactSet other) const { return intersection(other) == other; }
    constexpr bool intersects(FactSet other) const { return !intersection(other).empty(); }
    constexpr FactSet intersection(FactSet other) const {
        for (std::size_t i = 0; i < words; ++i) {
            other.words_[i] &= words_[i];
        }
        return other;
    }
    constexpr bool empty() const { return *this == FactSet(); }
    constexpr bool operator==(const FactSet&) const = default;

  private:
    static constexpr std::size_t word_bits = 64;
    static constexpr std::size_t words = capacity / word_bits;
    static constexpr std::size_t word(Fact fact) { return static_cast<std::size_t>(fact) / word_bits; }
    static constexpr std::uint64_t bit(Fact fact) {
        return std::uint64_t{1} << (static_cast<std::size_t>(fact) % word_bits);
    }
    std::array<std::uint64_t, words> words_{};
};

/// Of a row of one of the tables: all that it wants holds, and nothing that excludes it.
template <class Row>
constexpr bool matches(const Row& row, FactSet facts) {
    return facts.contains_all(row.when) && !facts.intersects(row.unless);
}

}  // namespace whylink::checks
