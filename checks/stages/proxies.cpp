#include "checks/stages/proxies.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "config/address.hpp"
#include "config/dns_name.hpp"
#include "config/resolver_text.hpp"

namespace whylink::checks {
namespace {

using probes::ProxySetting;
using Settings = std::vector<const ProxySetting*>;

// ---- NO_PROXY ----

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    const std::size_t last = text.find_last_not_of(" \t");
    return first == std::string_view::npos ? std::string_view() : text.substr(first, last - first + 1);
}

std::vector<std::string_view> entries_of(std::string_view list) {
    std::vector<std::string_view> entries;
    while (!list.empty()) {
        const std::size_t end = list.find_first_of(", \t");
        if (const std::string_view entry = trimmed(list.substr(0, end)); !entry.empty()) {
            entries.push_back(entry);
        }
        list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    }
    return entries;
}

/// A block is compared with addresses only: no program resolves a name for it.
bool is_excepted_address(std::string_view entry, const IpAddress& address) {
    const auto block = Cidr::parse(entry);
    return block && block->contains(address);
}

bool is_excepted_name(std::string entry, std::string_view host) {
    entry = canonical_name(entry);
    if (entry.starts_with("*.")) {
        entry.erase(0, 1);
    }
    const std::string_view name =
        entry.starts_with('.') ? std::string_view(entry).substr(1) : std::string_view(entry);
    if (name.empty()) {
        return false;
    }
    return host == name ||
           (host.size() > name.size() && host.ends_with(name) && host[host.size() - name.size() - 1] == '.');
}

bool entry_excepts(std::string_view entry, std::string_view host, std::uint16_t port) {
    if (entry == "*") {
        return true;
    }
    const auto address = IpAddress::parse(host);
    if (address && is_excepted_address(entry, *address)) {
        return true;
    }
    const auto place = config::parse_host_port(entry);
    if (!place || (place->port && *place->port != port)) {
        return false;
    }
    return address ? is_excepted_address(place->host, *address) : is_excepted_name(place->host, host);
}

// ---- which programs ----

/// The ports at which a service without a configured application speaks HTTP as a rule.
constexpr std::array<std::uint16_t, 4> http_ports{80, 443, 8080, 8443};
/// ClickHouse's HTTP interface; its native protocol knows no proxy.
constexpr std::array<std::uint16_t, 4> clickhouse_http_ports{80, 443, 8123, 8443};

bool speaks_http(const config::Endpoint& endpoint) {
    const auto has = [&endpoint](const auto& ports) {
        return std::ranges::find(ports, endpoint.port) != ports.end();
    };
    switch (endpoint.app) {
        case config::App::http:
            return true;
        case config::App::clickhouse:
            return has(clickhouse_http_ports);
        case config::App::none:
            return has(http_ports);
        default:
            return false;
    }
}

// ---- the variables ----

bool is_called(std::string_view variable, std::string_view small) {
    return std::ranges::equal(variable, small, [](char one, char other) {
        return std::tolower(static_cast<unsigned char>(one)) == other;
    });
}

/// The last one that is set wins, as in a file that is read from top to bottom.
const ProxySetting* find_variable(const Settings& settings, std::string_view small) {
    const ProxySetting* found = nullptr;
    for (const ProxySetting* setting : settings) {
        if (is_called(setting->variable, small)) {
            found = setting;
        }
    }
    return found;
}

std::optional<ProxyUse> proxy_by(const Settings& settings, bool tls, std::string_view host,
                                 std::uint16_t port) {
    const ProxySetting* proxy = find_variable(settings, tls ? "https_proxy" : "http_proxy");
    if (proxy == nullptr) {
        proxy = find_variable(settings, "all_proxy");
    }
    if (proxy == nullptr || proxy->value.empty()) {
        return std::nullopt;
    }
    const ProxySetting* except = find_variable(settings, "no_proxy");
    if (except != nullptr && is_excepted(except->value, host, port)) {
        return std::nullopt;
    }
    return ProxyUse{proxy->value, proxy->variable, proxy->from};
}

bool is_of_systemd(const ProxySetting& setting) {
    return setting.from.find("/systemd/") != std::string::npos;
}

/// Go and most libraries except it without being told.
bool is_loopback(std::string_view host) {
    const auto address = IpAddress::parse(host);
    return host == "localhost" || host.ends_with(".localhost") ||
           (address && (address->is_v4() ? host.starts_with("127.") : host == "::1"));
}

}  // namespace

bool is_excepted(std::string_view no_proxy, std::string_view host, std::uint16_t port) {
    const std::vector<std::string_view> entries = entries_of(no_proxy);
    return std::ranges::any_of(entries,
                               [&](std::string_view entry) { return entry_excepts(entry, host, port); });
}

std::optional<ProxyUse> proxy_for(const config::Endpoint& endpoint, std::span<const ProxySetting> settings) {
    const std::string host = endpoint.address ? endpoint.address->to_string() : canonical_name(endpoint.host);
    if (settings.empty() || !speaks_http(endpoint) || is_loopback(host)) {
        return std::nullopt;
    }
    Settings of_login;
    Settings of_service;
    for (const ProxySetting& setting : settings) {
        (is_of_systemd(setting) ? of_service : of_login).push_back(&setting);
    }
    const bool tls = endpoint.tls.mode != config::TlsMode::off;
    auto use = proxy_by(of_login, tls, host, endpoint.port);
    return use ? use : proxy_by(of_service, tls, host, endpoint.port);
}

std::optional<ProxyUse> proxy_for(const config::Endpoint& endpoint, const Assessment& round) {
    return round.proxies == nullptr ? std::nullopt : proxy_for(endpoint, *round.proxies);
}

std::optional<ProxyUse> proxy_script_for(const config::Endpoint& endpoint, const Assessment& round) {
    const std::string host = endpoint.address ? endpoint.address->to_string() : canonical_name(endpoint.host);
    if (round.proxies == nullptr || !speaks_http(endpoint) || is_loopback(host) ||
        proxy_for(endpoint, round)) {
        return std::nullopt;
    }
    constexpr std::array<std::string_view, 4> scripts{"auto_proxy", "pac_url", "pac-url", "pac-script"};
    const auto names_a_script = [&scripts](const ProxySetting& setting) {
        return !setting.value.empty() && std::ranges::any_of(scripts, [&](std::string_view name) {
            return is_called(setting.variable, name);
        });
    };
    const auto found = std::ranges::find_if(*round.proxies, names_a_script);
    return found == round.proxies->end()
               ? std::nullopt
               : std::optional(ProxyUse{found->value, found->variable, found->from});
}

std::string proxy_text(const ProxyUse& use) {
    return use.proxy + " (" + use.variable +
           (use.from == "environment" ? " in the environment)" : " in " + use.from + ")");
}

}  // namespace whylink::checks
