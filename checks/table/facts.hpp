// The facts that a diagnosis is drawn from: each says one thing about a whole round.
#pragma once

#include <cstdint>

#include "config/enum_set.hpp"
#include "config/vocabulary.hpp"

namespace whylink::checks {

enum class Fact : std::uint16_t {
    // ---- the target ----
    all_pass,                 ///< every probe that counts passes
    nothing_probed,           ///< no probe says anything about the target
    zone,                     ///< the target is a zone
    address_unverified,       ///< the addresses come from DNS and no `expect` says which are right
    profile_allow_list,       ///< the profile's service keeps an allow-list of endpoints
    public_host_of_listed,    ///< the same, but the host is its public name, which that list is not about
    proxy_header_configured,  ///< `proxy_protocol` is configured: a header was sent first
    has_linked_name,  ///< the endpoint has another name by which its server may go: a follow-up test can ask for it
    local_error,  ///< a probe could not be made
    /// The environment of this host's programs sends them to this target over a proxy; whylink went there directly.
    programs_use_proxy,
    programs_follow_script,  ///< a script of this host (PAC), which was not evaluated, chooses the proxy of programs
    /// The port's usual server refuses or bans hosts by their earlier connections: SSH (MaxStartups, fail2ban), SMTP
    /// (early talkers), FTP, MySQL (max_connect_errors).
    judged_by_history,
    // ---- this host between the check and the endpoint ----
    accepted_here,  ///< this host itself answered for an address that is not its own; in place of all other facts of it
    relayed_here,  ///< this host accepted, and TLS verified end to end proves that the endpoint answered behind it
    rejected_here,     ///< a RST from this host itself, and no SYN was seen anywhere; in place of tcp_refused
    lost_here,         ///< the SYN stayed on this host and nothing answered; in place of tcp_timeout
    translated_here,   ///< this host sent the connection to another address
    way_unseen,        ///< of an accepted connection: no packets show that it left this host
    translation_open,  ///< likewise, and this host may have redirected or translated it
    accepted_only,  ///< an acceptance is all that was seen of the endpoint: no byte of it, no TLS, no application
    container_answers,  ///< the address belongs to a container or virtual machine of this host
    route_to_containers,  ///< the route goes to a bridge of this host's containers, where nobody has the address
    route_to_tunnel,      ///< the route goes through a VPN or another tunnel
    source_elsewhere,  ///< the source address belongs to another interface than the one that the route uses
    link_down,         ///< the interface that the route uses has no carrier
    two_machines,      ///< packets for one on-link address came from two link-layer addresses
    reverse_path_strict,  ///< answers come in by another interface than the route back has, where rp_filter is strict
    to_this_host,    ///< the address is loopback or this host's own: nothing leaves it, by nature
    tracking_full,   ///< the connection-tracking table of this host was full and has no entry for the SYN
    tracking_drops,  ///< it has dropped packets for want of room; not full now
    // ---- dns: the resolvers ----
    resolver_answers,         ///< a resolver replied, whatever it said
    resolver_without_reply,   ///< a resolver gave no reply to anything
    resolver_timed_out,       ///< one of these was silent, without an ICMP error or errno
    no_nameserver,            ///< one of these was only assumed: this host's resolv.conf names none
    resolver_fails,           ///< SERVFAIL, REFUSED, garbage, or no reply to some of the questions
    resolver_on_loopback,     ///< all that gave none are loopback addresses of this host
    resolver_of_systemd,      ///< of these: the stub of systemd-resolved
    resolver_of_docker,       ///< of these: Docker's DNS server inside containers
    resolvers_without_route,  ///< this host has no route to any of the resolvers
    resolver_forbidden_here,  ///< a rule of this host forbids asking
    answers_differ,           ///< the resolvers do not say the same about a name
    edns_unanswered,          ///< a resolver replies only to queries without EDNS
    edns_lost_for_programs,   ///< all of resolv.conf do, and its `options edns0` has programs send EDNS
    dnssec_failure,           ///< SERVFAIL whose extended error names a DNSSEC validation failure
    delegation_failure,  ///< SERVFAIL or REFUSED whose extended error says that the zone's servers are not reached
    answer_filtered,  ///< an extended error says that a policy of the resolver decides: blocked, filtered, forged
    answer_stale,          ///< an extended error says that the answer is a stale one (3, 19)
    dns_not_used,          ///< nsswitch.conf ends the lookups of programs before DNS
    recursion_refused,     ///< a resolver answers with a referral: it does not recurse
    reply_from_elsewhere,  ///< replies came from another address than the one that was asked
    // ---- dns: what they say of the host, or of the zone's names ----
    name_right,           ///< acceptable addresses
    name_public,          ///< public addresses
    name_unexpected,      ///< private ones outside `expect`, or special ones
    name_special,         ///< loopback, link-local, unspecified or multicast
    name_elsewhere,       ///< public or unexpected
    name_missing,         ///< NXDOMAIN or NODATA
    name_nodata,          ///< NODATA among these
    nodata_bare,          ///< of these: the reply names no zone (SOA), as an answer that a filter has emptied
    name_half_missing,    ///< NXDOMAIN for one type, and no usable answer for the other
    public_name_private,  ///< `public_host` answers with a private address
    public_name_missing,  ///< `public_host` does not exist
    public_name_fails,    ///< `public_host` got no usable reply from a resolver that answers otherwise
    control_resolves,     ///< a name that must not exist has an address
    random_none,          ///< random names of the zone were asked, and none of them resolves
    /// Names of the zone have nothing in common at one resolver, and no `expect` says which is right.
    names_differ,
    known_missing,             ///< a known label does not resolve
    known_resolves,            ///< a known label has an address
    private_not_judged,        ///< `private = false`, and no `expect`: the name need not be private
    name_from_private_zone,    ///< the negative answer's SOA is a private zone's: the zone is in effect here
    name_hidden,               ///< likewise, of a name that need not be private; in place of it
    public_from_private_zone,  ///< likewise of `public_host`
    negative_contradicts,      ///< NXDOMAIN for one type of the name, NODATA for the other (RFC 8020)
    cache_is_wrong,  ///< a cache says otherwise than a resolver that is authoritative or fresher, and is right
    one_type_denied,  ///< NXDOMAIN for one type of the name, and an address of the other
    name_slow,        ///< acceptable addresses came after a second or more
    name_slow_again,  ///< of these: and after a second or more again when the name was queried again
    // Of name_elsewhere: addresses of ranges that somebody on the way hands out, see special_ranges.hpp.
    name_fake,        ///< of a proxy client that answers every name
    name_of_mesh,     ///< of a service mesh's sidecar
    name_of_lattice,  ///< of AWS VPC Lattice
    name_of_google,   ///< of Google's private access to its own services
    name_blocked,     ///< the unspecified address: a filter list
    // ---- addresses; those of a wrong answer do not count ----
    address_works,  ///< one passes its last stage
    address_fails,  ///< one fails, and not for a fault of this host
    tcp_timeout,
    tcp_refused,
    tcp_refused_at_once,  ///< so soon that a rule of this host may have answered
    tcp_unreachable,
    tcp_unreachable_here,  ///< of these: an ICMP error of this host itself, at once
    tcp_no_route,          ///< for want of a route; nothing was sent
    syn_repeated,  ///< a connection that works took a second or more to come up: its SYN was sent again
    syn_repeated_with_ecn,  ///< of these: the SYNs before the answered one asked for ECN, and that one did not
    tcp_prohibited,         ///< by an ICMP error from elsewhere
    tcp_forbidden_here,     ///< by a rule of this host
    accepted_then_reset,    ///< RST before the server's first byte
    accepted_then_closed,   ///< FIN before the server's first byte
    tls_stage,              ///< the failure is in the TLS stage
    tls_silent,             ///< time-out without a byte of the server
    tls_stalled,            ///< time-out after some bytes
    reset_after_bytes,
    closed_after_bytes,
    certificate_beside_alert,  ///< of an alert: the certificate that came before it is for another name
    certificate_requested,     ///< a failing handshake asked for a client certificate
    certificate_left_open,     ///< a good one did, got none, and nothing said whether that will do
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
    alert_without_name,              ///< the handshake that the server's alert ends sent no server name
    certificate_of_other_name,
    certificate_of_no_address,  ///< likewise, but no name was asked for: the host is an address
    certificate_of_linked_name,  ///< of these: a name that belongs to the host (CNAME, public name, without `privatelink`)
    certificate_of_cname,  ///< of these: by the CNAME chain alone, which may be what is wrong
    host_may_be_alias,  ///< nothing links it, and the host is no name of a known service: it may be one's own for it; or
                        ///< not all of the certificate's names are known here
    wildcard_too_deep,  ///< of these: a wildcard of a zone above the host, which covers one label only
    default_certificate,  ///< of these: what a server or ingress has before it is given one, or for unknown names
    endpoint_name_asked,  ///< of these: the host is the technical name of an endpoint (vpce-….vpce-svc-…), which no service has
    certificate_also_faulty,  ///< of these: untrusted, expired or not yet valid besides
    trust_anchor_faulty,  ///< of certificate_faulty: the fault is in a certificate of this host, not of the server
    certificate_faulty,  ///< untrusted, expired or not yet valid
    certificate_expiring,
    name_in_subject_only,   ///< the name is in the subject's CN and in no subjectAltName
    intermediate_not_sent,  ///< the chain is complete only because this host has the intermediate
    tls_version_old,        ///< TLS 1.1 or older was agreed on
    finite_field_only,      ///< the server knows no key exchange but finite-field Diffie-Hellman
    alpn_not_chosen,        ///< protocols were offered (`tls.alpn`) and the server chose none
    plain_text_service,     ///< TLS was tried only, and the service speaks plain text
    // ---- the application on these addresses ----
    app_stage,           ///< the failure is in the application's stage
    app_silent,          ///< time-out without a byte of the application
    app_stalled,         ///< time-out after some bytes
    app_forbidden,       ///< the application refuses this network or endpoint
    app_cannot_serve,    ///< the right application says that it cannot serve
    app_unexpected,      ///< the right protocol, and an answer that the config does not allow
    app_other_protocol,  ///< another protocol answers
    app_wants_tls,       ///< what answers says that it wants TLS first
    app_requires_tls,    ///< it says so in its own protocol, as a database does; in place of app_wants_tls
    app_without_tls,     ///< the application speaks, and offers no TLS inside its protocol
    app_behind_tls,      ///< the failing exchange was inside TLS, whose handshake passed
    app_unanswered,      ///< of these: RST or FIN before the application's first byte
    app_bad_request,     ///< the answer has HTTP status 400
    app_refuses_login,   ///< the refusal is by address, user, database and TLS together
    app_refuses_unencrypted,      ///< of these: the refusal says that the connection is not encrypted
    app_maybe_wants_credentials,  ///< of app_forbidden: whoever shows no credentials may get this answer
    app_other_version,  ///< one that passes refuses the version of its protocol that the check speaks, and is reached
    app_http2,          ///< HTTP/2 answers what was asked in HTTP/1.1, or it refuses the request in HTTP/2
    app_host_blocked,  ///< of app_forbidden: this host is blocked for its earlier connections (MySQL error 1129, SSH)
    app_limits_clients,  ///< of app_cannot_serve: too many connections or clients
    app_limits_rate,     ///< of app_unexpected: too many requests (HTTP 429)
    app_has_no_page,  ///< of app_unexpected: HTTP has nothing at the path that the check asks for (404, 405, 410)
    sends_clients_on,  ///< one that passes names other hosts or ports that clients go to next
    idle_dropped,      ///< a connection that was held idle was reset, or its use was not answered
    idle_unanswered,   ///< of these: its use was not answered
    // ---- what the packets of these addresses show, or leave open ----
    syn_unseen,             ///< of a tcp_timeout: nothing shows that the SYN left this host
    syn_never_left,         ///< no SYN left although the next hop is known; stands in place of tcp_timeout
    syn_maybe_never_left,   ///< likewise, and nothing is known of the next hop
    neighbour_missing,      ///< no SYN left, for the next hop does not answer; in place of tcp_timeout
    syn_ack_dropped,        ///< the SYN-ACK arrived and this host did not take it; in place of tcp_timeout
    syn_ack_damaged,        ///< likewise, for its checksum is wrong
    syn_ack_foreign,        ///< likewise, for it acknowledges something else than the SYN
    reset_unexamined,       ///< nothing shows that a RST was the server's own
    reset_by_device,        ///< the server went on after a RST in its name; in place of the reset
    reset_maybe_by_device,  ///< a RST differs from what the server sends
    full_size_open,         ///< of a silence: a full-sized packet may have been lost
    handshake_ack_lost,  ///< of a silence: the SYN-ACK was sent again, so that not even the ACK of it arrived
    large_lost,          ///< full-sized segments die and smaller ones pass; in place of the silence
    large_of_ours_lost,  ///< of large_lost: only the loss of our own first segment shows it, and no router named the MTU
    large_maybe_lost,  ///< likewise, and a single loss explains it as well
    data_never_arrives,  ///< nothing sent after the handshake is acknowledged; in place of tls_silent or app_silent
    own_syn_returns,          ///< of a tcp_timeout: our own SYN came back to this host
    syn_routed_back,          ///< of a tcp_timeout: likewise, still for the address that was asked for
    answered_from_elsewhere,  ///< of a tcp_timeout: the SYN-ACK came from another address or port
    data_kept_here,  ///< in place of the silence: nothing that was sent left this host, though the peer's window is open
    window_closed,  ///< of a silence: the peer's window was 0, so that nothing could be sent
    later_data_lost,  ///< the first of what we sent is acknowledged, and what follows, though no larger, never is
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
    failures_mixed,          ///< of its failed attempts a tenth or more failed in another way than the most
    // ---- follow-up tests: what a further connection or query showed ----
    proxy_header_answered,  ///< behind a PROXY header the server answers
    proxy_header_same,      ///< it fails just the same
    other_name_answered,    ///< another name of the zone is answered on the same address
    other_name_same,        ///< it fails just the same
    small_segments_pass,    ///< with small segments the handshake goes on
    small_segments_after_silence,  ///< of small_segments_pass: all that was sent without had arrived, and nothing came back
    small_segments_same,    ///< it stalls just the same
    plain_text_answered,    ///< a plain-text first message is answered
    plain_text_silent,      ///< it is not
    other_port_answers,     ///< another port of the profile is open or refuses on the same address
    other_port_silent,      ///< all that were tried are as silent
    other_address_answers,  ///< an expected address that DNS did not give is open or refuses
    other_address_silent,   ///< all that were tried are silent
    speaker_named,          ///< what the server said when read on names its protocol
    no_name_answered,       ///< without SNI the handshake passes
    no_name_same,           ///< it fails just the same
    alias_name_answered,    ///< with the CNAME's name the handshake passes
    alias_name_same,        ///< it fails just the same
    linked_name_answered,  ///< by a name that belongs to the host the handshake passes, with a certificate for it
    linked_name_same,      ///< by every such name that was tried it fails just the same
    other_resolver_knows,    ///< a resolver that is not configured has acceptable addresses for the name
    other_resolver_missing,  ///< one of them says that the name does not exist, too
    sibling_label_resolves,  ///< a random name of the same zone has an acceptable address
    sibling_label_missing,   ///< it does not exist
    public_name_resolves,    ///< the public name that belongs to the host exists
    public_name_absent,      ///< it does not
    tcp_query_answered,      ///< over TCP the resolver replies
    tcp_query_same,          ///< it does not either
    unchecked_answered,      ///< without DNSSEC validation the name resolves
    unchecked_same,          ///< it fails just the same
    srv_targets,             ///< the name is one of SRV records, which have targets
    srv_absent,              ///< it has none
    sibling_label_fake,      ///< a random name of the zone has an address of a proxy client, too
    pair_answered,           ///< both queries of one socket are answered
    pair_lost,               ///< of two queries of one socket one gets no reply
    search_name_resolves,  ///< a name of the search list, which programs ask before the host's own, has an address
    search_name_absent,    ///< none of them has
    sibling_label_nodata,  ///< a random name of the zone exists without an address: a wildcard without one
    next_hop_answers,      ///< a host that the server sends clients to accepts connections
    next_hop_fails,        ///< one of them does not
    next_hop_unresolved,   ///< of these: its name has no address
    next_hop_special,      ///< of these: its address is loopback, unspecified, link-local or multicast
    next_hop_timed_out,    ///< of these: no answer to the SYN; alone, without those above
    repeat_answered,  ///< a repeat of the connection passes, or two tests get further of which each leaves out what the
                      ///< other changes: no other connection proves anything then
    repeat_same,            ///< it fails the same way
    repeat_steady,          ///< it does so at least twice, so that hardly one of several targets is to blame
    repeat_fails,           ///< a repeat of a connection that passed fails
    repeat_query_answered,  ///< a repeat of the query to the same resolver has an acceptable address
    repeat_query_same,      ///< it fails the same way
    small_hello_answered,   ///< a ClientHello of one small packet is answered
    tls12_answered,         ///< a ClientHello that offers TLS 1.2 and nothing newer is answered
    name_dropped,           ///< nothing with the name is acknowledged; without it, or with another one, it is
    size_dropped,      ///< nothing of the ordinary ClientHello is acknowledged; of one of another size it is
    version_dropped,   ///< nothing of the ordinary ClientHello is acknowledged; of one without TLS 1.3 it is
    protocol_dropped,  ///< nothing of the TLS handshake is acknowledged; a plain-text message is
    control_port_accepted,     ///< a port that nobody has accepts on the same address
    control_address_accepted,  ///< an address that nobody can have accepts on the same port
    large_hello_answered,      ///< a ClientHello of more than one packet is answered
    large_hello_fails,         ///< the ordinary one passes, a large one does not
    large_hello_received,  ///< of these: nothing shows that it was lost, so that a target that fails looks the same
    large_hello_segments_pass,  ///< of these: in small segments the large one passes
    large_hello_segments_fail,  ///< of these: in small segments neither
    // ---- siblings ----
    sibling_served,    ///< another name is served on the same address and port
    sibling_reached,   ///< something came back to another target over the network
    siblings_down,     ///< every target fails at the network and no resolver replies
    only_names_tried,  ///< and no address of any of them could be tried
    srv_targets_work,  ///< the targets of the SRV name were checked, and all work
    // ---- accounts: what the APIs of the provider and of the vendor say ----
    nothing_came_back,  ///< of the addresses that fail: no byte of the endpoint, whoever ended it
    link_available,     ///< the endpoint's connection is accepted and set up
    link_waits,         ///< it waits for acceptance, is being set up, or needs an action of the producer
    link_ended,         ///< it is rejected, disconnected, failed, expired or deleted
    link_absent,        ///< no account that was listed in full has the configured endpoint
    rule_denies,        ///< a rule set of the account does not let the connection through
    rules_allow,        ///< each rule set that was judged lets it through
    vendor_stopped,     ///< the vendor's service is stopped, stopping, failed or terminated
    vendor_idle,        ///< it is idle
    id_listed,          ///< its allow-list has the endpoint, in whatever form
    id_not_listed,      ///< it has it in no form
    record_is_right,    ///< the addresses that DNS gives are the endpoint's
    record_is_wrong,    ///< one of them is not
    zone_incomplete,    ///< of a name that is missing or public: the zone, its link or its record is missing
    targets_unhealthy,  ///< no target behind the load balancer is healthy
    balancer_sends_header,  ///< the load balancer or Private Link service puts a PROXY header before the data
    peer_waits,             ///< of a watch: a connection waits for acceptance by this side
    // ---- earlier rounds ----
    comes_and_goes,      ///< of the last rounds some failed and some passed, to and fro
    passed_just_before,  ///< of a round that fails: the round before it passed
    syn_repeats,         ///< the SYN was sent again in an earlier one of the last rounds, too
    // ---- what the daemon remembers of a target that fails ----
    never_healthy,      ///< no round has passed yet
    healthy_for_long,   ///< all rounds of a week and more passed before this failure
    address_changed,    ///< between the last round that passed and the first that failed; so are those below
    resolvers_changed,  ///< the DNS servers of this host, or its resolv.conf
    certificate_replaced,   ///< the server's
    host_firewall_changed,  ///< the ruleset of this host
    config_changed,         ///< of this target, by a reload
    host_rebooted,
};

/// For the documentation and the tests: no report names a fact.
consteval auto vocabulary(Fact) {
    return terms_by_name<Fact>();
}

using FactSet = EnumSet<Fact, 384>;

/// Of a row of one of the tables: all that it wants holds, and nothing that excludes it.
template <class Row>
constexpr bool matches(const Row& row, FactSet facts) {
    return facts.contains_all(row.when) && !facts.intersects(row.unless);
}

}  // namespace whylink::checks
