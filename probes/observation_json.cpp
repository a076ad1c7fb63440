#include "probes/observation_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace whylink::probes {
namespace {

using nlohmann::json;

/// What is wrong with a document; caught in from_json().
struct Mismatch : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw Mismatch((path.empty() ? std::string("the document") : path) + ": " + what);
}

// ---- time ----

std::string time_text(WallClock::time_point time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{seconds - day};
    const auto fraction = std::chrono::duration_cast<Nanoseconds>(time - seconds).count();
    std::array<char, 96> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    std::string text = buffer.data();
    if (fraction != 0) {
        std::snprintf(buffer.data(), buffer.size(), ".%09d", static_cast<int>(fraction));
        text += buffer.data();
    }
    return text + "Z";
}

/// `count` digits at `at`, or -1.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (i >= text.size() || text[i] < '0' || text[i] > '9') {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/// The digits after the decimal point as nanoseconds, or -1.
int fraction_of(std::string_view text) {
    if (text.empty() || text.size() > 9) {
        return -1;
    }
    std::string padded(text);
    padded.resize(9, '0');
    return digits(padded, 0, 9);
}

WallClock::time_point parse_time(std::string_view text, const std::string& path) {
    constexpr std::string_view shape = "a time such as 2026-01-01T00:00:00Z, from 1700 to 2200";
    const std::size_t end = text.empty() || text.back() != 'Z' ? 0 : text.size() - 1;
    const bool separators = end >= 19 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
                            text[13] == ':' && text[16] == ':' && (end == 19 || text[19] == '.');
    const int year = digits(text, 0, 4);
    const int month = digits(text, 5, 2);
    const int day = digits(text, 8, 2);
    const int hour = digits(text, 11, 2);
    const int minute = digits(text, 14, 2);
    const int second = digits(text, 17, 2);
    const int fraction = separators && end > 19 ? fraction_of(text.substr(20, end - 20)) : 0;
    const bool in_range = year >= 1700 && year <= 2200 && month >= 1 && day >= 1 && hour >= 0 && hour < 24 &&
                          minute >= 0 && minute < 60 && second >= 0 && second < 60 && fraction >= 0;
    if (!separators || !in_range) {
        fail(path, std::string(shape));
    }
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) {
        fail(path, std::string(shape));
    }
    return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
           std::chrono::seconds{second} + Nanoseconds{fraction};
}

// ---- bytes ----

/// Marks a string that holds bytes and not text.
struct Bytes {
    std::string& value;
};

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view figures = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += figures[value >> 4U];
        text += figures[value & 15U];
    }
    return text;
}

int figure(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string bytes_of(std::string_view hex, const std::string& path) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = figure(hex[i]);
        const int low = i + 1 < hex.size() ? figure(hex[i + 1]) : -1;
        if (high < 0 || low < 0) {
            fail(path, "pairs of hexadecimal figures in lower case");
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

// ---- the members of each type, listed once for both directions ----

template <class A>
void members(A& a, LocalError& v) {
    a("operation", v.operation);
    a("error", v.error);
    a("text", v.text);
}

template <class A>
void members(A& a, IcmpError& v) {
    a("v6", v.v6);
    a("type", v.type);
    a("code", v.code);
    a("sender", v.sender);
    a("local", v.local);
}

template <class A>
void members(A& a, DnsAnswer& v) {
    a("address", v.address);
    a("ttl", v.ttl);
}

template <class A>
void members(A& a, DnsQuery& v) {
    a("type", v.type);
    a("rcode", v.rcode);
    a("answers", v.answers);
    a("cnames", v.cnames);
    a("truncated", v.truncated);
    a("over_tcp", v.over_tcp);
    a("without_edns", v.without_edns);
    a("sent", v.sent);
    a("bad_replies", v.bad_replies);
    a("bad_reply", v.bad_reply);
    a("timed_out", v.timed_out);
    a("error", v.error);
    a("icmp", v.icmp);
    a("took_ns", v.took);
}

template <class A>
void members(A& a, DnsFacts& v) {
    a("name", v.name);
    a("role", v.role);
    a("source", v.source);
    a("resolver", v.resolver);
    a("resolver_port", v.resolver_port, 53);
    a("from_system", v.from_system);
    a("no_nameserver", v.no_nameserver);
    a("queries", v.queries);
    a("hosts_file", v.hosts_file);
}

template <class A>
void members(A& a, TcpInfo& v) {
    a("retransmits", v.retransmits);
    a("rtt_us", v.rtt);
    a("send_mss", v.send_mss);
    a("receive_mss", v.receive_mss);
}

template <class A>
void members(A& a, TcpFacts& v) {
    a("error", v.error);
    a("connected", v.connected);
    a("timed_out", v.timed_out);
    a("let_out", v.let_out);
    a("icmp", v.icmp);
    a("info", v.info);
    a("no_route", v.no_route);
    a("at_once", v.at_once);
    a("has_tls", v.has_tls);
    a("has_app", v.has_app);
    a("proxy_header", v.proxy_header);
    a("max_segment", v.max_segment);
    a("watched_ns", v.watched);
    a("end", v.end);
    a("end_error", v.end_error);
    a("bytes_received", v.bytes_received);
    a("first_bytes", Bytes{v.first_bytes});
    a("local_address", v.local_address);
    a("local_port", v.local_port);
}

template <class A>
void members(A& a, TlsAlert& v) {
    a("level", v.level);
    a("description", v.description);
    a("sent_by_us", v.sent_by_us);
}

template <class A>
void members(A& a, Certificate& v) {
    a("subject", v.subject);
    a("issuer", v.issuer);
    a("dns_names", v.dns_names);
    a("addresses", v.addresses);
    a("not_before", v.not_before);
    a("not_after", v.not_after);
    a("self_issued", v.self_issued);
}

template <class A>
void members(A& a, VerifyFault& v) {
    a("code", v.code);
    a("depth", v.depth);
    a("text", v.text);
}

template <class A>
void members(A& a, TlsFacts& v) {
    a("server_name", v.server_name);
    a("progress", v.progress);
    a("ended_before_hello", v.ended_before_hello);
    a("timed_out", v.timed_out);
    a("end", v.end);
    a("error", v.error);
    a("bytes_sent", v.bytes_sent);
    a("bytes_received", v.bytes_received);
    a("first_bytes", Bytes{v.first_bytes});
    a("first_bytes_are_tls", v.first_bytes_are_tls, true);
    a("version", v.version);
    a("cipher", v.cipher);
    a("group", v.group);
    a("alpn", v.alpn);
    a("client_certificate_requested", v.client_certificate_requested);
    a("client_certificate_sent", v.client_certificate_sent);
    a("alerts", v.alerts);
    a("library_error", v.library_error);
    a("refused_by_us", v.refused_by_us);
    a("oversized", v.oversized);
    a("verified", v.verified);
    a("verify_faults", v.verify_faults);
    a("chain", v.chain);
    a("handshake_took_ns", v.handshake_took);
    a("watched_ns", v.watched);
    a("message_after_handshake", v.message_after_handshake);
}

template <class A>
void members(A& a, ResetSeen& v) {
    a("hop_limit", v.hop_limit);
    a("position", v.position);
    a("in_sequence", v.in_sequence, true);
    a("acknowledged", v.acknowledged);
    a("after_ns", v.after);
    a("after_acknowledged_ns", v.after_acknowledged);
}

template <class A>
void members(A& a, IcmpSeen& v) {
    a("error", v.error);
    a("mtu", v.mtu);
    a("after_ns", v.after);
    a("established", v.established);
}

template <class A>
void members(A& a, AppFacts& v) {
    a("protocol", v.protocol);
    a("over_tls", v.over_tls);
    a("reply", v.reply);
    a("said", Bytes{v.said});
    a("status", v.status);
    a("server", Bytes{v.server});
    a("timed_out", v.timed_out);
    a("end", v.end);
    a("error", v.error);
    a("bytes_sent", v.bytes_sent);
    a("bytes_received", v.bytes_received);
    a("first_bytes", Bytes{v.first_bytes});
    a("alerts", v.alerts);
    a("library_error", v.library_error);
    a("first_byte_after_ns", v.first_byte_after);
}

template <class A>
void members(A& a, HoldFacts& v) {
    a("wanted_ns", v.wanted);
    a("idle_ns", v.idle);
    a("end", v.end);
    a("error", v.error);
    a("ended_while_idle", v.ended_while_idle);
    a("used", v.used);
    a("answered", v.answered);
    a("answered_after_ns", v.answered_after);
}

template <class A>
void members(A& a, LostSegment& v) {
    a("size", v.size);
    a("times_sent", v.times_sent);
    a("position", v.position);
}

template <class A>
void members(A& a, PacketFacts& v) {
    a("local", v.local);
    a("local_port", v.local_port);
    a("complete", v.complete, true);
    a("everywhere", v.everywhere);
    a("next_hop", v.next_hop);
    a("packets_sent", v.packets_sent);
    a("packets_received", v.packets_received);
    a("syn", v.syn);
    a("syn_ack", v.syn_ack);
    a("syn_ack_foreign", v.syn_ack_foreign);
    a("handshake_ack", v.handshake_ack);
    a("syn_ack_after_ns", v.syn_ack_after);
    a("handshake_rtt_ns", v.handshake_rtt);
    a("syn_ack_hop_limit", v.syn_ack_hop_limit);
    a("mss_sent", v.mss_sent);
    a("mss_received", v.mss_received);
    a("window_scale", v.window_scale);
    a("sack_permitted", v.sack_permitted);
    a("has_timestamp", v.has_timestamp);
    a("bytes_sent", v.bytes_sent);
    a("bytes_received", v.bytes_received);
    a("bytes_acknowledged", v.bytes_acknowledged);
    a("first_byte_after_ns", v.first_byte_after);
    a("segments_sent", v.segments_sent);
    a("segments_received", v.segments_received);
    a("retransmits_sent", v.retransmits_sent);
    a("retransmits_received", v.retransmits_received);
    a("out_of_order", v.out_of_order);
    a("largest_acknowledged", v.largest_acknowledged);
    a("largest_received", v.largest_received);
    a("lost", v.lost);
    a("missing_received", v.missing_received);
    a("largest_after_missing", v.largest_after_missing);
    a("fin_sent", v.fin_sent);
    a("fin_received", v.fin_received);
    a("rst_sent", v.rst_sent);
    a("rst_received", v.rst_received);
    a("fin_received_after_ns", v.fin_received_after);
    a("resets", v.resets);
    a("hop_limits", v.hop_limits);
    a("received_after_reset", v.received_after_reset);
    a("icmp", v.icmp);
}

template <class A>
void members(A& a, ListeningSocket& v) {
    a("address", v.address);
    a("port", v.port);
    a("v6_only", v.v6_only);
    a("waiting", v.waiting);
    a("backlog", v.backlog);
}

template <class A>
void members(A& a, ListenerFacts& v) {
    a("sockets", v.sockets);
}

template <class A>
void members(A& a, ProxyHeader& v) {
    a("version", v.version);
    a("local", v.local);
    a("source", v.source);
    a("source_port", v.source_port);
    a("destination", v.destination);
    a("destination_port", v.destination_port);
    a("aws_endpoint_id", v.aws_endpoint_id);
    a("azure_link_id", v.azure_link_id);
    a("gcp_connection_id", v.gcp_connection_id);
    a("truncated", v.truncated);
}

template <class A>
void members(A& a, PeerTraffic& v) {
    a("peer", v.peer);
    a("port", v.port);
    a("attempts", v.attempts);
    a("established", v.established);
    a("failed", v.failed);
}

template <class A>
void members(A& a, TrafficFacts& v) {
    a("inbound", v.inbound, true);
    a("port", v.port);
    a("window_ns", v.window);
    a("complete", v.complete, true);
    a("everywhere", v.everywhere, true);
    a("packets", v.packets);
    a("silent_for_ns", v.silent_for);
    a("ever", v.ever);
    a("attempts", v.attempts);
    a("established", v.established);
    a("refused", v.refused);
    a("unanswered", v.unanswered);
    a("half_open", v.half_open);
    a("icmp_failed", v.icmp_failed);
    a("syn_retransmits", v.syn_retransmits);
    a("reset_before_data", v.reset_before_data);
    a("closed_before_data", v.closed_before_data);
    a("resets_received", v.resets_received);
    a("resets_sent", v.resets_sent);
    a("segments_sent", v.segments_sent);
    a("segments_received", v.segments_received);
    a("retransmits_sent", v.retransmits_sent);
    a("retransmits_received", v.retransmits_received);
    a("handshakes_measured", v.handshakes_measured);
    a("handshake_rtt_sum_ns", v.handshake_rtt_sum);
    a("handshake_rtt_max_ns", v.handshake_rtt_max);
    a("icmp", v.icmp);
    a("peers", v.peers);
    a("further_peers", v.further_peers);
    a("forgotten", v.forgotten);
    a("with_proxy_header", v.with_proxy_header);
    a("without_proxy_header", v.without_proxy_header);
    a("proxy_header", v.proxy_header);
    a("reset_after_proxy_header", v.reset_after_proxy_header);
}

template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;
template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = true;
template <class T>
constexpr bool is_duration = false;
template <class R, class P>
constexpr bool is_duration<std::chrono::duration<R, P>> = true;

// ---- writing ----

class Writer {
  public:
    explicit Writer(json& object) : object_(object) {}

    template <class T>
    void operator()(const char* key, T& value) {
        if (!is_default(value)) {
            object_[key] = encode(value);
        }
    }
    void operator()(const char* key, Bytes bytes) {
        if (!bytes.value.empty()) {
            object_[key] = hex_of(bytes.value);
        }
    }
    template <class T>
    void operator()(const char* key, T& value, std::type_identity_t<T> by_default) {
        if (value != by_default) {
            object_[key] = encode(value);
        }
    }

    template <class T>
    static json encode(T& value) {
        if constexpr (std::is_same_v<T, bool> || std::is_integral_v<T> || std::is_same_v<T, std::string>) {
            return value;
        } else if constexpr (Vocabulary<T>) {
            return slug(value);
        } else if constexpr (is_duration<T>) {
            return value.count();
        } else if constexpr (std::is_same_v<T, WallClock::time_point>) {
            return time_text(value);
        } else if constexpr (std::is_same_v<T, IpAddress>) {
            return value.to_string();
        } else if constexpr (is_optional<T>) {
            return encode(*value);
        } else if constexpr (is_vector<T>) {
            json array = json::array();
            for (auto& item : value) {
                array.push_back(encode(item));
            }
            return array;
        } else {
            json object = json::object();
            Writer writer(object);
            members(writer, value);
            return object;
        }
    }

  private:
    template <class T>
    static bool is_default(const T& value) {
        if constexpr (is_optional<T>) {
            return !value.has_value();
        } else if constexpr (is_vector<T>) {
            return value.empty();
        } else if constexpr (std::equality_comparable<T>) {
            return value == T{};
        } else {
            return false;
        }
    }

    json& object_;
};

// ---- reading ----

class Reader {
  public:
    Reader(const json& object, std::string path) : object_(object), path_(std::move(path)) {
        if (!object_.is_object()) {
            fail(path_, "an object");
        }
    }

    template <class T>
    void operator()(const char* key, T& value) {
        if (const json* member = take(key)) {
            decode(*member, value, path_ + "." + key);
        }
    }
    void operator()(const char* key, Bytes bytes) {
        std::string hex;
        (*this)(key, hex);
        bytes.value = bytes_of(hex, path_ + "." + key);
    }
    template <class T>
    void operator()(const char* key, T& value, std::type_identity_t<T> by_default) {
        value = by_default;
        (*this)(key, value);
    }

    const json* take(const char* key) {
        const auto member = object_.find(key);
        if (member == object_.end()) {
            return nullptr;
        }
        taken_.emplace_back(key);
        return &*member;
    }

    void finish() const {
        for (const auto& item : object_.items()) {
            if (std::ranges::find(taken_, item.key()) == taken_.end()) {
                fail(path_ + "." + item.key(), "no such member");
            }
        }
    }

    template <class T>
    static void decode(const json& from, T& value, const std::string& path) {
        if constexpr (std::is_same_v<T, bool>) {
            if (!from.is_boolean()) {
                fail(path, "true or false");
            }
            value = from.get<bool>();
        } else if constexpr (std::is_integral_v<T>) {
            value = integer<T>(from, path);
        } else if constexpr (std::is_same_v<T, std::string>) {
            value = text(from, path);
        } else if constexpr (Vocabulary<T>) {
            value = enumerator<T>(text(from, path), path);
        } else if constexpr (is_duration<T>) {
            value = T{integer<std::int64_t>(from, path)};
        } else if constexpr (std::is_same_v<T, WallClock::time_point>) {
            value = parse_time(text(from, path), path);
        } else if constexpr (std::is_same_v<T, IpAddress>) {
            const std::optional<IpAddress> address = IpAddress::parse(text(from, path));
            if (!address) {
                fail(path, "an IP address");
            }
            value = *address;
        } else if constexpr (is_optional<T>) {
            decode(from, value.emplace(), path);
        } else if constexpr (is_vector<T>) {
            decode_array(from, value, path);
        } else {
            Reader reader(from, path);
            members(reader, value);
            reader.finish();
        }
    }

  private:
    static std::string text(const json& from, const std::string& path) {
        if (!from.is_string()) {
            fail(path, "a string");
        }
        return from.get<std::string>();
    }

    template <class T>
    static T integer(const json& from, const std::string& path) {
        using Limits = std::numeric_limits<T>;
        const bool fits = from.is_number_unsigned()
                              ? std::in_range<T>(from.get<std::uint64_t>())
                              : from.is_number_integer() && std::in_range<T>(from.get<std::int64_t>());
        if (!fits) {
            fail(path, "a whole number from " + std::to_string(Limits::min()) + " to " +
                           std::to_string(Limits::max()));
        }
        return from.get<T>();
    }

    template <class E>
    static E enumerator(std::string_view name, const std::string& path) {
        const std::optional<E> value = from_slug<E>(name);
        if (!value) {
            fail(path, fmt::format("one of {}", fmt::join(slugs_of<E>, ", ")));
        }
        return *value;
    }

    template <class T>
    static void decode_array(const json& from, std::vector<T>& value, const std::string& path) {
        if (!from.is_array()) {
            fail(path, "an array");
        }
        value.clear();
        for (const json& item : from) {
            const std::string index = std::to_string(value.size());
            decode(item, value.emplace_back(), path + "[" + index + "]");
        }
    }

    const json& object_;
    std::string path_;
    std::vector<std::string> taken_;
};

// ---- the round ----

template <class A, class V>
void common_members(A& a, V& v) {
    a("started", v.started);
    a("took_ns", v.took);
    a("address", v.address);
    a("port", v.port);
}

json encode_probe(Observation probe) {
    json object = json::object();
    object["stage"] = Writer::encode(probe.stage);
    Writer writer(object);
    common_members(writer, probe);
    writer("local", probe.local);
    constexpr std::array keys{"dns", "tcp", "tls", "listener", "traffic", "app"};
    object[keys.at(probe.facts.index())] =
        std::visit([](auto& facts) { return Writer::encode(facts); }, probe.facts);
    return object;
}

json encode_follow_up(const FollowUpTest& test) {
    json object = encode_probe(test.observation);
    object["experiment"] = slug(test.kind);
    return object;
}

json encode_hold(HeldConnection held) {
    json object = {{"stage", "tcp"}, {"experiment", hold_slug}};
    Writer writer(object);
    common_members(writer, held);
    writer("local", held.local);
    object["hold"] = Writer::encode(held.facts);
    return object;
}

json encode_packets(CapturedConnection connection) {
    json object = {{"stage", "packets"}};
    Writer writer(object);
    common_members(writer, connection);
    object["packets"] = Writer::encode(connection.facts);
    return object;
}

/// One object of the array, before it is known where in the round it belongs.
struct Entry {
    Observation probe;
    std::string experiment;
    std::optional<PacketFacts> packets;
    std::optional<HoldFacts> hold;
};

template <class F>
bool take_facts(Reader& reader, const char* key, Observation& probe, const std::string& path) {
    const json* member = reader.take(key);
    if (member == nullptr) {
        return false;
    }
    F facts;
    Reader::decode(*member, facts, path + "." + key);
    probe.facts = std::move(facts);
    return true;
}

Entry decode_entry(const json& from, const std::string& path) {
    Entry entry;
    Reader reader(from, path);
    reader("stage", entry.probe.stage);
    common_members(reader, entry.probe);
    reader("local", entry.probe.local);
    reader("experiment", entry.experiment);
    reader("packets", entry.packets);
    reader("hold", entry.hold);
    const int kinds = static_cast<int>(take_facts<DnsFacts>(reader, "dns", entry.probe, path)) +
                      static_cast<int>(take_facts<TcpFacts>(reader, "tcp", entry.probe, path)) +
                      static_cast<int>(take_facts<TlsFacts>(reader, "tls", entry.probe, path)) +
                      static_cast<int>(take_facts<ListenerFacts>(reader, "listener", entry.probe, path)) +
                      static_cast<int>(take_facts<TrafficFacts>(reader, "traffic", entry.probe, path)) +
                      static_cast<int>(take_facts<AppFacts>(reader, "app", entry.probe, path)) +
                      static_cast<int>(entry.packets.has_value()) + static_cast<int>(entry.hold.has_value());
    if (kinds != 1) {
        fail(path, "exactly one of dns, tcp, tls, packets, listener, traffic, app, hold");
    }
    reader.finish();
    return entry;
}

const IpAddress& address_of(const Entry& entry, const std::string& path) {
    if (!entry.probe.address) {
        fail(path + ".address", "the address of the connection");
    }
    return *entry.probe.address;
}

CapturedConnection packets_of(Entry entry, const std::string& path) {
    if (!entry.experiment.empty() || entry.probe.local) {
        fail(path, "packets of a connection, without experiment and local");
    }
    return {address_of(entry, path), entry.probe.port, entry.probe.started, entry.probe.took,
            std::move(*entry.packets)};
}

HeldConnection hold_of(Entry entry, const std::string& path) {
    if (entry.experiment != hold_slug) {
        fail(path + ".experiment", std::string(hold_slug));
    }
    return {address_of(entry, path), entry.probe.port,  entry.probe.started,
            entry.probe.took,        entry.probe.local, *entry.hold};
}

FollowUpTest follow_up_of(Entry entry, const std::string& path) {
    const std::optional<FollowUp> kind = from_slug<FollowUp>(entry.experiment);
    if (!kind) {
        fail(path + ".experiment", "a follow-up test");
    }
    return {*kind, std::move(entry.probe)};
}

void add(Round& round, Entry entry, const std::string& path) {
    if (entry.packets) {
        round.packets.push_back(packets_of(std::move(entry), path));
    } else if (entry.hold) {
        round.holds.push_back(hold_of(std::move(entry), path));
    } else if (!entry.experiment.empty()) {
        round.follow_ups.push_back(follow_up_of(std::move(entry), path));
    } else {
        round.probes.push_back(std::move(entry.probe));
    }
}

}  // namespace

std::string to_json(const Round& round) {
    json array = json::array();
    std::ranges::transform(round.probes, std::back_inserter(array), encode_probe);
    std::ranges::transform(round.follow_ups, std::back_inserter(array), encode_follow_up);
    std::ranges::transform(round.holds, std::back_inserter(array), encode_hold);
    std::ranges::transform(round.packets, std::back_inserter(array), encode_packets);
    return array.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::variant<Round, std::string> from_json(std::string_view text) {
    try {
        const json document = json::parse(text);
        if (!document.is_array()) {
            fail({}, "an array of observations");
        }
        Round round;
        for (std::size_t i = 0; i < document.size(); ++i) {
            const std::string path = "[" + std::to_string(i) + "]";
            add(round, decode_entry(document[i], path), path);
        }
        return round;
    } catch (const Mismatch& mismatch) {
        return std::string(mismatch.what());
    } catch (const json::exception& error) {
        return std::string(error.what());
    }
}

}  // namespace whylink::probes
