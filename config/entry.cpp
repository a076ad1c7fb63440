#include "config/entry.hpp"

#include <algorithm>
#include <vector>

#include "config/keys.hpp"
#include "config/rules.hpp"

namespace whylink::config {
namespace {

/// What a config makes of the endpoint's name, host, port and profile alone.
Endpoint filled_in(const Endpoint& endpoint) {
    Table table{{"name", {}, {{}, endpoint.name}},
                {"host", {}, {{}, endpoint.host}},
                {"port", {}, {{}, std::int64_t{endpoint.port}}}};
    if (!endpoint.profile.empty()) {
        table.push_back({"profile", {}, {{}, endpoint.profile}});
    }
    std::vector<OwnProfile> own;
    if (endpoint.own_profile.profile) {
        own.push_back(endpoint.own_profile);
    }
    std::vector<Problem> problems;
    Source source{{}, system_files(), problems, false, own};
    return read_endpoint(source, {}, table, Common{});
}

/// `profile = ""` keeps a profile from being picked by the name.
bool shows_profile(const Endpoint& endpoint) {
    return !endpoint.profile.empty() || (!endpoint.address && !endpoint.by_name.profile);
}

bool is_port_of_profile(const Endpoint& endpoint) {
    const Profile* profile = profile_of(endpoint);
    return profile != nullptr && !profile->ports.empty() && profile->ports.front() == endpoint.port;
}

/// Of the rows whose value another one has not.
template <class T, class Always>
std::string different_lines(const T& table, const T& other, Always is_always_shown) {
    return lines(table, [&](const Field<T>& row, const std::string& value) {
        return is_always_shown(row.key) || row.print(row.key, other) != Printed(value);
    });
}

std::string tls_text(const Endpoint& endpoint, const Endpoint& base) {
    const Tls& tls = endpoint.tls;
    if (tls.mode == TlsMode::off) {
        return base.tls.mode == TlsMode::off ? "" : "tls = false\n";
    }
    Tls plain = base.tls;
    if (base.tls.mode == TlsMode::off) {
        // As [endpoint.tls] would be filled in where the profile has no TLS.
        plain.server_name = endpoint.address ? std::string() : endpoint.host;
        if (plain.server_name.ends_with('.')) {
            plain.server_name.pop_back();
        }
    }
    const std::string own = different_lines(tls, plain, [](const Key&) { return false; });
    if (own.empty()) {
        return base.tls.mode == TlsMode::off ? "tls = true\n" : "";
    }
    return "[endpoint.tls]\n" + own;
}

}  // namespace

std::string endpoint_entry(const Endpoint& endpoint) {
    const Endpoint base = filled_in(endpoint);
    std::vector<std::string_view> always{"name", "host"};
    if (shows_profile(endpoint)) {
        always.emplace_back("profile");
    }
    if (!is_port_of_profile(endpoint)) {
        always.emplace_back("port");
    }
    Endpoint shown = endpoint;
    // `tls` comes last, because it may be a table.
    shown.tls.mode = TlsMode::required;
    const std::string keys = different_lines(shown, base, [&always](const Key& key) {
        return std::ranges::find(always, key.name) != always.end();
    });
    return "[[endpoint]]\n" + keys + tls_text(endpoint, base);
}

Fault target_name_fault(std::string_view name) {
    return text_fault(Kind::name, name);
}

}  // namespace whylink::config
