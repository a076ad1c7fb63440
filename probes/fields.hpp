// The members of each struct of facts, described once: recorded observations, the JSON report and its schema are
// made from these rows.
//
// A row names a member as it is recorded, and says whether the report shows it; durations end in their unit, "_ns"
// where they are recorded and "_seconds" in the report. The rows stand in the order of the report. A row may have a
// function in place of a member: what it gives is shown, and not recorded.
#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "probes/observation.hpp"

namespace whylink::probes {

/// What a number or a text stands for, where its type does not say it.
/// A text of the peer's is recorded byte by byte, as `bytes` are.
enum class Unit {
    none,
    count,
    at_least_one,
    octet,
    hop_limit,
    port,
    error,
    proxy_version,
    bytes,
    text_of_peer
};

/// When the report shows a field. A number that is 0, a text that is empty, false, and the first value of an enum are
/// not set.
enum class Shown { never, always, if_set };

struct Whenever {
    template <class S>
    constexpr bool operator()(const S& /*facts*/) const {
        return true;
    }
};

template <class M, class W = Whenever>
struct Field {
    std::string_view name;
    M what;  ///< a pointer to a member, or a function of the struct
    Shown shown = Shown::never;
    std::string_view about = {};     ///< for the schema
    std::string_view shown_as = {};  ///< what the report calls it, where that differs
    Unit unit = Unit::none;
    W condition = {};  ///< of the struct, for the report

    static constexpr bool is_member = std::is_member_object_pointer_v<M>;
    static constexpr bool is_conditional = !std::same_as<W, Whenever>;

    constexpr Field as(std::string_view word) const {
        return {name, what, shown, about, word, unit, condition};
    }
    constexpr Field in(Unit other) const { return {name, what, shown, about, shown_as, other, condition}; }
    template <class C>
    constexpr Field<M, C> when(C only) const {
        return {name, what, shown, about, shown_as, unit, only};
    }
};

template <class M>
constexpr Field<M> always(std::string_view name, M what, std::string_view about = {}) {
    return {name, what, Shown::always, about};
}

template <class M>
constexpr Field<M> if_set(std::string_view name, M what, std::string_view about = {}) {
    return {name, what, Shown::if_set, about};
}

/// Not in the report, or not as it stands here.
template <class M>
constexpr Field<M> recorded(std::string_view name, M what) {
    return {name, what};
}

/// A struct, or an optional one, whose fields the report shows as those of the struct around it.
template <class M>
struct Spread {
    std::string_view name;
    M what;
    std::string_view prefix = {};  ///< of their names in the report
};

template <class M>
constexpr Spread<M> spread(std::string_view name, M what, std::string_view prefix = {}) {
    return {name, what, prefix};
}

/// Fields that the report shows as an object of their own.
template <class... F>
struct Group {
    std::string_view name;
    std::tuple<F...> fields;
};

template <class... F>
constexpr Group<F...> group(std::string_view name, F... fields) {
    return {name, {fields...}};
}

// ---- what any probe may have ----

constexpr auto fields(const LocalError* /*of*/) {
    using F = LocalError;
    return std::tuple{always("operation", &F::operation), always("text", &F::text),
                      if_set("error", &F::error).as("errno").in(Unit::error)};
}

/// What the report calls the two.
enum class IcmpProtocol { icmp, icmpv6 };
consteval auto vocabulary(IcmpProtocol) {
    using enum IcmpProtocol;
    return terms<IcmpProtocol>({{icmp, "icmp"}, {icmpv6, "icmpv6"}});
}

constexpr auto fields(const IcmpError* /*of*/) {
    using F = IcmpError;
    return std::tuple{
        recorded("v6", &F::v6),
        always("protocol", [](const F& icmp) { return icmp.v6 ? IcmpProtocol::icmpv6 : IcmpProtocol::icmp; }),
        always("type", &F::type).in(Unit::octet),
        always("code", &F::code).in(Unit::octet),
        if_set("sender", &F::sender),
        if_set("local", &F::local, "Made by this host's own kernel"),
    };
}

// ---- dns ----

constexpr auto fields(const DnsAnswer* /*of*/) {
    using F = DnsAnswer;
    return std::tuple{always("address", &F::address), always("ttl", &F::ttl),
                      if_set("own", &F::own, "An address of this host")};
}

constexpr auto fields(const SrvTarget* /*of*/) {
    using F = SrvTarget;
    return std::tuple{always("priority", &F::priority).in(Unit::count),
                      always("weight", &F::weight).in(Unit::count), always("port", &F::port).in(Unit::port),
                      always("name", &F::name).as("target"), always("ttl", &F::ttl)};
}

constexpr auto fields(const NegativeAuthority* /*of*/) {
    using F = NegativeAuthority;
    return std::tuple{always("zone", &F::zone), always("server", &F::server), always("ttl", &F::ttl),
                      always("minimum", &F::minimum)};
}

constexpr auto fields(const ExtendedError* /*of*/) {
    using F = ExtendedError;
    return std::tuple{always("code", &F::code).in(Unit::count), if_set("text", &F::text)};
}

/// The report shows the type, the reply's code in words and the outcome before these.
constexpr auto fields(const DnsQuery* /*of*/) {
    using F = DnsQuery;
    return std::tuple{
        recorded("type", &F::type),
        recorded("rcode", &F::rcode),
        recorded("answers", &F::answers),
        recorded("cnames", &F::cnames),
        always("took", &F::took).as("duration"),
        always("answers", [](const F& query) { return query.answers.size() + query.answers_left_out; }),
        if_set("answers_left_out", &F::answers_left_out, "Beyond those that are kept").in(Unit::at_least_one),
        if_set("cnames_left_out", &F::cnames_left_out, "In front of the last").in(Unit::at_least_one),
        if_set("sent", &F::sent, "Datagrams, those sent again included").in(Unit::at_least_one),
        if_set("truncated", &F::truncated),
        if_set("over_tcp", &F::over_tcp),
        if_set("targets", &F::targets, "Of an SRV query"),
        if_set("targets_left_out", &F::targets_left_out).in(Unit::at_least_one),
        if_set("authority", &F::authority, "The SOA record beside a negative answer"),
        if_set("extended_errors", &F::extended_errors, "RFC 8914"),
        if_set("authoritative", &F::authoritative, "The zone's own server answered, and no cache"),
        if_set("without_recursion", &F::without_recursion, "The resolver does not offer recursion"),
        if_set("referral", &F::referral, "It names the servers of a zone below, and answers nothing"),
        if_set("reply_from", &F::reply_from, "A datagram came from this address in the resolver's place"),
        if_set("without_edns", &F::without_edns, "Answered after FORMERR to a query with EDNS"),
        if_set("edns_unanswered", &F::edns_unanswered, "Queries with EDNS got no reply, the one without did"),
        if_set("asked_over_tcp", &F::asked_over_tcp),
        if_set("checking_disabled", &F::checking_disabled, "The CD bit was set"),
        if_set("bad_replies", &F::bad_replies).in(Unit::at_least_one),
        if_set("bad_reply", &F::bad_reply, "What was wrong with the last of them"),
        if_set("timed_out", &F::timed_out),
        if_set("error", &F::error).as("errno").in(Unit::error),
        if_set("icmp", &F::icmp),
    };
}

constexpr auto fields(const LookupOptions* /*of*/) {
    using F = LookupOptions;
    return std::tuple{if_set("use_vc", &F::use_vc),
                      if_set("edns0", &F::edns0),
                      if_set("single_request", &F::single_request),
                      always("timeout", &F::timeout).in(Unit::count),
                      always("attempts", &F::attempts).in(Unit::count),
                      always("ndots", &F::ndots).in(Unit::count),
                      if_set("search", &F::search),
                      if_set("search_left_out", &F::search_left_out).in(Unit::at_least_one),
                      if_set("ends_at", &F::ends_at, "Where nsswitch.conf ends the lookup before DNS")};
}

/// The report shows the name and the resolver as the target of the probe, and the queries each with its outcome, with
/// the answers of all of them, before these.
constexpr auto fields(const DnsFacts* /*of*/) {
    using F = DnsFacts;
    return std::tuple{
        recorded("name", &F::name),
        recorded("role", &F::role),
        recorded("source", &F::source),
        recorded("resolver", &F::resolver),
        recorded("resolver_port", &F::resolver_port),
        recorded("from_system", &F::from_system),
        recorded("no_nameserver", &F::no_nameserver),
        if_set("options", &F::options, "How /etc/resolv.conf and nsswitch.conf have programs ask"),
        if_set("one_socket", &F::one_socket, "Both queries left from the same socket"),
        recorded("queries", &F::queries),
        if_set("hosts_file", &F::hosts_file, "What /etc/hosts gives for this name"),
    };
}

// ---- tcp ----

constexpr auto fields(const TcpInfo* /*of*/) {
    using F = TcpInfo;
    return std::tuple{always("rtt", &F::rtt), always("send_mss", &F::send_mss).as("mss"),
                      always("receive_mss", &F::receive_mss), always("retransmits", &F::retransmits)};
}

constexpr auto fields(const Delivery* /*of*/) {
    using F = Delivery;
    return std::tuple{
        always("acknowledged", &F::acknowledged, "Bytes of ours that the peer's kernel has taken"),
        always("unacknowledged", &F::unacknowledged, "Segments of ours under way or lost").in(Unit::count),
        always("retransmits", &F::retransmits, "Segments sent again, the SYN not counted").in(Unit::count),
        if_set("window", &F::window, "Bytes that the peer's window has room for"),
    };
}

constexpr auto fields(const AcceptorFacts* /*of*/) {
    using F = AcceptorFacts;
    return std::tuple{
        always("asked", &F::asked, "Connections that the kernel was asked about").in(Unit::count),
        if_set("error", &F::error).as("errno").in(Unit::error),
        if_set("translatable", &F::translatable, "A rule of this host may have translated the address"),
        if_set("address", &F::address, "Of the socket of this host that took the connection"),
        if_set("port", &F::port).in(Unit::port),
        if_set("uid", &F::uid, "Of the process that accepted it"),
        if_set("connected_to", &F::connected_to, "Where the socket really goes, if elsewhere"),
        if_set("connected_port", &F::connected_port).in(Unit::port),
    };
}

constexpr auto fields(const RouteFacts* /*of*/) {
    using F = RouteFacts;
    return std::tuple{
        if_set("local", &F::local, "To this host itself"),
        if_set("matched", &F::matched, "Prefix of the route that was used"),
        if_set("table", &F::table, "Routing table; 254 is the main one"),
        if_set("gateway", &F::gateway, "Absent: on-link"),
        if_set("source", &F::source, "Address that the kernel picks"),
        if_set("interface", &F::interface),
        if_set("link_kind", &F::link_kind, "bridge, veth, wireguard, tun, ...; absent: a device of its own"),
        always("link_up", &F::link_up, "The interface has a carrier"),
        if_set("internal_bridge", &F::internal_bridge,
               "A bridge of containers or virtual machines of this host"),
        if_set("next_hop", &F::next_hop, "Whether the link-layer address of the next hop is known"),
        if_set("neighbour", &F::neighbour, "Link-layer address of the next hop"),
        if_set("source_interface", &F::source_interface,
               "Interface that has the connection's source address"),
        if_set("back_interface", &F::back_interface,
               "Interface of the route back, where answers come in by another one"),
        if_set("strict_interface", &F::strict_interface,
               "Interface where answers come in and rp_filter is strict"),
    };
}

constexpr auto fields(const TrackingFacts* /*of*/) {
    using F = TrackingFacts;
    return std::tuple{always("count", &F::count, "Entries of the connection-tracking table"),
                      always("max", &F::max, "Entries that it can have (nf_conntrack_max)"),
                      if_set("dropped", &F::dropped, "Packets dropped for want of an entry since boot")};
}

constexpr auto fields(const TcpFacts* /*of*/) {
    using F = TcpFacts;
    constexpr auto is_plain = [](const F& facts) {
        return facts.connected && !facts.has_tls && !facts.has_app;
    };
    return std::tuple{
        recorded("error", &F::error),
        recorded("end_error", &F::end_error),
        recorded("connected", &F::connected),
        recorded("let_out", &F::let_out),
        recorded("translatable", &F::translatable),
        recorded("at_once", &F::at_once),
        recorded("has_tls", &F::has_tls),
        recorded("has_app", &F::has_app),
        if_set("errno", [](const F& facts) { return facts.error != 0 ? facts.error : facts.end_error; })
            .in(Unit::error),
        if_set("timed_out", &F::timed_out),
        if_set("no_route", &F::no_route, "Nothing was sent, for want of a route"),
        if_set("acceptor", &F::acceptor, "Which socket of this host took the connection"),
        if_set("route", &F::route, "How this host sends to the address"),
        if_set("tracking", &F::tracking, "Connection tracking of this host at the time of the time-out"),
        if_set("icmp", &F::icmp),
        spread("info", &F::info),
        if_set("tcp_ecn", &F::tcp_ecn, "net.ipv4.tcp_ecn of this host"),
        if_set("local_address", &F::local_address),
        always("local_port", &F::local_port).in(Unit::port).when([](const F& facts) {
            return facts.local_address.has_value();
        }),
        if_set("proxy_header", &F::proxy_header, "What was sent as the first bytes"),
        if_set("max_segment", &F::max_segment, "Bytes that the maximum segment size was held to"),
        if_set("end", &F::end),
        always("watched", &F::watched).when(is_plain),
        always("bytes_received", &F::bytes_received).when(is_plain),
        if_set("first_bytes", &F::first_bytes).in(Unit::bytes),
        if_set(
            "ended_in_protocol", &F::ended_in_protocol,
            "By a login that is refused, where the server counts connections without one as errors of this host"),
    };
}

// ---- tls ----

/// The report has words of its own for these.
constexpr auto fields(const TlsAlert* /*of*/) {
    using F = TlsAlert;
    return std::tuple{recorded("level", &F::level), recorded("description", &F::description),
                      recorded("sent_by_us", &F::sent_by_us)};
}

constexpr auto fields(const Certificate* /*of*/) {
    using F = Certificate;
    constexpr auto names = [](const F& certificate) {
        std::vector<std::string> all = certificate.dns_names;
        for (const IpAddress& address : certificate.addresses) {
            all.push_back(address.to_string());
        }
        return all;
    };
    return std::tuple{
        always("subject", &F::subject),
        always("issuer", &F::issuer),
        if_set("serial", &F::serial, "Hexadecimal"),
        recorded("dns_names", &F::dns_names),
        recorded("addresses", &F::addresses),
        always("names", names),
        if_set("names_left_out", &F::names_left_out, "Beyond those that are kept").in(Unit::at_least_one),
        always("not_before", &F::not_before),
        always("not_after", &F::not_after),
        if_set("self_issued", &F::self_issued),
    };
}

constexpr auto fields(const VerifyFault* /*of*/) {
    using F = VerifyFault;
    return std::tuple{
        always("code", &F::code, "X509_V_ERR_*, see X509_STORE_CTX_get_error(3)"),
        always("depth", &F::depth).in(Unit::count), always("text", &F::text),
        if_set("source", &F::source, "Where the certificate at fault came from: server when absent"),
        if_set("certificate", &F::certificate, "The one that the fault is about")};
}

constexpr auto fields(const PathCertificate* /*of*/) {
    using F = PathCertificate;
    return std::tuple{always("source", &F::source, "Where it came from"),
                      always("certificate", &F::certificate)};
}

constexpr auto fields(const TlsFacts* /*of*/) {
    using F = TlsFacts;
    constexpr auto is_not_tls = [](const F& facts) {
        return facts.bytes_received > 0 && !facts.first_bytes_are_tls;
    };
    constexpr auto is_complete = [](const F& facts) { return facts.progress == TlsProgress::complete; };
    return std::tuple{
        if_set("end", &F::end),
        if_set("error", &F::error).as("errno").in(Unit::error),
        if_set("timed_out", &F::timed_out),
        always("bytes_sent", &F::bytes_sent),
        always("bytes_received", &F::bytes_received),
        if_set("delivery", &F::delivery, "Of ours, after a time-out"),
        recorded("first_bytes_are_tls", &F::first_bytes_are_tls),
        if_set("first_bytes", &F::first_bytes).in(Unit::bytes).when(is_not_tls),
        group(
            "tls",  //
            always("progress", &F::progress), if_set("server_name", &F::server_name),
            if_set("version", &F::version), if_set("cipher", &F::cipher), if_set("group", &F::group),
            if_set("finite_field", &F::finite_field, "Nothing but finite-field Diffie-Hellman was offered"),
            if_set("alpn", &F::alpn), always("verified", &F::verified, "The certificate was to be verified"),
            if_set("client_certificate_requested", &F::client_certificate_requested),
            if_set("client_certificate_sent", &F::client_certificate_sent),
            if_set("client_certificate_withheld", &F::client_certificate_withheld,
                   "Why the configured one was not sent, though asked for"),
            if_set("client_certificate", &F::client_certificate, "This host's own, that was sent"),
            if_set("refused_by_us", &F::refused_by_us), if_set("oversized", &F::oversized),
            if_set("server_spoke_first", &F::server_spoke_first),
            if_set("ended_before_hello", &F::ended_before_hello), if_set("library_error", &F::library_error),
            always("handshake_took", &F::handshake_took).as("handshake").when(is_complete),
            always("watched", &F::watched).when(is_complete),
            always("message_after_handshake", &F::message_after_handshake).when(is_complete),
            if_set("alerts", &F::alerts), if_set("verify_faults", &F::verify_faults),
            if_set("verify_faults_left_out", &F::verify_faults_left_out).in(Unit::at_least_one),
            if_set("chain", &F::chain),
            if_set("chain_left_out", &F::chain_left_out, "Further certificates of it").in(Unit::at_least_one),
            if_set("hello", &F::hello, "How long the ClientHello was made"),
            if_set("client_hello_size", &F::client_hello_size, "Bytes of the ClientHello").in(Unit::count),
            if_set("alpn_offered", &F::alpn_offered),
            if_set("library_reason", &F::library_reason, "SSL_R_* of OpenSSL, see ERR_GET_REASON(3)"),
            if_set("path", &F::path, "The chain that verification built"),
            if_set("intermediate_not_sent", &F::intermediate_not_sent,
                   "The path needs an intermediate that only this host has")),
    };
}

// ---- app ----

constexpr auto fields(const Referral* /*of*/) {
    using F = Referral;
    return std::tuple{always("kind", &F::kind), always("host", &F::host).in(Unit::bytes),
                      always("port", &F::port).in(Unit::port)};
}

constexpr auto fields(const AppFacts* /*of*/) {
    using F = AppFacts;
    return std::tuple{
        always("protocol", &F::protocol, "What was spoken: http, redis, ..."),
        if_set("over_tls", &F::over_tls),
        if_set("reply", &F::reply, "Absent when nothing decisive came"),
        if_set("status", &F::status, "The protocol's own code: HTTP status, MQTT return code, ..."),
        if_set("said", &F::said, "What the server said, at most 200 bytes of it").in(Unit::text_of_peer),
        if_set("server", &F::server, "Name and version as the server gives them").in(Unit::text_of_peer),
        if_set("end", &F::end),
        if_set("error", &F::error).as("errno").in(Unit::error),
        if_set("timed_out", &F::timed_out),
        always("bytes_sent", &F::bytes_sent, "Of the application, TLS not counted"),
        always("bytes_received", &F::bytes_received),
        if_set("delivery", &F::delivery, "Of ours, after a time-out"),
        if_set("first_bytes", &F::first_bytes).in(Unit::bytes),
        if_set("first_byte_after", &F::first_byte_after, "Since the stage began").as("first_byte"),
        if_set("http2", &F::http2, "Spoken in HTTP/2"),
        if_set("read_only", &F::read_only, "The session takes no writes"),
        if_set("referrals", &F::referrals, "Where the server sends its clients next"),
        if_set("referrals_left_out", &F::referrals_left_out).in(Unit::at_least_one),
        if_set("alerts", &F::alerts),
        if_set("library_error", &F::library_error),
    };
}

// ---- a connection held idle ----

constexpr auto fields(const HoldFacts* /*of*/) {
    using F = HoldFacts;
    return std::tuple{
        always("wanted", &F::wanted, "How long the connection was to be held idle"),
        always("idle", &F::idle, "How long it was, until its end or its use"),
        always("ended_while_idle", &F::ended_while_idle),
        always("used", &F::used, "A keep-alive segment was sent at the end"),
        always("answered", &F::answered, "And acknowledged: the connection was still there"),
        always("answered_after", &F::answered_after).as("answered").when([](const F& facts) {
            return facts.answered;
        }),
        if_set("end", &F::end),
        if_set("error", &F::error).as("errno").in(Unit::error),
    };
}

// ---- packets: of one connection, as captured ----

constexpr auto fields(const ResetSeen* /*of*/) {
    using F = ResetSeen;
    return std::tuple{
        always("hop_limit", &F::hop_limit).as("ttl").in(Unit::hop_limit),
        always("position", &F::position, "Bytes of the peer's stream before it"),
        always("in_sequence", &F::in_sequence,
               "Its sequence number is the next after all that the peer had sent"),
        always("after", &F::after, "Since the first packet"),
        if_set("acknowledged", &F::acknowledged, "Bytes of ours that it acknowledges"),
        if_set("after_acknowledged", &F::after_acknowledged, "Since the packet that it may answer"),
    };
}

constexpr auto fields(const IcmpSeen* /*of*/) {
    using F = IcmpSeen;
    return std::tuple{
        spread("error", &F::error),
        if_set("mtu", &F::mtu),
        always("after", &F::after, "Since the first packet"),
        always("established", &F::established, "A SYN-ACK had come before"),
        if_set("in_tunnel", &F::in_tunnel, "It quotes a tunnel's packet that carries ours"),
        if_set("translated", &F::translated, "It quotes our packet with another address or port")};
}

constexpr auto fields(const LostSegment* /*of*/) {
    using F = LostSegment;
    return std::tuple{
        always("size", &F::size, "Payload of the first segment that was sent again and never acknowledged"),
        always("times_sent", &F::times_sent), always("position", &F::position, "In our stream")};
}

constexpr auto fields(const PacketFacts* /*of*/) {
    using F = PacketFacts;
    constexpr auto hop_limit_of_reset = [](const F& facts) {
        return facts.resets.empty() ? std::nullopt : std::optional(facts.resets.front().hop_limit);
    };
    return std::tuple{
        always("local", &F::local).as("local_address"),
        always("local_port", &F::local_port).in(Unit::port),
        always("complete", &F::complete, "False when the kernel dropped captured packets meanwhile"),
        always("everywhere", &F::everywhere, "Every interface was captured"),
        if_set("next_hop", &F::next_hop, "Whether the neighbour answers; asked when nothing came back"),
        always("packets_sent", &F::packets_sent),
        always("packets_received", &F::packets_received),
        // The handshake.
        always("syn", &F::syn, "Sent, those sent again included"),
        always("syn_ack", &F::syn_ack),
        if_set("syn_ack_foreign", &F::syn_ack_foreign, "That acknowledge something else, or are damaged"),
        if_set("syn_ack_damaged", &F::syn_ack_damaged, "Of these: with a wrong checksum"),
        always("handshake_ack", &F::handshake_ack, "Our answers to the SYN-ACK: the kernel took it"),
        if_set("syn_ack_after", &F::syn_ack_after, "Since the first SYN"),
        if_set("handshake_rtt", &F::handshake_rtt, "Absent when the SYN was sent again"),
        if_set("syn_ack_hop_limit", &F::syn_ack_hop_limit).as("syn_ack_ttl").in(Unit::hop_limit),
        if_set("mss_sent", &F::mss_sent),
        if_set("mss_received", &F::mss_received),
        if_set("window_scale", &F::window_scale),
        if_set("sack_permitted", &F::sack_permitted),
        if_set("has_timestamp", &F::has_timestamp).as("timestamps"),
        if_set("syn_ecn", &F::syn_ecn, "Of the SYNs sent: with ECE and CWR set"),
        // Another far end.
        if_set("own_syn_returned", &F::own_syn_returned, "SYNs of ours that came back to this host"),
        if_set("returned_to", &F::returned_to, "The destination that they then had"),
        if_set("returned_to_port", &F::returned_to_port).in(Unit::port),
        if_set("answered_by", &F::answered_by, "Where a SYN-ACK for our SYN came from, if from elsewhere"),
        if_set("answered_by_port", &F::answered_by_port).in(Unit::port),
        if_set("sent_to", &F::sent_to, "Where our SYN left for, if for elsewhere"),
        if_set("sent_to_port", &F::sent_to_port).in(Unit::port),
        if_set("only_on_loopback", &F::only_on_loopback, "Seen on a loopback interface only"),
        if_set("peer_macs", &F::peer_macs, "Link-layer sources of what arrived"),
        // The streams.
        always("bytes_sent", &F::bytes_sent, "Payload, each byte once"),
        always("bytes_received", &F::bytes_received),
        always("bytes_acknowledged", &F::bytes_acknowledged, "Of ours, by the peer"),
        if_set("first_byte_after", &F::first_byte_after, "Of the peer, since the SYN-ACK"),
        always("segments_sent", &F::segments_sent, "With payload"),
        always("segments_received", &F::segments_received),
        always("retransmits_sent", &F::retransmits_sent),
        always("retransmits_received", &F::retransmits_received),
        if_set("out_of_order", &F::out_of_order),
        if_set("largest_acknowledged", &F::largest_acknowledged,
               "Payload of the largest segment of ours that arrived"),
        if_set("largest_received", &F::largest_received),
        spread("lost", &F::lost, "lost_segment_"),
        if_set("missing_received", &F::missing_received,
               "Bytes of the peer in front of later ones that did arrive"),
        if_set("largest_after_missing", &F::largest_after_missing),
        // Ends.
        always("fin_sent", &F::fin_sent),
        always("fin_received", &F::fin_received),
        always("rst_sent", &F::rst_sent),
        always("rst_received", &F::rst_received),
        if_set("fin_received_after", &F::fin_received_after, "Since the first packet"),
        if_set("rst_ttl", hop_limit_of_reset, "Of the first RST").in(Unit::hop_limit),
        if_set("resets", &F::resets, "The first RSTs that came"),
        if_set("received_after_reset", &F::received_after_reset,
               "Packets of the peer after a RST in its name"),
        if_set("hop_limits", &F::hop_limits, "Of the peer's packets other than RSTs")
            .as("ttls")
            .in(Unit::hop_limit),
        if_set("icmp", &F::icmp),
    };
}

// ---- watches: real traffic ----

constexpr auto fields(const ListeningSocket* /*of*/) {
    using F = ListeningSocket;
    return std::tuple{always("address", &F::address), always("port", &F::port).in(Unit::port),
                      if_set("v6_only", &F::v6_only),
                      always("waiting", &F::waiting, "Connections that wait to be accepted"),
                      always("backlog", &F::backlog, "How many may")};
}

constexpr auto fields(const ListenerFacts* /*of*/) {
    using F = ListenerFacts;
    return std::tuple{
        always("sockets", &F::sockets,
               "TCP sockets of this host that listen on the port; absent when they could not be asked for")};
}

constexpr auto fields(const ProxyHeader* /*of*/) {
    using F = ProxyHeader;
    return std::tuple{
        always("version", &F::version).in(Unit::proxy_version),
        if_set("local", &F::local, "A health check of the proxy itself"),
        if_set("source", &F::source),
        always("source_port", &F::source_port).in(Unit::port).when([](const F& header) {
            return header.source.has_value();
        }),
        if_set("destination", &F::destination),
        always("destination_port", &F::destination_port).in(Unit::port).when([](const F& header) {
            return header.destination.has_value();
        }),
        if_set("aws_endpoint_id", &F::aws_endpoint_id),
        if_set("azure_link_id", &F::azure_link_id),
        if_set("gcp_connection_id", &F::gcp_connection_id),
        if_set("truncated", &F::truncated, "The captured part ends within it"),
    };
}

constexpr auto fields(const PeerTraffic* /*of*/) {
    using F = PeerTraffic;
    return std::tuple{always("peer", &F::peer).as("address"),
                      if_set("port", &F::port, "Of the peer, of outbound traffic").in(Unit::port),
                      always("attempts", &F::attempts), always("established", &F::established),
                      always("failed", &F::failed)};
}

constexpr auto fields(const TrafficFacts* /*of*/) {
    using F = TrafficFacts;
    constexpr auto is_inbound = [](const F& facts) { return facts.inbound; };
    constexpr auto is_measured = [](const F& facts) { return facts.handshakes_measured > 0; };
    constexpr auto mean = [](const F& facts) {
        return std::chrono::duration<double>(facts.handshake_rtt_sum) / facts.handshakes_measured;
    };
    return std::tuple{
        recorded("inbound", &F::inbound),
        recorded("port", &F::port),
        always("window", &F::window, "How long was looked"),
        always("complete", &F::complete, "False when the kernel dropped captured packets meanwhile"),
        recorded("everywhere", &F::everywhere),
        always("packets", &F::packets),
        always("ever", &F::ever, "There was a packet since the watch began"),
        always("silent_for", &F::silent_for, "Since the last packet, or since the watch began").as("silent"),
        // Attempts.
        always("attempts", &F::attempts),
        always("established", &F::established),
        always("refused", &F::refused),
        always("unanswered", &F::unanswered),
        always("half_open", &F::half_open, "A SYN-ACK that nobody acknowledged"),
        always("icmp_failed", &F::icmp_failed),
        always("syn_retransmits", &F::syn_retransmits),
        if_set("reset_before_data", &F::reset_before_data, "Before the server's first byte"),
        if_set("closed_before_data", &F::closed_before_data),
        always("resets_received", &F::resets_received),
        always("resets_sent", &F::resets_sent),
        if_set("icmp", &F::icmp),
        // Segments.
        always("segments_sent", &F::segments_sent, "With payload"),
        always("segments_received", &F::segments_received),
        always("retransmits_sent", &F::retransmits_sent),
        always("retransmits_received", &F::retransmits_received),
        if_set("handshakes_measured", &F::handshakes_measured, "Whose SYN was sent once"),
        recorded("handshake_rtt_sum", &F::handshake_rtt_sum),
        always("handshake_rtt", mean, "Their mean").when(is_measured),
        always("handshake_rtt_max", &F::handshake_rtt_max).when(is_measured),
        // The other sides.
        always("peers", &F::peers),
        if_set("further_peers", &F::further_peers),
        if_set("forgotten", &F::forgotten, "Connections beyond what is followed"),
        // First payloads.
        always("with_proxy_header", &F::with_proxy_header,
               "Connections whose first payload is a PROXY header")
            .when(is_inbound),
        always("without_proxy_header", &F::without_proxy_header).when(is_inbound),
        if_set("proxy_header", &F::proxy_header, "The last one").when(is_inbound),
        if_set("reset_after_proxy_header", &F::reset_after_proxy_header,
               "That this host ended without a byte")
            .when(is_inbound),
    };
}

// ---- for those who read the rows ----

template <class S>
concept Described = requires(const S* facts) {
    fields(facts);
};

template <Described S>
inline constexpr auto fields_of = fields(static_cast<const S*>(nullptr));

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_optional<Rare<T>> = true;

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class T>
inline constexpr bool is_duration = false;
template <class R, class P>
inline constexpr bool is_duration<std::chrono::duration<R, P>> = true;

}  // namespace whylink::probes
