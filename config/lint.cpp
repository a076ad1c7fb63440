#include "config/lint.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "config/capacity.hpp"
#include "config/dns_name.hpp"
#include "config/duration.hpp"
#include "config/profiles.hpp"

namespace whylink::config {
namespace {

/// What is wrong, and at which key of the target's table; at its header where the key is not there.
struct Finding {
    std::string_view key;
    std::string message;  ///< without the key
};
using Findings = std::optional<Finding>;

// ---- names ----

/// An endpoint service's name or a service alias is what an endpoint is made with: neither is in DNS.
std::string service_name_fault(const std::string& name) {
    const std::string host = canonical_name(name);
    // https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
    if (host.starts_with("com.amazonaws.")) {
        return "is an AWS endpoint service name, not a DNS name; use the DNS name of your endpoint, such "
               "as \"vpce-0a1b-2c3d.vpce-svc-4e5f.us-west-2.vpce.amazonaws.com\"";
    }
    // https://learn.microsoft.com/azure/private-link/private-link-service-overview
    if (host.ends_with(".azure.privatelinkservice")) {
        return "is an Azure Private Link Service alias, not a DNS name; use the address of your private "
               "endpoint, such as \"10.0.0.4\"";
    }
    return {};
}

/// `host`: the name, or one that stands for all of its zone.
Findings doubled_cloud(std::string_view key, const std::string& name, const std::string& host) {
    if (!canonical_name(host).ends_with(".cloud.cloud")) {
        return std::nullopt;
    }
    return Finding{
        key, toml_string(name) +
                 " ends in \".cloud.cloud\", a mistake in ClickHouse's documentation; remove one \".cloud\""};
}

/// Why nobody but the inside of a private network has an address for the name; empty where nothing says so.
std::string private_name_reason(const std::string& name) {
    const std::string host = canonical_name(name);
    if (const Profile* profile = profile_for_host(host)) {
        return "a private name of " + profile->title;
    }
    return host.find(".privatelink.") != std::string::npos || host.starts_with("privatelink.")
               ? "a Private Link name"
               : "";
}

Findings unjudged_private_name(const std::string& host) {
    const std::string reason = private_name_reason(host);
    if (reason.empty()) {
        return std::nullopt;
    }
    return Finding{"private", "false for " + reason + ": a public address in DNS goes unnoticed; remove it"};
}

// ---- times ----

/// A stage that takes its whole time-out is still under way when the next round is due, so that rounds are left out just
/// when something fails.
Findings timeout_over_interval(const Common& common, const Table& table) {
    if (common.timeout <= common.interval) {
        return std::nullopt;
    }
    const std::string_view key = find(table, "timeout") != nullptr ? "timeout" : "interval";
    return Finding{key, "timeout " + format_duration(common.timeout) + " is longer than interval " +
                            format_duration(common.interval) +
                            ", so a timeout makes the daemon skip rounds; use a timeout of at most " +
                            toml_string(format_duration(common.interval))};
}

bool sets_times(const TablePlace& place) {
    return place.table != nullptr &&
           (find(*place.table, "timeout") != nullptr || find(*place.table, "interval") != nullptr);
}

// ---- endpoints ----

bool is_adobe_commerce(const Endpoint& endpoint) {
    const Profile* profile = profile_of(endpoint);
    const auto named = [](std::string_view name) { return name.starts_with("adobe-commerce-"); };
    return profile != nullptr ? named(profile->name) || named(profile->extends) : named(endpoint.profile);
}

/// https://experienceleague.adobe.com/docs/commerce-cloud-service/user-guide/develop/privatelink-service.html
Findings adobe_commerce_port(const Endpoint& endpoint) {
    if (!is_adobe_commerce(endpoint) || (endpoint.port != 443 && endpoint.port != 22)) {
        return std::nullopt;
    }
    const std::string what =
        endpoint.port == 22 ? "22: Adobe Commerce offers no SSH" : "443: Adobe Commerce offers no HTTPS";
    const std::string instead =
        endpoint.port == 22 ? "use the SFTP port agreed with Adobe, such as 2222" : "use port 80";
    return Finding{"port", what + " over a private link; this check always fails; " + instead};
}

Findings service_name_as_host(const Endpoint& endpoint) {
    const std::string fault = service_name_fault(endpoint.host);
    return fault.empty() ? std::nullopt : Findings(Finding{"host", toml_string(endpoint.host) + " " + fault});
}

Findings doubled_cloud_in_host(const Endpoint& endpoint) {
    return doubled_cloud("host", endpoint.host, endpoint.host);
}

Findings doubled_cloud_in_public_host(const Endpoint& endpoint) {
    return doubled_cloud("public_host", endpoint.public_host, endpoint.public_host);
}

Findings private_name_unjudged(const Endpoint& endpoint) {
    return endpoint.private_space || endpoint.address ? std::nullopt : unjudged_private_name(endpoint.host);
}

/// https://dev.mysql.com/doc/refman/8.0/en/host-cache.html
Findings plain_probe_of_mysql(const Endpoint& endpoint) {
    if (app_by_port(endpoint.port) != App::mysql || endpoint.app != App::none) {
        return std::nullopt;
    }
    return Finding{
        "port",
        "3306 without app = \"mysql\", so the check does not see whether MySQL serves; set app = \"mysql\""};
}

Findings hold_of_mysql(const Endpoint& endpoint) {
    if (!endpoint.hold || (endpoint.app != App::mysql && app_by_port(endpoint.port) != App::mysql)) {
        return std::nullopt;
    }
    return Finding{
        "hold",
        "MySQL ends a connection without login after connect_timeout (10 s), so the test shows nothing; "
        "remove hold"};
}

using EndpointLint = Findings (*)(const Endpoint&);
constexpr std::array<EndpointLint, 7> endpoint_lints{
    service_name_as_host, doubled_cloud_in_host, doubled_cloud_in_public_host,
    adobe_commerce_port,  private_name_unjudged, plain_probe_of_mysql,
    hold_of_mysql};

// ---- zones ----

Findings doubled_cloud_in_zone(const Zone& zone) {
    return doubled_cloud("zone", zone.zone, "any." + zone.zone);
}

Findings private_zone_unjudged(const Zone& zone) {
    // Profiles know hosts: one of the zone stands for all.
    return zone.private_space ? std::nullopt : unjudged_private_name("any." + zone.zone);
}

using ZoneLint = Findings (*)(const Zone&);
constexpr std::array<ZoneLint, 2> zone_lints{doubled_cloud_in_zone, private_zone_unjudged};

// ---- a zone and its endpoints ----

bool overlap(const Cidr& one, const Cidr& other) {
    return one.contains(other.base()) || other.contains(one.base());
}

/// The first block of `some` that has nothing in common with `others`, as far as these say anything of its
/// family.
std::optional<Cidr> missing_from(const std::vector<Cidr>& others, const std::vector<Cidr>& some) {
    for (const Cidr& block : some) {
        const bool judged = std::ranges::any_of(
            others, [&](const Cidr& other) { return other.base().is_v4() == block.base().is_v4(); });
        if (judged &&
            std::ranges::none_of(others, [&](const Cidr& other) { return overlap(block, other); })) {
            return block;
        }
    }
    return std::nullopt;
}

/// By their canonical names; the first of those that are the same.
using ZonesByName = std::map<std::string, const PlacedTarget*>;

ZonesByName by_name(std::span<const PlacedTarget> targets) {
    ZonesByName result;
    for (const PlacedTarget& placed : targets) {
        if (const Zone* zone = placed.target->zone()) {
            result.emplace(canonical_name(zone->zone), &placed);
        }
    }
    return result;
}

/// The innermost of the zones that the host lies in, or null.
const PlacedTarget* zone_of(const Endpoint& endpoint, const ZonesByName& zones) {
    std::string name = endpoint.address ? std::string() : canonical_name(endpoint.host);
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
        name.erase(0, dot + 1);
        if (const auto found = zones.find(name); found != zones.end()) {
            return found->second;
        }
    }
    return nullptr;
}

Findings expect_differs(const Endpoint& endpoint, const Zone& zone, const std::string& place) {
    const std::string of_zone = "zone " + toml_string(zone.name) + " (" + place + ")";
    const std::string rule = ", but a wildcard gives every name the same addresses; correct one of the two";
    if (const auto block = missing_from(zone.expect, endpoint.expect)) {
        return Finding{"expect", block->to_string() + " is not in expect of " + of_zone + rule};
    }
    if (const auto block = missing_from(endpoint.expect, zone.expect)) {
        return Finding{"expect", block->to_string() + " of " + of_zone + " is missing" + rule};
    }
    return std::nullopt;
}

// ---- all targets ----

Findings overload(std::span<const PlacedTarget> placed, const Daemon& daemon) {
    std::vector<TargetPtr> targets;
    std::ranges::transform(placed, std::back_inserter(targets), &PlacedTarget::target);
    const Load load = worst_load(targets);
    if (!load.exceeds(daemon.max_concurrent)) {
        return std::nullopt;
    }
    return Finding{"max_concurrent", std::to_string(daemon.max_concurrent) +
                                         " is too low if everything times out (" + load_text(load) +
                                         "); use " + std::to_string(load.needed())};
}

// ---- all together ----

std::string section_of(const Target& target) {
    return std::string(slug(target.kind())) + ".";
}

std::string where(const TablePlace& place) {
    return place.file + ":" + std::to_string(place.at.line);
}

/// `section`: what a path begins with, "endpoint.".
void add(std::vector<Error>& warnings, const TablePlace& place, const std::string& section,
         const Findings& finding) {
    if (!finding) {
        return;
    }
    const Member* member = place.table == nullptr ? nullptr : find(*place.table, finding->key);
    const Position at = member != nullptr ? member->value.at : place.at;
    warnings.push_back(
        {place.file, at.line, at.column, section + std::string(finding->key) + ": " + finding->message});
}

// ---- keys ----

/// The files of keys, each once: many endpoints may share one.
class KeyFiles {
  public:
    explicit KeyFiles(const Files& files) : files_(files) {}

    Findings exposed(const std::string& file) {
        if (file.empty() || !seen_.insert(file).second) {
            return std::nullopt;
        }
        const std::optional<std::string> exposure = files_.exposure(file);
        if (!exposure) {
            return std::nullopt;
        }
        return Finding{"key_file", toml_string(file) + ": " + *exposure +
                                       "; run `chown root:whylink` and `chmod 0640` on it"};
    }

  private:
    const Files& files_;
    std::set<std::string> seen_;
};

/// That of [endpoint.tls], or `tls = { … }`; likewise of [daemon].
TablePlace tls_place(const TablePlace& owner) {
    const Member* tls = owner.table == nullptr ? nullptr : find(*owner.table, "tls");
    const auto* table = tls == nullptr ? nullptr : tls->value.as<Table>();
    return table == nullptr ? owner : TablePlace{owner.file, tls->value.at, table};
}

}  // namespace

std::vector<Error> lint(std::span<const PlacedTarget> targets, const PlacedDefaults& defaults,
                        const PlacedDaemon& daemon, const Files& files) {
    std::vector<Error> warnings;
    KeyFiles keys(files);
    add(warnings, daemon.place, "daemon.", overload(targets, daemon.values));
    add(warnings, tls_place(daemon.place), "daemon.tls.", keys.exposed(daemon.values.tls.key_file));
    if (sets_times(defaults.place)) {
        add(warnings, defaults.place, "defaults.",
            timeout_over_interval(defaults.values, *defaults.place.table));
    }
    const ZonesByName zones = by_name(targets);
    for (const PlacedTarget& placed : targets) {
        // What comes from [defaults] is said there, once. The interval of a watch is its window, and nothing times out.
        if (placed.target->watch() == nullptr && sets_times(placed.place)) {
            add(warnings, placed.place, section_of(*placed.target),
                timeout_over_interval(placed.target->head(), *placed.place.table));
        }
        if (const Endpoint* endpoint = placed.target->endpoint()) {
            for (const EndpointLint check : endpoint_lints) {
                add(warnings, placed.place, "endpoint.", check(*endpoint));
            }
            add(warnings, tls_place(placed.place), "endpoint.tls.", keys.exposed(endpoint->tls.key_file));
            if (const PlacedTarget* zone = zone_of(*endpoint, zones)) {
                add(warnings, placed.place, "endpoint.",
                    expect_differs(*endpoint, *zone->target->zone(), where(zone->place)));
            }
        }
        if (const Zone* zone = placed.target->zone()) {
            for (const ZoneLint check : zone_lints) {
                add(warnings, placed.place, "zone.", check(*zone));
            }
        }
    }
    return warnings;
}

namespace {

/// The probing program opens connections to whatever it is told to and must not hold a key of a cloud.
Findings readable_secret(std::string_view key, const std::string& file, const Files& files) {
    if (file.find('/') == std::string::npos) {
        return std::nullopt;  // a credential of systemd: of the reader's unit alone
    }
    const std::optional<std::string> reader = files.readable_by_prober(file);
    if (!reader) {
        return std::nullopt;
    }
    return Finding{
        key,
        toml_string(file) + ": " + *reader +
            ", but only whylink-control needs it; run `chown root:whylink-control` and `chmod 0640` on it"};
}

Findings unread_provider(const Account& account) {
    if (account.provider != AccountProvider::gcp) {
        return std::nullopt;
    }
    return Finding{"provider", "\"gcp\" is not read yet; the diagnosis does not use this account"};
}

}  // namespace

std::vector<Error> lint_accounts(std::span<const PlacedAccount> accounts, const Files& files) {
    std::vector<Error> warnings;
    for (const auto& [account, place] : accounts) {
        add(warnings, place, "account.", unread_provider(account));
        add(warnings, place, "account.",
            readable_secret("credentials_file", account.credentials_file, files));
        add(warnings, place, "account.",
            readable_secret("client_secret_file", account.client_secret_file, files));
        add(warnings, place, "account.", readable_secret("key_secret_file", account.key_secret_file, files));
    }
    return warnings;
}

}  // namespace whylink::config
