// What a probe saw: facts and times, nothing judged. Knows no socket library, so that the judgement can read
// it without one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/address.hpp"

namespace whylink::probes {

using Nanoseconds = std::chrono::nanoseconds;
using WallClock = std::chrono::system_clock;

enum class Stage { dns, tcp, tls, app, listener, packets };

/// The probe could not be made: a fault of this VM, which says nothing about the peer.
struct LocalError {
    std::string
        operation;     ///< what failed, as the system call or file: "socket", "bind 10.0.0.7", "ca_file /x"
    int error = 0;     ///< errno, 0 when there is none
    std::string text;  ///< for people
};

/// An ICMP or ICMPv6 error that the kernel matched to our socket (ip(7) IP_RECVERR, ipv6(7) IPV6_RECVERR).
struct IcmpError {
    bool v6 = false;
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::optional<IpAddress> sender;  ///< the router or host that says so
    /// Made by this VM's own kernel (a neighbour that does not answer, a local rule): the sender is our own
    /// address, or the origin is SO_EE_ORIGIN_LOCAL.
    bool local = false;
};

/// How the peer ended a stream.
enum class StreamEnd { none, fin, rst };

// ---- dns ----

enum class RecordType : std::uint16_t { a = 1, aaaa = 28 };

/// Which name of the target was asked for.
enum class NameRole {
    host,               ///< the endpoint's host
    public_host,        ///< the endpoint's public_host
    known_label,        ///< zone: a label that is in use
    random_label,       ///< zone: a fresh random label
    random_two_labels,  ///< zone: a fresh random name of two labels
    control,            ///< a random name outside the zone, which must not exist
};

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

struct DnsFacts {
    std::string name;  ///< canonical
    NameRole role = NameRole::host;
    NameSource source = NameSource::resolver;
    IpAddress resolver;  ///< when asked of a resolver
    std::uint16_t resolver_port = 53;
    bool from_system = false;       ///< the resolver is one of /etc/resolv.conf
    bool no_nameserver = false;     ///< that file names none; this is where the C library asks then
    std::vector<DnsQuery> queries;  ///< one for each type asked
    /// Addresses that the hosts file gives for this name: what applications on this VM get instead of an
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

struct TcpFacts {
    int error = 0;  ///< errno of connect; 0 when connected
    bool connected = false;
    bool timed_out = false;         ///< neither connected nor refused in time
    std::optional<IcmpError> icmp;  ///< the last error that reached the connecting socket
    std::optional<TcpInfo> info;
    bool no_route = false;  ///< connect failed at once for want of a route; nothing was sent
    /// The result was there as soon as connect was called: the peer is very near, or it is this VM itself
    /// that answered.
    bool at_once = false;
    bool has_tls = false;  ///< a TLS stage follows on this connection, so `settle` was not watched
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

// ----

using Facts = std::variant<DnsFacts, TcpFacts, TlsFacts>;

struct Observation {
    Stage stage = Stage::dns;
    WallClock::time_point started{};
    Nanoseconds took{};
    std::optional<IpAddress> address;  ///< of the endpoint; absent for dns
    std::uint16_t port = 0;            ///< of the endpoint; 0 for dns
    std::optional<LocalError> local;   ///< set: nothing else here says anything about the peer
    std::string experiment;            ///< empty: an ordinary probe
    Facts facts;
};

}  // namespace whylink::probes
