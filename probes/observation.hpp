// What a probe saw: facts and times, nothing judged. Knows no socket library, so that the judgement can read
// it without one.
//
// Texts of others (names, subjects, what a server says) are as config/outside_text.hpp makes them, and lists are
// bounded: `…_left_out` counts what there was beyond. Bytes (`first_bytes`) are as they came.
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
#include "probes/rare.hpp"

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

enum class RecordType { a, aaaa, srv };
consteval auto vocabulary(RecordType) {
    using enum RecordType;
    return terms<RecordType>({{a, "A"}, {aaaa, "AAAA"}, {srv, "SRV"}});
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
    bool own = false;       ///< of the host's name: an address of this host that nothing says is meant
};

/// A target of an SRV record (RFC 2782).
struct SrvTarget {
    std::uint16_t priority = 0;
    std::uint16_t weight = 0;
    std::uint16_t port = 0;
    std::string name;       ///< canonical; empty: "." (the service is decidedly not available)
    std::uint32_t ttl = 0;  ///< seconds
};

/// The SOA record beside a negative answer: which zone says so (RFC 2308 section 2).
struct NegativeAuthority {
    std::string zone;       ///< its owner, canonical; empty: the root
    std::string server;     ///< MNAME, canonical: clouds name their private DNS service in it
    std::uint32_t ttl = 0;  ///< seconds; of a cached answer what is left
    std::uint32_t minimum =
        0;  ///< seconds; the negative TTL is the smaller of the two at the zone's own server
};

/// An extended DNS error (RFC 8914).
struct ExtendedError {
    std::uint16_t code = 0;
    std::string text;  ///< EXTRA-TEXT, cut at 200 bytes; may be empty
};

/// How many records the sections of a reply have, OPT not counted. Of no record: only who asks on demand wants it.
struct RecordCounts {
    unsigned answer = 0;
    unsigned authority = 0;
    unsigned additional = 0;
};

/// One question (name, type) to one resolver.
struct DnsQuery {
    RecordType type = RecordType::a;
    /// Of the first well-formed reply to our question; absent when none came, or only a truncated one.
    std::optional<int> rcode;
    std::vector<DnsAnswer> answers;  ///< of the asked type, at the end of the CNAME chain, at most 1024
    unsigned answers_left_out = 0;   ///< further ones
    /// The chain's targets, in order, canonical names; of a long one the first 31 and the last.
    std::vector<std::string> cnames;
    unsigned cnames_left_out = 0;                ///< in front of the last
    std::vector<SrvTarget> targets;              ///< of an SRV query, at most 32
    unsigned targets_left_out = 0;               ///< further ones
    RecordCounts records;                        ///< of the deciding reply
    std::optional<NegativeAuthority> authority;  ///< of a reply without data of the asked type
    std::vector<ExtendedError> extended_errors;  ///< at most 8, whatever the rcode
    bool authoritative = false;                  ///< AA is set: the zone's own server, and no cache
    bool truncated = false;                      ///< a UDP reply had TC set
    bool over_tcp = false;                       ///< the decisive reply came over TCP
    bool without_edns = false;                   ///< asked again without EDNS after FORMERR
    /// Queries with EDNS got no reply, and the one without, sent after that silence, did.
    bool edns_unanswered = false;
    bool asked_over_tcp = false;     ///< TCP from the start: `options use-vc`, or a follow-up test
    bool checking_disabled = false;  ///< the CD bit was set (RFC 4035 section 3.2.2)
    /// The reply has no data and names the servers of a zone below: its sender does not recurse (RFC 2308 section 2.2).
    bool referral = false;
    bool without_recursion = false;  ///< RA is not set in the reply
    /// A datagram came from this address in the resolver's place; the C library drops such replies.
    std::optional<IpAddress> reply_from;
    unsigned sent = 0;         ///< datagrams sent, retransmissions included
    unsigned bad_replies = 0;  ///< replies that were malformed or not to our question
    std::string bad_reply;     ///< what was wrong with the last of them
    bool timed_out = false;
    int error = 0;  ///< errno of the socket
    Rare<IcmpError> icmp;
    Nanoseconds took{};
};

/// Where the addresses came from.
enum class NameSource { resolver, hosts_file };
consteval auto vocabulary(NameSource) {
    using enum NameSource;
    return terms<NameSource>({{resolver, "resolver"}, {hosts_file, "hosts_file"}});
}

/// The lines of resolv.conf(5) and nsswitch.conf(5) that decide how programs on this host ask.
struct LookupOptions {
    bool use_vc = false;          ///< TCP only
    bool edns0 = false;           ///< the C library sends EDNS
    bool single_request = false;  ///< A and AAAA one after the other
    unsigned timeout = 5;         ///< seconds for each try
    unsigned attempts = 2;
    unsigned ndots = 1;  ///< a name with fewer dots is first asked with each of `search` behind it
    std::vector<std::string> search;  ///< canonical, at most 32
    unsigned search_left_out = 0;     ///< further ones
    /// nsswitch.conf ends the lookup of this name before `dns`: the service that does, "mdns4_minimal", or "files"
    /// where no `dns` and no `resolve` is named; empty: programs do get to DNS.
    std::string ends_at;
};

struct DnsFacts {
    static constexpr Stage stage = Stage::dns;
    std::string name;  ///< canonical
    NameRole role = NameRole::host;
    NameSource source = NameSource::resolver;
    IpAddress resolver;  ///< when asked of a resolver
    std::uint16_t resolver_port = 53;
    bool from_system = false;       ///< the resolver is one of /etc/resolv.conf
    bool no_nameserver = false;     ///< that file names none; this is where the C library asks then
    Rare<LookupOptions> options;    ///< of a resolver of resolv.conf
    bool one_socket = false;        ///< the queries left from one socket, as the C library sends them
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

/// Whether a packet towards an address could leave at all: see next_hop.hpp.
enum class NextHop { unknown, known, unresolved };
consteval auto vocabulary(NextHop) {
    using enum NextHop;
    return terms<NextHop>({{unknown, "unknown"}, {known, "known"}, {unresolved, "unresolved"}});
}

/// Who took a connection of ours, asked of this host's own kernel while it lived (sock_diag(7), unprivileged): see
/// probes/host/acceptor.hpp.
struct AcceptorFacts {
    unsigned asked = 0;  ///< connections that the kernel was asked about
    int error = 0;       ///< errno of sock_diag; nothing else here is known then
    /// Connection tracking of this host knows the connection (SO_ORIGINAL_DST) and the kernel has NAT, so that a rule
    /// may have sent it to another address. False: no rule of netfilter did.
    bool translatable = false;
    /// The accepted socket of this host whose peer is our own address and port. Absent: there was none.
    std::optional<IpAddress> address;
    std::uint16_t port = 0;
    std::uint32_t uid = 0;  ///< of the process that accepted it
    /// Where our socket really goes, when that is not what connect() was given (a cgroup BPF program changed it).
    std::optional<IpAddress> connected_to;
    std::uint16_t connected_port = 0;
};

/// How this host sends to an address: its route, link and neighbour (rtnetlink(7), unprivileged): see
/// probes/host/route.hpp.
struct RouteFacts {
    bool local = false;                ///< to this host itself
    std::optional<Cidr> matched;       ///< prefix of the route that was used
    std::uint32_t table = 0;           ///< RT_TABLE_MAIN is 254
    std::optional<IpAddress> gateway;  ///< absent: on-link
    std::optional<IpAddress> source;   ///< address that the kernel picks
    std::string interface;             ///< "eth0"
    std::string link_kind;  ///< IFLA_INFO_KIND: "bridge", "wireguard", "tun", ...; empty: a device of its own
    bool link_up = true;    ///< has a carrier (IFF_LOWER_UP)
    /// A bridge all of whose ports end on this host (veth, tap), or that has none: containers and virtual machines.
    bool internal_bridge = false;
    NextHop next_hop = NextHop::unknown;
    std::string neighbour;  ///< link-layer address of the next hop, "02:42:ac:11:00:02"; empty: none known
    std::string source_interface;  ///< interface that has the connection's source address; empty: none
    /// Interface of the route back to the address, where answers come in by another one; empty: by the same.
    std::string back_interface;
    /// Interface where answers come in, where its reverse-path filter drops what comes in by another than the route back
    /// (rp_filter 1, RFC 3704 section 2.2); empty: it does not.
    std::string strict_interface;
};

/// This host's connection tracking at the time of a failure.
struct TrackingFacts {
    std::uint64_t count = 0;  ///< entries (net.netfilter.nf_conntrack_count)
    std::uint64_t max = 0;    ///< nf_conntrack_max
    std::uint64_t dropped =
        0;  ///< packets dropped for want of an entry since boot (/proc/net/stat/nf_conntrack "drop")
};

/// What this host's kernel knows of the bytes that were sent on a connection whose peer stays silent:
/// getsockopt(TCP_INFO), tcp(7), which needs no privilege.
struct Delivery {
    std::uint64_t acknowledged = 0;  ///< bytes of payload that the peer's kernel has taken
    unsigned unacknowledged = 0;     ///< segments of ours that are under way or lost; 0: all has arrived
    unsigned retransmits = 0;        ///< segments sent again since the connection began, the SYN not counted
    std::optional<std::uint32_t> window;  ///< what the peer's window has room for; absent: an older record
};

struct TcpFacts {
    static constexpr Stage stage = Stage::tcp;
    int error = 0;  ///< errno of connect; 0 when connected
    bool connected = false;
    bool timed_out = false;  ///< neither connected nor refused in time
    /// The SYN surely passed this host's rules, for its connection tracking knows the connection: see let_out.hpp. Asked
    /// at the time-out, and of one that came up and goes on, or was answered or ended.
    bool let_out = false;
    /// Of a connection that came up and failed then: as AcceptorFacts::translatable.
    bool translatable = false;
    Rare<IcmpError> icmp;  ///< the last error that reached the connecting socket
    std::optional<TcpInfo> info;
    /// net.ipv4.tcp_ecn of this host, read where the connection came up and the SYN had been sent again: 1 asks for ECN
    /// with each SYN (RFC 3168 section 6.1.1), 2 (the default) only answers it.
    std::optional<int> tcp_ecn;
    Rare<AcceptorFacts> acceptor;  ///< asked for by a follow-up test
    Rare<RouteFacts> route;        ///< of a connection that failed at whatever stage
    Rare<TrackingFacts> tracking;  ///< of one that timed out at TCP
    bool no_route = false;         ///< connect failed at once for want of a route; nothing was sent
    /// The result was there as soon as connect was called: the peer is very near, or it is this host itself
    /// that answered.
    bool at_once = false;
    bool has_tls = false;  ///< a TLS stage follows on this connection, so `settle` was not watched
    bool has_app = false;  ///< likewise, the application's, without TLS in front of it
    ProxyHeaderSent proxy_header = ProxyHeaderSent::none;
    unsigned max_segment = 0;  ///< bytes that the maximum segment size was held to; 0: it was not
    /// A plain connection is watched for `watched` after it is up, or until the server's first byte.
    Nanoseconds watched{};
    /// The server greeted as one that counts connections which end without a login; this one was ended in its own
    /// protocol, so that it counts nothing.
    bool ended_in_protocol = false;
    StreamEnd end = StreamEnd::none;
    int end_error = 0;  ///< errno of that read, 0 for FIN
    std::uint64_t bytes_received = 0;
    std::string first_bytes;  ///< of the server, at most 64
    std::optional<IpAddress> local_address;
    std::uint16_t local_port = 0;
};

/// Why a secret of ours (the client certificate, a script) was kept from a peer that would have got it.
enum class Withheld : std::uint8_t {
    no,
    wrong_address,  ///< DNS should not have given the address
    not_verified,   ///< what the server's certificate shows did not verify, and was to
    other_peer,     ///< a follow-up test of another name, address or port
};
consteval auto vocabulary(Withheld) {
    using enum Withheld;
    return terms<Withheld>({{no, "no"},
                            {wrong_address, "wrong_address", "DNS should not have given this address"},
                            {not_verified, "not_verified", "the server's certificate did not verify"},
                            {other_peer, "other_peer", "this test connects to another peer"}});
}

// ---- tls ----

struct TlsAlert {
    std::uint8_t level = 0;        ///< 1 warning, 2 fatal
    std::uint8_t description = 0;  ///< RFC 8446 section 6
    bool sent_by_us = false;
};

/// How long the ClientHello was made.
enum class HelloSize {
    ordinary,
    small,  ///< one packet of any path
    large,  ///< as long as that of a post-quantum client: more than one packet
};
consteval auto vocabulary(HelloSize) {
    using enum HelloSize;
    return terms<HelloSize>({{ordinary, "ordinary"}, {small, "small"}, {large, "large"}});
}

/// How far the handshake got, in order.
enum class TlsProgress { not_started, client_hello_sent, server_hello, certificate, complete };
consteval auto vocabulary(TlsProgress) {
    using enum TlsProgress;
    return terms<TlsProgress>({{not_started, "not_started", "before ClientHello"},
                               {client_hello_sent, "client_hello_sent", "after ClientHello"},
                               {server_hello, "server_hello", "after ServerHello"},
                               {certificate, "certificate", "after the server certificate"},
                               {complete, "complete", "after the handshake"}});
}

struct Certificate {
    std::string subject;  ///< RFC 2253 text
    std::string issuer;
    std::string serial;                  ///< hexadecimal, lower case
    std::vector<std::string> dns_names;  ///< subjectAltName
    std::vector<IpAddress> addresses;    ///< subjectAltName
    unsigned names_left_out = 0;  ///< of subjectAltName: names and addresses beyond what is kept of them
    WallClock::time_point not_before{};
    WallClock::time_point not_after{};
    bool self_issued = false;
};

/// Where a certificate of the chain came from.
enum class CertificateSource { server, store, ca_file };
consteval auto vocabulary(CertificateSource) {
    using enum CertificateSource;
    return terms<CertificateSource>({{server, "server"}, {store, "store"}, {ca_file, "ca_file"}});
}

/// One certificate of the chain that verification built, from the server's own to the trust anchor.
struct PathCertificate {
    Certificate certificate;
    CertificateSource source = CertificateSource::server;
};

/// One fault that the chain's verification found; verification went on after it.
struct VerifyFault {
    int code = 0;   ///< X509_V_ERR_*, see X509_STORE_CTX_get_error(3)
    int depth = 0;  ///< 0: the server's own certificate
    std::string text;
    CertificateSource source = CertificateSource::server;
    std::optional<Certificate> certificate;  ///< the one that the fault is about; absent where none is named
};

struct TlsFacts {
    static constexpr Stage stage = Stage::tls;
    std::string server_name;  ///< sent as SNI; empty: none
    TlsProgress progress = TlsProgress::not_started;
    HelloSize hello = HelloSize::ordinary;
    std::uint32_t client_hello_size = 0;  ///< bytes of the handshake message; 0: none was sent
    /// The server spoke before the ClientHello, which was not sent then: `first_bytes` are what it said.
    bool server_spoke_first = false;
    bool ended_before_hello = false;  ///< FIN or RST was there before anything was sent
    bool timed_out = false;
    StreamEnd end = StreamEnd::none;
    int error = 0;  ///< errno of the read or write that failed
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::optional<Delivery> delivery;  ///< after a time-out
    std::string first_bytes;           ///< of the server, at most 64
    bool first_bytes_are_tls = true;   ///< meaningful once bytes_received > 0
    std::string version;               ///< "TLSv1.3"
    std::string cipher;
    std::string group;  ///< of the key exchange
    /// Finite-field Diffie-Hellman alone was offered: what is offered otherwise has no cipher in common with the server.
    bool finite_field = false;
    std::string alpn;                       ///< as chosen by the server
    std::vector<std::string> alpn_offered;  ///< by the settings
    bool client_certificate_requested = false;
    bool client_certificate_sent = false;
    Withheld client_certificate_withheld = Withheld::no;  ///< one is configured, and was asked for
    Rare<Certificate> client_certificate = {};            ///< this host's own, that was sent
    std::vector<TlsAlert> alerts;                         ///< fatal ones and close_notify, in order
    std::string library_error;                            ///< OpenSSL's reason, for people
    int library_reason = 0;      ///< OpenSSL's SSL_R_*, see ERR_GET_REASON(3); 0: none
    bool refused_by_us = false;  ///< our own side refused what the server chose (version, cipher)
    bool oversized = false;      ///< our own side gave up: more bytes, or a larger message, than it takes
    bool verified = false;       ///< the settings asked for verification
    /// Also found without `verify`; a name mismatch is among them. At most 32.
    std::vector<VerifyFault> verify_faults;
    unsigned verify_faults_left_out = 0;  ///< further ones
    std::vector<Certificate> chain;       ///< as the server sent it, its own first, at most 16
    unsigned chain_left_out = 0;          ///< further certificates of it
    std::vector<PathCertificate> path;   ///< as verification built it, whether or not it verifies; at most 16
    bool intermediate_not_sent = false;  ///< the path needs one that only this host has
    Nanoseconds handshake_took{};        ///< until complete
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

/// Where a server sends its clients next.
enum class ReferralKind : std::uint8_t {
    redirect,      ///< HTTP: Location (RFC 9110 section 10.2.2)
    cluster_node,  ///< Redis Cluster: CLUSTER SLOTS, MOVED
    broker,        ///< Kafka: an advertised listener, of Metadata
    member,        ///< MongoDB: a member of the replica set, of `hello`
};
consteval auto vocabulary(ReferralKind) {
    using enum ReferralKind;
    return terms<ReferralKind>({{redirect, "redirect"},
                                {cluster_node, "cluster_node", "cluster node"},
                                {broker, "broker"},
                                {member, "member", "replica set member"}});
}

struct Referral {
    ReferralKind kind = ReferralKind::redirect;
    std::string host;  ///< a name or an address as the server gives it, at most 255 bytes, not escaped
    std::uint16_t port = 0;
    bool operator==(const Referral&) const = default;
};

/// What else the headers of an HTTP/1 response say. Of no record: only who asks on demand wants it.
struct HttpHead {
    std::string location;                         ///< as it stands, cut at 1,000 bytes; empty: none
    std::optional<std::uint64_t> content_length;  ///< absent: not said, or chunked
    unsigned minor_version = 1;                   ///< of HTTP/1
};

struct AppFacts {
    static constexpr Stage stage = Stage::app;
    std::string protocol;  ///< what was spoken: "http", "clickhouse", "redis", "mqtt", ...
    bool over_tls = false;
    AppReply reply = AppReply::none;
    std::string said;           ///< what the server said, for people, cut at 200 bytes
    std::optional<int> status;  ///< the protocol's own code: HTTP status, MQTT return code, MySQL error
    std::string server;         ///< name and version as the server gives it, cut likewise; may be empty
    bool http2 = false;         ///< spoken in HTTP/2 (RFC 9113)
    Rare<HttpHead> http;        ///< of HTTP/1, once the headers are there
    /// Where the server sends clients next, each once, in its order, at most 16.
    std::vector<Referral> referrals;
    unsigned referrals_left_out = 0;  ///< further ones, of which 240 are counted
    /// The session takes no writes: a standby, a secondary, `default_transaction_read_only`; absent: not said.
    std::optional<bool> read_only;
    bool timed_out = false;
    StreamEnd end = StreamEnd::none;
    int error = 0;                 ///< errno of the read or write that failed
    std::uint64_t bytes_sent = 0;  ///< of the application, TLS not counted
    std::uint64_t bytes_received = 0;
    std::optional<Delivery> delivery;             ///< after a time-out
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
    /// It quotes a tunnel's packet (IP in IP, GRE, VXLAN, Geneve) in which ours is.
    bool in_tunnel = false;
    /// What it quotes carries another address or port than the connection has here: translated on the way.
    bool translated = false;
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
    unsigned syn_ack_foreign = 0;              ///< received, that acknowledge something else, or are damaged
    unsigned syn_ack_damaged = 0;              ///< of these: the checksum is wrong
    unsigned handshake_ack = 0;                ///< our ACKs of the SYN-ACK: the kernel took it
    std::optional<Nanoseconds> syn_ack_after;  ///< since the first SYN
    std::optional<Nanoseconds> handshake_rtt;  ///< from SYN to SYN-ACK; absent when the SYN was sent again
    std::optional<std::uint8_t> syn_ack_hop_limit;
    std::uint16_t mss_sent = 0;                ///< in our SYN
    std::uint16_t mss_received = 0;            ///< in the SYN-ACK
    std::optional<std::uint8_t> window_scale;  ///< in the SYN-ACK
    bool sack_permitted = false;               ///< in the SYN-ACK
    bool has_timestamp = false;                ///< in the SYN-ACK
    unsigned syn_ecn = 0;                      ///< of `syn`: with ECE and CWR set (RFC 3168 section 6.1.1)
    // Another far end than the one that was asked for: a translation, or a path back that is not the path there.
    unsigned own_syn_returned = 0;         ///< our SYN arrived here again: hairpin, or a routing loop
    std::optional<IpAddress> returned_to;  ///< the destination that it then had
    std::uint16_t returned_to_port = 0;
    std::optional<IpAddress>
        answered_by;  ///< of a SYN-ACK for our SYN that came from another address or port
    std::uint16_t answered_by_port = 0;
    std::optional<IpAddress> sent_to;  ///< the other address or port that our SYN left for
    std::uint16_t sent_to_port = 0;
    /// All packets were seen on a loopback interface only, although the address is none of this host's.
    bool only_on_loopback = false;
    /// Link-layer sources of the peer's packets, "02:42:0a:00:00:04", each once; four at most.
    std::vector<std::string> peer_macs;
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
    Rare<IcmpError> icmp;
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

/// Of one probe, one of the kinds, each with the stage that it is made in. PacketFacts and HoldFacts are of no probe by
/// themselves: see round.hpp. Used as a std::variant is: get(), get_if(), holds_alternative(), visit(). Kinds that are larger
/// than TcpFacts are on the heap: a daemon keeps the facts of many thousand connections, and most of them are of TCP. What was
/// moved from can only be assigned or destroyed.
class Facts {
  public:
    using Kinds = std::variant<DnsFacts, TcpFacts, TlsFacts, AppFacts, ListenerFacts, TrafficFacts>;

    Facts() = default;
    template <class F>
    requires std::is_constructible_v<Kinds, std::in_place_type_t<F>> Facts(F facts)
        : held_(std::in_place_type<Held<F>>, std::move(facts)) {}

    template <class F>
    F& emplace() {
        return *pointer_to(&held_.emplace<Held<F>>(F{}));
    }

    template <class F>
    friend F* get_if(Facts* facts) {
        return pointer_to(std::get_if<Held<F>>(&facts->held_));
    }
    template <class F>
    friend const F* get_if(const Facts* facts) {
        return pointer_to(std::get_if<Held<F>>(&facts->held_));
    }
    template <class F>
    friend F& get(Facts& facts) {
        return *pointer_to(&std::get<Held<F>>(facts.held_));
    }
    template <class F>
    friend const F& get(const Facts& facts) {
        return *pointer_to(&std::get<Held<F>>(facts.held_));
    }
    template <class F>
    friend bool holds_alternative(const Facts& facts) {
        return std::holds_alternative<Held<F>>(facts.held_);
    }
    template <class Visitor>
    friend decltype(auto) visit(Visitor&& visitor, Facts& facts) {
        return std::visit([&](auto& held) -> decltype(auto) { return visitor(*pointer_to(&held)); },
                          facts.held_);
    }
    template <class Visitor>
    friend decltype(auto) visit(Visitor&& visitor, const Facts& facts) {
        return std::visit([&](const auto& held) -> decltype(auto) { return visitor(*pointer_to(&held)); },
                          facts.held_);
    }

  private:
    template <class F>
    using Held = std::conditional_t<(sizeof(F) > sizeof(TcpFacts)), Rare<F>, F>;

    template <class F>
    static F* pointer_to(F* held) {
        return held;
    }
    template <class F>
    static F* pointer_to(Rare<F>* held) {
        return held == nullptr ? nullptr : held->operator->();
    }
    template <class F>
    static const F* pointer_to(const Rare<F>* held) {
        return held == nullptr ? nullptr : held->operator->();
    }

    template <class... F>
    static std::variant<Held<F>...> held_as(std::type_identity<std::variant<F...>> kinds);

    decltype(held_as(std::type_identity<Kinds>{})) held_;
};

/// visit(std::type_identity<F>) for each kind of facts, in that order.
template <class Visit>
void for_each_facts(const Visit& visit) {
    [&]<class... F>(std::type_identity<std::variant<F...>> /*kinds*/) {
        (visit(std::type_identity<F>{}), ...);
    }(std::type_identity<Facts::Kinds>{});
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
    Rare<LocalError> local;            ///< set: nothing else here says anything about the peer
    Facts facts;
};

}  // namespace whylink::probes
