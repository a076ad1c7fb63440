#include "daemon/compare/side.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "config/dns_name.hpp"
#include "config/outside_text.hpp"

namespace whylink::daemon {
namespace {

using nlohmann::json;

constexpr std::uint32_t max_mss = 65535;
// Beyond what a report of ours has: whoever made the file may have written anything.
constexpr std::size_t max_text = 4096;
constexpr std::size_t max_texts = 1024;

// ---- members that may be absent, or of another type ----

const json& member(const json& object, const char* key) {
    static const json absent;
    if (!object.is_object()) {
        return absent;
    }
    const auto found = object.find(key);
    return found == object.end() ? absent : *found;
}

std::string text(const json& object, const char* key) {
    const json& value = member(object, key);
    return value.is_string() ? outside_text(value.get_ref<const std::string&>(), max_text) : std::string();
}

/// None for what is no number of up to `max`: whoever made the file may have written anything.
std::optional<std::int64_t> number(const json& object, const char* key, std::uint32_t max) {
    const json& value = member(object, key);
    const bool fits = value.is_number_unsigned() && value.get<std::uint64_t>() <= max;
    return fits ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

bool flag(const json& object, const char* key, bool otherwise) {
    const json& value = member(object, key);
    return value.is_boolean() ? value.get<bool>() : otherwise;
}

/// None for what is no array.
const json& list(const json& object, const char* key) {
    static const json none = json::array();
    const json& value = member(object, key);
    return value.is_array() ? value : none;
}

std::vector<std::string> texts(const json& object, const char* key) {
    std::vector<std::string> all;
    for (const json& value : list(object, key)) {
        if (value.is_string() && all.size() < max_texts) {
            all.push_back(outside_text(value.get_ref<const std::string&>(), max_text));
        }
    }
    return all;
}

// ---- probes ----

bool is_follow_up(const json& probe) {
    return member(probe, "experiment").is_string();
}

bool is_random(const std::string& role) {
    return role.starts_with("random") || role == "control";
}

SeenName name_of(const json& probe) {
    SeenName name;
    name.role = text(probe, "role");
    name.name = is_random(name.role) ? std::string() : canonical_name(text(probe, "target"));
    name.resolver = text(probe, "resolver");
    name.outcome = text(probe, "outcome");
    name.cnames = texts(probe, "cnames");
    for (const json& answer : list(probe, "answers")) {
        name.addresses.push_back(text(answer, "address"));
    }
    std::ranges::sort(name.addresses);
    name.addresses.erase(std::unique(name.addresses.begin(), name.addresses.end()), name.addresses.end());
    return name;
}

void add_tcp(SeenConnection& connection, const json& probe) {
    connection.tcp = text(probe, "outcome");
    connection.local_address = text(probe, "local_address");
    // Of a socket that never opened the kernel has a number, too, which nobody measured.
    if (connection.tcp == "ok") {
        connection.mss = number(probe, "mss", max_mss);
    }
    const json& route = member(probe, "route");
    connection.interface = text(route, "interface");
    connection.link_kind = text(route, "link_kind");
}

void add_tls(SeenConnection& connection, const json& probe) {
    const json& tls = member(probe, "tls");
    connection.tls = text(probe, "outcome");
    connection.version = text(tls, "version");
    connection.cipher = text(tls, "cipher");
    connection.alpn = text(tls, "alpn");
    connection.server_name = text(tls, "server_name");
    if (const json& chain = list(tls, "chain"); !chain.empty()) {
        const json& own = chain.front();
        connection.certificate = {text(own, "subject"), text(own, "issuer"), text(own, "not_after")};
    }
}

void add_app(SeenConnection& connection, const json& probe) {
    connection.app = text(probe, "outcome");
    connection.protocol = text(probe, "protocol");
    connection.reply = text(probe, "reply");
    connection.status = number(probe, "status", std::numeric_limits<std::uint32_t>::max());
    connection.server = text(probe, "server");
}

SeenConnection& connection_to(SeenTarget& target, const std::string& address) {
    const auto found = std::ranges::find(target.connections, address, &SeenConnection::address);
    if (found != target.connections.end()) {
        return *found;
    }
    target.connections.emplace_back().address = address;
    return target.connections.back();
}

void add_probe(SeenTarget& target, const json& probe) {
    const std::string stage = text(probe, "stage");
    if (stage == "dns") {
        if (flag(probe, "counts", true)) {
            target.names.push_back(name_of(probe));
        }
        return;
    }
    if (stage == "listener" || stage == "packets") {
        target.listeners.push_back(stage + " " + text(probe, "outcome"));
        return;
    }
    constexpr std::array<std::pair<std::string_view, void (*)(SeenConnection&, const json&)>, 3> stages{
        {{"tcp", add_tcp}, {"tls", add_tls}, {"app", add_app}}};
    for (const auto& [name, add] : stages) {
        if (stage == name) {
            add(connection_to(target, text(probe, "address")), probe);
        }
    }
}

void add_packets(SeenTarget& target, const json& entry) {
    const json& packets = member(entry, "packets");
    for (SeenConnection& connection : target.connections) {
        const json& seen = member(packets, connection.address.c_str());
        connection.peer_mss = number(seen, "mss_received", max_mss);
        connection.ttl = number(seen, "syn_ack_ttl", 255);
    }
}

// ---- entries ----

std::string host_and_port(const json& entry) {
    const auto port = number(entry, "port", 65535);
    return canonical_name(text(entry, "host")) + ":" + (port ? std::to_string(*port) : "?");
}

std::string what_of(const std::string& kind, const json& entry) {
    if (kind == "endpoint") {
        return host_and_port(entry);
    }
    if (kind == "zone") {
        return "*." + canonical_name(text(entry, "zone"));
    }
    const auto port = number(entry, "port", 65535);
    return text(entry, "direction") + " to port " + (port ? std::to_string(*port) : "any");
}

SeenTarget target_of(const std::string& kind, const json& entry) {
    const json& diagnosis = member(entry, "diagnosis");
    SeenTarget target;
    target.kind = kind;
    target.name = text(entry, "name");
    target.what = what_of(kind, entry);
    target.healthy = flag(entry, "healthy", false);
    target.cause = text(diagnosis, "cause");
    target.confidence = text(diagnosis, "confidence");
    target.summary = text(diagnosis, "summary");
    for (const json& probe : list(entry, "probes")) {
        if (!is_follow_up(probe)) {
            add_probe(target, probe);
        }
    }
    add_packets(target, entry);
    return target;
}

}  // namespace

std::variant<Side, std::string> side_of_report(std::string_view document) {
    const json report = json::parse(document, nullptr, false);
    if (report.is_discarded()) {
        return "not JSON";
    }
    if (!text(report, "schema").starts_with("whylink/")) {
        return "not a report of whylink: no \"schema\": \"whylink/…\"";
    }
    Side side{text(report, "vantage_point"), text(report, "started_at"), {}};
    constexpr std::array<std::pair<const char*, const char*>, 3> kinds{
        {{"endpoints", "endpoint"}, {"zones", "zone"}, {"watches", "watch"}}};
    for (const auto& [key, kind] : kinds) {
        for (const json& entry : list(report, key)) {
            if (entry.is_object()) {
                side.targets.push_back(target_of(kind, entry));
            }
        }
    }
    if (side.targets.empty()) {
        return "no target in the report";
    }
    return side;
}

}  // namespace whylink::daemon
