// What a probe saw: facts and times, nothing judged. Knows no socket library, so that the judgement can read
// it without one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "config/address.hpp"
#include "config/vocabulary.hpp"

namespace whylink::probes {

using Nanoseconds = std::chrono::nanoseconds;
using WallClock = std::chrono::system_clock;

enum class Stage { dns, tcp, tls, app, listener, packets };
consteval auto vocabulary(Stage) {
    using enum Stage;
    return terms<Stage>({{dns, "dns"},
                         {tcp, "tcp"},
                         {tls, "tls"},
                         {app, "app"},
                         {listener, "listener"},
                         {packets, "packets"}});
}

/// The probe could not be made: a fault of this host, which says nothing about the peer.
struct LocalError {
    /// What failed, as the system call or file: "socket", "bind 10.0.0.7", "ca_file /x".
    std::string operation;
    int error = 0;     ///< errno, 0 when there is none
    std::string text;  ///< for people
};

/// An ICMP or ICMPv6 error that the kernel matched to our socket (ip(7) IP_RECVERR, ipv6(7) IPV6_RECVERR).
struct IcmpError {
    bool v6 = false;
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::optional<IpAddress> sender;  ///< the router or host that says so
    /// Made by this host's own kernel (a neighbour that does not answer, a local rule): the sender is our own
    /// address, or the origin is SO_EE_ORIGIN_LOCAL.
    bool local = false;
};

/// How the peer ended a stream.
enum class StreamEnd { none, fin, rst };
consteval auto vocabulary(StreamEnd) {
    using enum StreamEnd;
    return terms<StreamEnd>({{none, "none"}, {fin, "fin"}, {rst, "rst"}});
}

// ---- dns ----

enum class RecordType { a, aaaa };
consteval auto vocabulary(RecordType) {
    using enum RecordType;
    return terms<RecordType>({{a, "A"}, {aaaa, "AAAA"}});
}

/// Which name of the target was asked for.
enum class NameRole {
    host,               ///< the endpoint's host
    public_host,        ///< the endpoint's public_host
    known_label,        ///< zone: a label that is in use
    random_label,       ///< zone: a fresh random label
    random_two_labels,  ///< zone: a fresh random name of two labels
    control,            ///< a random name outside the zone, which must not exist
};
consteval auto vocabulary(NameRole) {
    using enum NameRole;
    return terms<NameRole>({{host, "host"},
                            {public_host, "public_host", "public name"},
                            {known_label, "known_label"},
                            {random_label, "random_label", "random"},
                            {random_two_labels, "random_two_labels", "random"},
                            {control, "control", "control, outside the zone"}});
}

struct DnsAnswer {
    IpAddress address;
    std::uint32_t ttl = 0;  ///< seconds
};

/// One question (name, type) to one resolver.
struct DnsQuery {
    RecordType type = RecordType::a;
    /// Of the first well-formed reply to our question; absent when none came, or only a truncated one.
    std::optional<int> rcode;
    std::vector<DnsAnswer> answers;   ///< of the asked type, at the end of the CNAME chain
    std::vector<std::string> cnames;  ///< the chain's targets, in order, canonical names
    bool truncated = false;           ///< a UDP reply had TC set
    bool over_tcp = false;            ///< the decisive reply came over TCP
    bool without_edns = false;        ///< asked again without EDNS after FORMERR
    unsigned sent = 0;                ///< datagrams sent, retransmissions included
    unsigned bad_replies = 0;         ///< replies that were malformed or not to our question
    std::string bad_reply;            ///< what was wrong with the last of them
    bool timed_out = false;
    int error = 0;  ///< errno of the socket
    std::optional<IcmpError> icmp;
    Nanoseconds took{};
};

/// Where the addresses came from.
enum class NameSource { resolver, hosts_file };
consteval auto vocabulary(NameSource) {
    using enum NameSource;
    return terms<NameSource>({{resolver, "resolver"}, {hosts_file, "hosts_file"}});
}

struct DnsFacts {
    static constexpr Stage stage = Stage::dns;
    std::string name;  ///< canonical
    NameRole role = NameRole::host;
    NameSource source = NameSource::resolver;
    IpAddress resolver;  ///< when asked of a resolver
    std::uint16_t resolver_port = 53;
    bool from_system = false;       ///< the resolver is one of /etc/resolv.conf
    bool no_nameserver = false;     ///< that file names none; this is where the C library asks then
    std::vector<DnsQuery> queries;  ///< one for each type asked
    /// Addresses that the hosts file gives for this name: what applications on this host get instead of an
    /// answer. Set on every probe of the name, so that the judgement of each can say so.
    std::vector<IpAddress> hosts_file;
};

// ---- tcp ----

/// From getsockopt(TCP_INFO), see tcp(7).
struct TcpInfo {
    unsigned retransmits = 0;  ///< segments sent again, the SYN included
    std::chrono::microseconds rtt{};
    unsigned send_mss = 0;     ///< bytes
    unsigned receive_mss = 0;  ///< bytes
};

/// The PROXY header that was sent as the connection's first bytes.
enum class ProxyHeaderSent {
    none,
    v1,
    v2,
    v2_local,  ///< command LOCAL: names no addresses, so that nothing is forged
};
consteval auto vocabulary(ProxyHeaderSent) {
    using enum ProxyHeaderSent;
    return terms<ProxyHeaderSent>({{none, "none"}, {v1, "v1"}, {v2, "v2"}, {v2_local, "v2_local"}});
}

struct TcpFacts {
    static constexpr Stage stage = Stage::tcp;
    int error = 0;  ///< errno of connect; 0 when connected
    bool connected = false;
    bool timed_out = false;  ///< neither connected nor refused in time
    bool let_out = false;    ///< timed out, and the SYN surely passed this host's rules: see let_out.hpp
    std::optional<IcmpError> icmp;  ///< the last error that reached the connecting socket
    std::optional<TcpInfo> info;
    bool no_route = false;  ///< connect failed at once for want of a route; nothing was sent
    /// The result was there as soon as connect was called: the peer is very near, or it is this host itself
    /// that answered.
    bool at_once = false;
    bool has_tls = false;  ///< a TLS stage follows on this connection, so `settle` was not watched
    bool has_app = false;  ///< likewise, the application's, without TLS in front of it
    ProxyHeaderSent proxy_header = ProxyHeaderSent::none;
    unsigned max_segment = 0;  ///< bytes that the maximum segment size was held to; 0: it was not
    /// A plain connection is watched for `watched` after it is up, or until the server's first byte.
    Nanoseconds watched{};
    StreamEnd end = StreamEnd::none;
    int end_error = 0;  ///< errno of that read, 0 for FIN
    std::uint64_t bytes_received = 0;
    std::string first_bytes;  ///< of the server, at most 64
    std::optional<IpAddress> local_address;
    std::uint16_t local_port = 0;
};

// ---- tls ----

struct TlsAlert {
    std::uint8_t level = 0;        ///< 1 warning, 2 fatal
    std::uint8_t description = 0;  ///< RFC 8446 section 6
    bool sent_by_us = false;
};

/// How far the handshake got, in order.
enum class TlsProgress { not_started, client_hello_sent, server_hello, certificate, complete };
consteval auto vocabulary(TlsProgress) {
    using enum TlsProgress;
    return terms<TlsProgress>({{not_started, "not_started", "before the ClientHello"},
                               {client_hello_sent, "client_hello_sent", "after the ClientHello"},
                               {server_hello, "server_hello", "after the ServerHello"},
                               {certificate, "certificate", "after the server's certificate"},
                               {complete, "complete", "after the handshake"}});
}

struct Certificate {
    std::string subject;  ///< RFC 2253 text
    std::string issuer;
    std::vector<std::string> dns_names;  ///< subjectAltName
    std::vector<IpAddress> addresses;    ///< subjectAltName
    WallClock::time_point not_before{};
    WallClock::time_point not_after{};
    bool self_issued = false;
};

/// One fault that the chain's verification found; verification went on after it.
struct VerifyFault {
    int code = 0;   ///< X509_V_ERR_*, see X509_STORE_CTX_get_error(3)
    int depth = 0;  ///< 0: the server's own certificate
    std::string text;
};

struct TlsFacts {
    static constexpr Stage stage = Stage::tls;
    std::string server_name;  ///< sent as SNI; empty: none
    TlsProgress progress = TlsProgress::not_started;
    bool ended_before_hello = false;  ///< FIN or RST was there before anything was sent
    bool timed_out = false;
    StreamEnd end = StreamEnd::none;
    int error = 0;  ///< errno of the read or write that failed
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::string first_bytes;          ///< of the server, at most 64
    bool first_bytes_are_tls = true;  ///< meaningful once bytes_received > 0
    std::string version;              ///< "TLSv1.3"
    std::string cipher;
    std::string group;  ///< of the key exchange
    std::string alpn;   ///< as chosen by the server
    bool client_certificate_requested = false;
    bool client_certificate_sent = false;
    std::vector<TlsAlert> alerts;  ///< fatal ones and close_notify, in order
    std::string library_error;     ///< OpenSSL's reason, for people
    bool refused_by_us = false;    ///< our own side refused what the server chose (version, cipher)
    bool oversized = false;        ///< our own side gave up: more bytes, or a larger message, than it takes
    bool verified = false;         ///< the settings asked for verification
    std::vector<VerifyFault> verify_faults;  ///< also found without `verify`; a name mismatch is among them
    std::vector<Certificate> chain;          ///< as the server sent it, its own first
    Nanoseconds handshake_took{};            ///< until complete
    /// After the handshake the connection was read on for this long, or until the server's first message.
    Nanoseconds watched{};
    bool message_after_handshake = false;  ///< a session ticket or data came
};

// ---- app ----

/// What came of an application's first exchange.
enum class AppReply {
    none,               ///< nothing decisive came: see how the stream ended
    served,             ///< the answer of a service that works
    wants_credentials,  ///< reached: it asks who we are
    forbidden,          ///< it refuses this network, host or endpoint, whoever we are
    cannot_serve,       ///< the right application, which says that it cannot serve now
    unexpected,         ///< the right protocol, and not what was expected (a status, an `expect` line)
    other_protocol,     ///< not the protocol: `first_bytes` show what it is
    wants_tls,          ///< it says that it speaks TLS only
    without_tls,        ///< the protocol's own upgrade to TLS was asked for and is not offered
};
consteval auto vocabulary(AppReply) {
    using enum AppReply;
    return terms<AppReply>({{none, "none"},
                            {served, "served"},
                            {wants_credentials, "wants_credentials"},
                            {forbidden, "forbidden"},
                            {cannot_serve, "cannot_serve"},
                            {unexpected, "unexpected"},
                            {other_protocol, "other_protocol"},
                            {wants_tls, "wants_tls"},
                            {without_tls, "without_tls"}});
}

struct AppFacts {
    static constexpr Stage stage = Stage::app;
    std::string protocol;  ///< what was spoken: "http", "clickhouse", "redis", "mqtt", ...
    bool over_tls = false;
    AppReply reply = AppReply::none;
    std::string said;           ///< what the server said, for people, at most 200 bytes, not escaped
    std::optional<int> status;  ///< the protocol's own code: HTTP status, MQTT return code, MySQL error
    std::string server;         ///< name and version as the server gives it; may be empty
    bool timed_out = false;
    StreamEnd end = StreamEnd::none;
    int error = 0;                 ///< errno of the read or write that failed
    std::uint64_t bytes_sent = 0;  ///< of the application, TLS not counted
    std::uint64_t bytes_received = 0;
    std::string first_bytes;                      ///< of the server's application, at most 256
    std::vector<TlsAlert> alerts;                 ///< fatal ones that ended the TLS beneath, and close_notify
    std::string library_error;                    ///< OpenSSL's reason, for people
    std::optional<Nanoseconds> first_byte_after;  ///< since the stage began
};

// ---- a connection held idle ----

struct HoldFacts {
    Nanoseconds wanted{};             ///< how long it was to be idle
    Nanoseconds idle{};               ///< how long it was, until its end or its use
    StreamEnd end = StreamEnd::none;  ///< FIN or RST that came, while idle or at the use
    int error = 0;
    bool ended_while_idle = false;
    bool used = false;      ///< a keep-alive segment (RFC 9293 section 3.8.4) was sent at the end
    bool answered = false;  ///< and acknowledged: the connection is still there
    Nanoseconds answered_after{};
};

// ---- packets: of one connection, as captured ----

/// Whether a packet towards an address could leave at all: see next_hop.hpp.
enum class NextHop { unknown, known, unresolved };
consteval auto vocabulary(NextHop) {
    using enum NextHop;
    return terms<NextHop>({{unknown, "unknown"}, {known, "known"}, {unresolved, "unresolved"}});
}

/// A RST of the peer, or of whoever speaks for it.
struct ResetSeen {
    std::uint8_t hop_limit = 0;  ///< TTL as it arrived
    /// How far into the peer's stream: bytes of payload between its SYN and the RST's sequence number.
    std::int64_t position = 0;
    /// The sequence number is the very next after all that the peer had sent by then, as a TCP that closes
    /// sends it (RFC 9293 section 3.10.7); a device on the path may guess.
    bool in_sequence = true;
    /// Bytes of our payload that it acknowledges; absent without the ACK flag.
    std::optional<std::int64_t> acknowledged;
    Nanoseconds after{};  ///< since the first packet of the connection
    /// Since the packet of ours that it can be an answer to: the last one sent before it whose end it
    /// acknowledges; absent when it acknowledges no payload of ours.
    std::optional<Nanoseconds> after_acknowledged;
};

struct IcmpSeen {
    IcmpError error;           ///< `local` when its source is this host's end of the connection
    std::uint32_t mtu = 0;     ///< bytes, of "fragmentation needed" and "packet too big"
    Nanoseconds after{};       ///< since the first packet of the connection
    bool established = false;  ///< a SYN-ACK had come before
};

/// A segment of ours that was sent again and never acknowledged.
struct LostSegment {
    std::uint32_t size = 0;      ///< bytes of payload, at most the MSS
    unsigned times_sent = 0;     ///< 2 at least
    std::uint64_t position = 0;  ///< in our stream
};

/// The packets of one connection of this host to an address of the endpoint. What is not there is 0 or absent.
struct PacketFacts {
    IpAddress local;
    std::uint16_t local_port = 0;
    /// The kernel dropped none of the captured packets while the connection was followed, so that what was
    /// not seen was not there.
    bool complete = true;
    bool everywhere = false;              ///< every interface of this host was captured
    NextHop next_hop = NextHop::unknown;  ///< asked for when no answer came
    unsigned packets_sent = 0;
    unsigned packets_received = 0;
    // The handshake.
    unsigned syn = 0;                          ///< sent, again ones included
    unsigned syn_ack = 0;                      ///< received, again ones included, that answer our SYN
    unsigned syn_ack_foreign = 0;              ///< received, that acknowledge something else
    unsigned handshake_ack = 0;                ///< our ACKs of the SYN-ACK: the kernel took it
    std::optional<Nanoseconds> syn_ack_after;  ///< since the first SYN
    std::optional<Nanoseconds> handshake_rtt;  ///< from SYN to SYN-ACK; absent when the SYN was sent again
    std::optional<std::uint8_t> syn_ack_hop_limit;
    std::uint16_t mss_sent = 0;                ///< in our SYN
    std::uint16_t mss_received = 0;            ///< in the SYN-ACK
    std::optional<std::uint8_t> window_scale;  ///< in the SYN-ACK
    bool sack_permitted = false;               ///< in the SYN-ACK
    bool has_timestamp = false;                ///< in the SYN-ACK
    // The streams, bytes of payload, each once.
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;             ///< without gaps, from the beginning
    std::uint64_t bytes_acknowledged = 0;         ///< of ours, by the peer
    std::optional<Nanoseconds> first_byte_after;  ///< the peer's first payload, since the SYN-ACK
    unsigned segments_sent = 0;                   ///< with payload
    unsigned segments_received = 0;
    unsigned retransmits_sent = 0;           ///< segments with payload that were sent before
    unsigned retransmits_received = 0;       ///< nothing in them is new
    unsigned out_of_order = 0;               ///< received ahead of a gap
    std::uint32_t largest_acknowledged = 0;  ///< payload of the largest segment of ours that was acknowledged
    std::uint32_t largest_received = 0;      ///< payload, at most the MSS that we announced
    std::optional<LostSegment> lost;         ///< the first of ours that never arrived
    /// Bytes of the peer that are missing in front of later ones that did arrive, at the end; and the largest
    /// of those later segments.
    std::uint64_t missing_received = 0;
    std::uint32_t largest_after_missing = 0;
    // Ends.
    unsigned fin_sent = 0;
    unsigned fin_received = 0;
    unsigned rst_sent = 0;
    unsigned rst_received = 0;
    std::optional<Nanoseconds> fin_received_after;  ///< since the first packet
    std::vector<ResetSeen> resets;                  ///< received; the first four
    /// Of the peer's packets other than RSTs: each value once, eight at most.
    std::vector<std::uint8_t> hop_limits;
    /// Packets of the connection that the peer went on to send after a RST in its name: payload, or an answer
    /// to what we sent; a TCP that has sent RST sends nothing but RSTs.
    unsigned received_after_reset = 0;
    std::vector<IcmpSeen> icmp;  ///< the first four
};

// ---- watches: real traffic ----

struct ListeningSocket {
    IpAddress address;  ///< 0.0.0.0 or :: for all
    std::uint16_t port = 0;
    bool v6_only = false;
    unsigned waiting = 0;  ///< connections that wait to be accepted
    unsigned backlog = 0;  ///< how many may; the kernel drops SYNs when `waiting` exceeds it (listen(2))
};

struct ListenerFacts {
    static constexpr Stage stage = Stage::listener;
    static constexpr bool of_watch = true;
    std::vector<ListeningSocket> sockets;  ///< of the port, TCP, in the state LISTEN
};

struct ProxyHeader {
    unsigned version = 0;             ///< 1 or 2
    bool local = false;               ///< v2 command LOCAL: a health check of the proxy itself
    std::optional<IpAddress> source;  ///< absent: UNKNOWN, UNSPEC, or cut off
    std::uint16_t source_port = 0;
    std::optional<IpAddress> destination;
    std::uint16_t destination_port = 0;
    std::string aws_endpoint_id;  ///< vpce-...; empty: not there
    std::optional<std::uint32_t> azure_link_id;
    std::optional<std::uint64_t> gcp_connection_id;
    bool truncated = false;  ///< the snapshot ends within it
    bool operator==(const ProxyHeader&) const = default;
};

/// Connections by the other side.
struct PeerTraffic {
    IpAddress peer;
    std::uint16_t port = 0;  ///< the peer's, of outbound traffic; 0 inbound, where it changes
    unsigned attempts = 0;
    unsigned established = 0;
    unsigned failed = 0;  ///< refused, unanswered, or ended by ICMP
};

/// What happened within a window. A connection counts in the window in which it was decided.
struct TrafficFacts {
    static constexpr Stage stage = Stage::packets;
    static constexpr bool of_watch = true;
    bool inbound = true;
    std::uint16_t port = 0;  ///< 0: any
    Nanoseconds window{};    ///< how long was looked
    bool complete = true;    ///< the kernel dropped none of the captured packets
    bool everywhere = true;  ///< every interface of this host was captured
    std::uint64_t packets = 0;
    /// Since the last packet of the watch, or since it began; at the end of the window.
    Nanoseconds silent_for{};
    bool ever = false;  ///< there was a packet at all since the watch began
    // Attempts: a SYN from a new pair of ports, each once.
    unsigned attempts = 0;
    unsigned established = 0;  ///< SYN, SYN-ACK and what acknowledges it seen
    unsigned refused = 0;      ///< RST to the SYN
    unsigned unanswered = 0;   ///< nothing came back
    unsigned half_open = 0;    ///< a SYN-ACK, and no ACK of it
    unsigned icmp_failed = 0;  ///< an ICMP error to the SYN; the last of them in `icmp`
    unsigned syn_retransmits = 0;
    /// Established, and ended before the server's first byte: by RST, by FIN.
    unsigned reset_before_data = 0;
    unsigned closed_before_data = 0;
    unsigned resets_received = 0;     ///< RSTs of the other side, all kinds
    unsigned resets_sent = 0;         ///< RSTs of this host
    std::uint64_t segments_sent = 0;  ///< with payload
    std::uint64_t segments_received = 0;
    std::uint64_t retransmits_sent = 0;
    std::uint64_t retransmits_received = 0;
    /// Handshakes whose SYN was sent once; outbound SYN to SYN-ACK, inbound SYN-ACK to ACK.
    unsigned handshakes_measured = 0;
    Nanoseconds handshake_rtt_sum{};
    Nanoseconds handshake_rtt_max{};
    std::optional<IcmpError> icmp;
    std::vector<PeerTraffic> peers;  ///< those that failed first, then by attempts; sixteen at most
    std::size_t further_peers = 0;   ///< beyond these
    std::size_t forgotten = 0;       ///< connections beyond the bound of what is followed
    // First payloads of inbound connections.
    unsigned with_proxy_header = 0;
    unsigned without_proxy_header = 0;
    std::optional<ProxyHeader> proxy_header;  ///< the last one
    unsigned reset_after_proxy_header = 0;    ///< this host reset or closed such a connection without a byte
};

// ----

/// Of one probe, each with the stage that it is made in. PacketFacts and HoldFacts are of no probe by themselves: see
/// round.hpp.
using Facts = std::variant<DnsFacts, TcpFacts, TlsFacts, AppFacts, ListenerFacts, TrafficFacts>;

/// visit(std::type_identity<F>) for each kind of facts, in that order.
template <class Visit>
void for_each_facts(const Visit& visit) {
    [&]<class... F>(std::type_identity<std::variant<F...>> /*kinds*/) {
        (visit(std::type_identity<F>{}), ...);
    }(std::type_identity<Facts>{});
}

/// Facts about this host's real traffic, which needs no connection of ours.
template <class F>
concept OfWatch = requires {
    F::of_watch;
};

struct Observation {
    Stage stage = Stage::dns;
    WallClock::time_point started{};
    Nanoseconds took{};
    std::optional<IpAddress> address;  ///< of the endpoint; absent for dns
    std::uint16_t port = 0;            ///< of the endpoint; 0 for dns
    std::optional<LocalError> local;   ///< set: nothing else here says anything about the peer
    Facts facts;
};

}  // namespace whylink::probes
