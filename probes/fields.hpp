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
enum class Unit { none, count, at_least_one, octet, hop_limit, port, error, proxy_version, bytes };

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
        if_set("local", &F::local, "Made by this VM's own kernel"),
    };
}

// ---- dns ----

constexpr auto fields(const DnsAnswer* /*of*/) {
    using F = DnsAnswer;
    return std::tuple{always("address", &F::address), always("ttl", &F::ttl)};
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
        always("answers", [](const F& query) { return query.answers.size(); }),
        if_set("sent", &F::sent, "Datagrams, those sent again included").in(Unit::at_least_one),
        if_set("truncated", &F::truncated),
        if_set("over_tcp", &F::over_tcp),
        if_set("without_edns", &F::without_edns),
        if_set("bad_replies", &F::bad_replies).in(Unit::at_least_one),
        if_set("bad_reply", &F::bad_reply, "What was wrong with the last of them"),
        if_set("timed_out", &F::timed_out),
        if_set("error", &F::error).as("errno").in(Unit::error),
        if_set("icmp", &F::icmp),
    };
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
        recorded("at_once", &F::at_once),
        recorded("has_tls", &F::has_tls),
        recorded("has_app", &F::has_app),
        if_set("errno", [](const F& facts) { return facts.error != 0 ? facts.error : facts.end_error; })
            .in(Unit::error),
        if_set("timed_out", &F::timed_out),
        if_set("no_route", &F::no_route, "Nothing was sent, for want of a route"),
        if_set("icmp", &F::icmp),
        spread("info", &F::info),
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
        recorded("dns_names", &F::dns_names),
        recorded("addresses", &F::addresses),
        always("names", names),
        always("not_before", &F::not_before),
        always("not_after", &F::not_after),
        if_set("self_issued", &F::self_issued),
    };
}

constexpr auto fields(const VerifyFault* /*of*/) {
    using F = VerifyFault;
    return std::tuple{always("code", &F::code, "X509_V_ERR_*, see X509_STORE_CTX_get_error(3)"),
                      always("depth", &F::depth).in(Unit::count), always("text", &F::text)};
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
        recorded("first_bytes_are_tls", &F::first_bytes_are_tls),
        if_set("first_bytes", &F::first_bytes).in(Unit::bytes).when(is_not_tls),
        group(
            "tls",  //
            always("progress", &F::progress), if_set("server_name", &F::server_name),
            if_set("version", &F::version), if_set("cipher", &F::cipher), if_set("group", &F::group),
            if_set("alpn", &F::alpn), always("verified", &F::verified, "The certificate was to be verified"),
            if_set("client_certificate_requested", &F::client_certificate_requested),
            if_set("client_certificate_sent", &F::client_certificate_sent),
            if_set("refused_by_us", &F::refused_by_us), if_set("oversized", &F::oversized),
            if_set("ended_before_hello", &F::ended_before_hello), if_set("library_error", &F::library_error),
            always("handshake_took", &F::handshake_took).as("handshake").when(is_complete),
            always("watched", &F::watched).when(is_complete),
            always("message_after_handshake", &F::message_after_handshake).when(is_complete),
            if_set("alerts", &F::alerts), if_set("verify_faults", &F::verify_faults),
            if_set("chain", &F::chain)),
    };
}

// ---- app ----

constexpr auto fields(const AppFacts* /*of*/) {
    using F = AppFacts;
    return std::tuple{
        always("protocol", &F::protocol, "What was spoken: http, redis, ..."),
        if_set("over_tls", &F::over_tls),
        if_set("reply", &F::reply, "Absent when nothing decisive came"),
        if_set("status", &F::status, "The protocol's own code: HTTP status, MQTT return code, ..."),
        if_set("said", &F::said, "What the server said, at most 200 bytes of it").in(Unit::bytes),
        if_set("server", &F::server, "Name and version as the server gives them").in(Unit::bytes),
        if_set("end", &F::end),
        if_set("error", &F::error).as("errno").in(Unit::error),
        if_set("timed_out", &F::timed_out),
        always("bytes_sent", &F::bytes_sent, "Of the application, TLS not counted"),
        always("bytes_received", &F::bytes_received),
        if_set("first_bytes", &F::first_bytes).in(Unit::bytes),
        if_set("first_byte_after", &F::first_byte_after, "Since the stage began").as("first_byte"),
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
    return std::tuple{spread("error", &F::error), if_set("mtu", &F::mtu),
                      always("after", &F::after, "Since the first packet"),
                      always("established", &F::established, "A SYN-ACK had come before")};
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
        if_set("syn_ack_foreign", &F::syn_ack_foreign, "That acknowledge something else"),
        always("handshake_ack", &F::handshake_ack, "Our answers to the SYN-ACK: the kernel took it"),
        if_set("syn_ack_after", &F::syn_ack_after, "Since the first SYN"),
        if_set("handshake_rtt", &F::handshake_rtt, "Absent when the SYN was sent again"),
        if_set("syn_ack_hop_limit", &F::syn_ack_hop_limit).as("syn_ack_ttl").in(Unit::hop_limit),
        if_set("mss_sent", &F::mss_sent),
        if_set("mss_received", &F::mss_received),
        if_set("window_scale", &F::window_scale),
        if_set("sack_permitted", &F::sack_permitted),
        if_set("has_timestamp", &F::has_timestamp).as("timestamps"),
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
               "TCP sockets of this VM that listen on the port; absent when they could not be asked for")};
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
        if_set("reset_after_proxy_header", &F::reset_after_proxy_header, "That this VM ended without a byte")
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
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class T>
inline constexpr bool is_duration = false;
template <class R, class P>
inline constexpr bool is_duration<std::chrono::duration<R, P>> = true;

}  // namespace whylink::probes
