#include "probes/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

#include "config/outside_text.hpp"
#include "probes/fields.hpp"

namespace whylink::probes {
namespace {

using nlohmann::json;

// Whoever made the file may have written anything into it. These are beyond what any probe keeps (outside_text.hpp),
// so that what a probe wrote comes back as it was.
constexpr std::size_t max_text = 2 * max_outside_text;
constexpr std::size_t max_items = 4096;
constexpr std::size_t max_entries = 16384;  // of the document
// An exception of NO_PROXY behind a cut would be forgotten: such a list is kept as long as a probe keeps it.
constexpr std::size_t max_proxy_value = 16384;

/// What is wrong with a document; caught in from_json().
struct Mismatch : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    // Both may hold names of members, which are the document's.
    throw Mismatch(outside_text((path.empty() ? std::string("the document") : path) + ": " + what, max_text));
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

/// Marks a string that is recorded byte by byte.
struct Bytes {
    std::string& value;
    bool is_text = false;
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

// ---- the members of each type, for both directions ----

/// As it is recorded, with its unit.
template <class T>
std::string key_of(std::string_view name) {
    std::string key(name);
    if constexpr (is_optional<T>) {
        return key_of<typename T::value_type>(name);
    } else if constexpr (std::is_same_v<T, Nanoseconds>) {
        key += "_ns";
    } else if constexpr (std::is_same_v<T, std::chrono::microseconds>) {
        key += "_us";
    }
    return key;
}

/// Its default is the one that the struct gives it.
template <class A, class S, class M, class W>
void member(A& a, S& value, const Field<M, W>& field) {
    if constexpr (Field<M, W>::is_member) {
        auto& it = value.*field.what;
        using T = std::remove_reference_t<decltype(it)>;
        const std::string key = key_of<T>(field.name);
        if constexpr (std::is_same_v<T, std::string>) {
            if (field.unit == Unit::bytes || field.unit == Unit::text_of_peer) {
                a(key, Bytes{it, field.unit == Unit::text_of_peer});
                return;
            }
        }
        if constexpr (std::equality_comparable<T> && !is_optional<T> && !is_vector<T>) {
            static const S by_default{};
            a(key, it, by_default.*field.what);
        } else {
            a(key, it);
        }
    }
}

template <class A, class S, class M>
void member(A& a, S& value, const Spread<M>& field) {
    a(std::string(field.name), value.*field.what);
}

template <class A, class S, class... F>
void member(A& a, S& value, const Group<F...>& group) {
    std::apply([&](const auto&... field) { (member(a, value, field), ...); }, group.fields);
}

template <class A, Described S>
void members(A& a, S& value) {
    std::apply([&](const auto&... field) { (member(a, value, field), ...); }, fields_of<S>);
}

// ---- writing ----

class Writer {
  public:
    explicit Writer(json& object) : object_(object) {}

    template <class T>
    void operator()(const std::string& key, T& value) {
        if (!is_default(value)) {
            object_[key] = encode(value);
        }
    }
    void operator()(const std::string& key, Bytes bytes) {
        if (!bytes.value.empty()) {
            object_[key] = hex_of(bytes.value);
        }
    }
    template <class T>
    void operator()(const std::string& key, T& value, std::type_identity_t<T> by_default) {
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
        } else if constexpr (std::is_same_v<T, IpAddress> || std::is_same_v<T, Cidr>) {
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
    void operator()(const std::string& key, T& value) {
        if (const json* member = take(key)) {
            decode(*member, value, path_ + "." + key);
        }
    }
    void take_text(const std::string& key, std::string& value, std::size_t most) {
        if (const json* member = take(key)) {
            value = outside_text(string(*member, path_ + "." + key), most);
        }
    }
    void operator()(const std::string& key, Bytes bytes) {
        const json* member = take(key);
        if (member == nullptr) {
            bytes.value.clear();
            return;
        }
        bytes.value = bytes_of(string(*member, path_ + "." + key), path_ + "." + key);
        if (bytes.is_text) {
            bytes.value = outside_text(bytes.value, max_text);
        } else {
            bytes.value.resize(std::min(bytes.value.size(), max_text));
        }
    }
    template <class T>
    void operator()(const std::string& key, T& value, std::type_identity_t<T> by_default) {
        value = by_default;
        (*this)(key, value);
    }

    const json* take(const std::string& key) {
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
            value = outside_text(string(from, path), max_text);
        } else if constexpr (Vocabulary<T>) {
            value = enumerator<T>(string(from, path), path);
        } else if constexpr (is_duration<T>) {
            value = T{integer<std::int64_t>(from, path)};
        } else if constexpr (std::is_same_v<T, WallClock::time_point>) {
            value = parse_time(string(from, path), path);
        } else if constexpr (std::is_same_v<T, IpAddress>) {
            const std::optional<IpAddress> address = IpAddress::parse(string(from, path));
            if (!address) {
                fail(path, "an IP address");
            }
            value = *address;
        } else if constexpr (std::is_same_v<T, Cidr>) {
            const std::optional<Cidr> block = Cidr::parse(string(from, path));
            if (!block) {
                fail(path, "a block of IP addresses");
            }
            value = *block;
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
    static const std::string& string(const json& from, const std::string& path) {
        if (!from.is_string()) {
            fail(path, "a string");
        }
        return from.get_ref<const std::string&>();
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
        if (from.size() > max_items) {
            fail(path, fmt::format("at most {} items", max_items));
        }
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

/// Under which key a record has facts. `packets` are of a connection there, and of no watch.
template <class F>
constexpr std::string_view facts_key = slug(F::stage);
template <>
constexpr std::string_view facts_key<TrafficFacts> = "traffic";

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
    visit([&]<class F>(F& facts) { object[std::string(facts_key<F>)] = Writer::encode(facts); }, probe.facts);
    return object;
}

json encode_follow_up(const FollowUpTest& test) {
    json object = encode_probe(test.observation);
    object["experiment"] = slug(test.kind);
    if (!test.host.empty()) {
        object["host"] = test.host;
    }
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

// ---- this host ----

json encode_proxies(const std::vector<ProxySetting>& proxies) {
    json array = json::array();
    for (const ProxySetting& setting : proxies) {
        array.push_back({{"variable", setting.variable}, {"value", setting.value}, {"from", setting.from}});
    }
    return {{"proxies", std::move(array)}};
}

std::shared_ptr<const std::vector<ProxySetting>> decode_proxies(const json& from, const std::string& path) {
    if (!from.is_array()) {
        fail(path, "an array");
    }
    auto proxies = std::make_shared<std::vector<ProxySetting>>();
    for (std::size_t i = 0; i < from.size(); ++i) {
        Reader reader(from[i], path + "[" + std::to_string(i) + "]");
        ProxySetting& setting = proxies->emplace_back();
        reader("variable", setting.variable);
        reader.take_text("value", setting.value, max_proxy_value);
        reader("from", setting.from);
        reader.finish();
    }
    return proxies;
}

// ---- the array ----

/// One object of the array, before it is known where in the round it belongs.
struct Entry {
    Observation probe;
    std::string kind;
    std::string host;  ///< of a follow-up test
    std::optional<PacketFacts> packets;
    std::optional<HoldFacts> hold;
};

/// How many of the kinds of facts there are; `probe` has the last of them.
int take_facts(Reader& reader, Observation& probe, const std::string& path) {
    int kinds = 0;
    for_each_facts([&]<class F>(std::type_identity<F> /*kind*/) {
        const std::string key(facts_key<F>);
        if (const json* member = reader.take(key)) {
            Reader::decode(*member, probe.facts.emplace<F>(), path + "." + key);
            ++kinds;
        }
    });
    return kinds;
}

std::string all_kinds() {
    std::string kinds;
    for_each_facts(
        [&]<class F>(std::type_identity<F> /*kind*/) { kinds += fmt::format("{}, ", facts_key<F>); });
    return kinds + "packets, hold";
}

Entry decode_entry(const json& from, const std::string& path) {
    Entry entry;
    Reader reader(from, path);
    reader("stage", entry.probe.stage);
    common_members(reader, entry.probe);
    reader("local", entry.probe.local);
    reader("experiment", entry.kind);
    reader("host", entry.host);
    reader("packets", entry.packets);
    reader("hold", entry.hold);
    const int kinds = take_facts(reader, entry.probe, path) + static_cast<int>(entry.packets.has_value()) +
                      static_cast<int>(entry.hold.has_value());
    if (kinds != 1) {
        fail(path, "exactly one of " + all_kinds());
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
    if (!entry.kind.empty() || entry.probe.local) {
        fail(path, "packets of a connection, without experiment and local");
    }
    return {address_of(entry, path), entry.probe.port, entry.probe.started, entry.probe.took,
            std::move(*entry.packets)};
}

HeldConnection hold_of(Entry entry, const std::string& path) {
    if (entry.kind != hold_slug) {
        fail(path + ".experiment", std::string(hold_slug));
    }
    return {address_of(entry, path), entry.probe.port,  entry.probe.started,
            entry.probe.took,        entry.probe.local, *entry.hold};
}

FollowUpTest follow_up_of(Entry entry, const std::string& path) {
    const std::optional<FollowUp> kind = from_slug<FollowUp>(entry.kind);
    if (!kind) {
        fail(path + ".experiment", "a follow-up test");
    }
    return {*kind, std::move(entry.probe), std::move(entry.host)};
}

void add(Round& round, Entry entry, const std::string& path) {
    if (entry.packets) {
        round.packets.push_back(packets_of(std::move(entry), path));
    } else if (entry.hold) {
        round.holds.push_back(hold_of(std::move(entry), path));
    } else if (!entry.kind.empty()) {
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
    if (round.proxies != nullptr) {
        array.push_back(encode_proxies(*round.proxies));
    }
    if (round.cloud) {
        array.push_back(json::object({{"cloud", slug(*round.cloud)}}));
    }
    return array.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::variant<Round, std::string> from_json(std::string_view text) {
    try {
        const json document = json::parse(text);
        if (!document.is_array()) {
            fail({}, "an array of observations");
        }
        if (document.size() > max_entries) {
            fail({}, fmt::format("at most {} observations", max_entries));
        }
        Round round;
        for (std::size_t i = 0; i < document.size(); ++i) {
            const std::string path = "[" + std::to_string(i) + "]";
            if (document[i].is_object() && document[i].contains("proxies")) {
                round.proxies = decode_proxies(document[i]["proxies"], path + ".proxies");
            } else if (document[i].is_object() && document[i].contains("cloud")) {
                Reader reader(document[i], path);
                reader("cloud", round.cloud);
                reader.finish();
            } else {
                add(round, decode_entry(document[i], path), path);
            }
        }
        return round;
    } catch (const Mismatch& mismatch) {
        return std::string(mismatch.what());
    } catch (const json::exception& error) {
        return outside_text(error.what(), max_text);
    }
}

}  // namespace whylink::probes
