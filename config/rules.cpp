#include "config/rules.hpp"

#include <algorithm>

#include "config/dns_name.hpp"
#include "config/duration.hpp"
#include "config/keys.hpp"
#include "config/messages.hpp"
#include "config/profiles.hpp"

namespace whylink::config {
namespace {

/// A key of [[account]] that not every provider has.
struct AccountKey {
    std::string_view name;
    std::vector<AccountProvider> providers;
};

const std::vector<AccountKey> account_keys{{"region", {AccountProvider::aws}},
                                           {"profile", {AccountProvider::aws}},
                                           {"credentials_file", {AccountProvider::aws, AccountProvider::gcp}},
                                           {"role_arn", {AccountProvider::aws}},
                                           {"subscription", {AccountProvider::azure}},
                                           {"tenant_id", {AccountProvider::azure}},
                                           {"client_id", {AccountProvider::azure}},
                                           {"client_secret_file", {AccountProvider::azure}},
                                           {"project", {AccountProvider::gcp}},
                                           {"key_id", {AccountProvider::clickhouse}},
                                           {"key_secret_file", {AccountProvider::clickhouse}},
                                           {"organization", {AccountProvider::clickhouse}}};

/// Judges one table that was read; positions are looked up by key.
class Rules {
  public:
    Rules(Source& source, Section section, Position at, const Table& table)
        : source_(source), section_(section), at_(at), table_(table) {}

    void endpoint(const Endpoint& endpoint) {
        port(endpoint);
        families(endpoint);
        expect_family(endpoint.expect, endpoint.family);
        resolvers();
        script(endpoint);
        public_host(endpoint);
        client_certificate(endpoint.tls);
        hold(endpoint);
    }

    void zone(const Zone& zone) {
        expect_family(zone.expect, zone.family);
        resolvers();
        known_labels(zone);
    }

    void watch(const Watch& watch) {
        if (find(table_, "port") != nullptr || watch.direction == Direction::outbound) {
            return;
        }
        // Without a valid direction there is no telling whether the port may be left out.
        const Member* direction = find(table_, "direction");
        if (direction == nullptr || found_text(direction->value) != toml_string(slug(Direction::inbound))) {
            return;
        }
        add(at_, name("port") + ": missing; an inbound watch needs a port from 1 to 65535, such as 8443");
    }

    void account(const Account& account) {
        const Member* provider = find(table_, "provider");
        // Without a valid provider there is no telling which keys are its own.
        if (provider == nullptr || found_text(provider->value) != toml_string(slug(account.provider))) {
            return;
        }
        for (const AccountKey& key : account_keys) {
            const bool is_own = std::ranges::find(key.providers, account.provider) != key.providers.end();
            if (!is_own && is_set(key.name)) {
                refuse(key.name,
                       "not a key of provider " + toml_string(slug(account.provider)) + "; remove it");
            }
        }
        if (account.provider == AccountProvider::clickhouse) {
            require("key_id", "the ID of the API key");
            require("key_secret_file", "the file with the secret of the API key");
        }
        if (!account.role_arn.empty() && !account.role_arn.starts_with("arn:")) {
            refuse("role_arn", "it does not start with \"arn:\"; use the ARN of the role");
        }
    }

    void resolvers() {
        const Array* entries = find_value<Array>(table_, "resolvers");
        if (entries == nullptr) {
            return;
        }
        if (entries->empty()) {
            return refuse("resolvers", "the list is empty; add at least one, such as \"system\"");
        }
        std::vector<Resolver> before;
        for (const Value& entry : *entries) {
            const auto* text = entry.as<std::string>();
            const auto resolver = text != nullptr ? Resolver::parse(*text) : std::nullopt;
            if (!resolver) {
                continue;
            }
            if (std::ranges::find(before, *resolver) != before.end()) {
                add(entry.at, name("resolvers") + ": " + toml_string(resolver->to_string()) +
                                  " is listed twice; remove one");
            }
            before.push_back(*resolver);
        }
    }

  private:
    void add(Position at, std::string message) { source_.problems.push_back({at, std::move(message)}); }

    /// At the key's value, or at the table when the key is not there.
    void refuse(std::string_view key, const std::string& what) {
        const Member* member = find(table_, key);
        add(member != nullptr ? member->value.at : at_, name(key) + ": " + what);
    }

    /// One that is there and wrong has been refused.
    void require(std::string_view key, const std::string& what) {
        if (!is_set(key)) {
            refuse(key, "missing; add " + what);
        }
    }

    bool is_set(std::string_view key) const {
        const Member* member = find(table_, key);
        return member != nullptr && found_text(member->value) != "\"\"";
    }

    std::string name(std::string_view key) const { return key_path(source_, section_, key); }

    /// What it would have filled in is not known, so that nothing is missing for certain.
    bool profile_was_refused(const Endpoint& endpoint) const {
        const Member* profile = find(table_, "profile");
        return endpoint.profile.empty() && profile != nullptr && found_text(profile->value) != "\"\"";
    }

    void port(const Endpoint& endpoint) {
        if (endpoint.port != 0 || find(table_, "port") != nullptr || profile_was_refused(endpoint)) {
            return;
        }
        const std::string why = endpoint.profile.empty()
                                    ? "no profile sets it"
                                    : "profile " + toml_string(endpoint.profile) + " has no default port";
        add(at_, name("port") + ": missing, and " + why + "; add a port from 1 to 65535, such as 443");
    }

    void families(const Endpoint& endpoint) {
        const auto excluded = [&](const IpAddress& address) {
            return endpoint.family == (address.is_v4() ? Family::ipv6 : Family::ipv4);
        };
        const std::string family = " contradicts family = " + toml_string(slug(endpoint.family));
        if (endpoint.address && excluded(*endpoint.address)) {
            refuse("host", endpoint.address->to_string() + family + "; change one of them");
        }
        const auto& from = endpoint.source_address;
        if (!from) {
            return;
        }
        if (excluded(*from)) {
            refuse("source_address", from->to_string() + family + "; change one of them");
        } else if (endpoint.address && endpoint.address->is_v4() != from->is_v4()) {
            refuse("source_address", from->to_string() + " and host " + endpoint.address->to_string() +
                                         " are of different families; use " +
                                         (from->is_v4() ? "an IPv6 address" : "an IPv4 address"));
        }
    }

    void expect_family(const std::vector<Cidr>& expect, Family family) {
        // The other way round is no contradiction: an address in 64:ff9b::/96 is judged by the IPv4 inside.
        const bool never =
            family == Family::ipv4 && !expect.empty() &&
            std::ranges::all_of(expect, [](const Cidr& block) { return block.base().is_v6(); });
        if (never) {
            refuse("expect",
                   "no IPv4 address or block, but family is \"ipv4\"; add one, such as \"10.0.0.0/24\"");
        }
    }

    void script(const Endpoint& endpoint) {
        const Member* script = find(table_, "expect_script");
        if (endpoint.app == App::expect && script == nullptr) {
            return refuse("app", "\"expect\" needs a script; add [[endpoint.expect_script]]");
        }
        if (script == nullptr) {
            return;
        }
        if (endpoint.app != App::expect) {
            add(script->at, name("expect_script") +
                                ": the script has no effect; set app = \"expect\", or remove the script");
        }
        const Array* steps = find_value<Array>(table_, "expect_script");
        if (steps == nullptr) {
            return;
        }
        if (steps->empty() && endpoint.app == App::expect) {
            add(script->value.at,
                name("expect_script") + ": the script is empty; add a step, such as { expect = \"OK\" }");
        }
        for (const Value& step : *steps) {
            const auto* line = step.as<Table>();
            if (line != nullptr && line->empty()) {
                add(step.at,
                    name("expect_script") + ": a step is empty; set \"send\", \"expect\" or \"starttls\"");
            }
        }
    }

    void public_host(const Endpoint& endpoint) {
        const std::string name = canonical_name(endpoint.public_host);
        if (!name.empty() && name == canonical_name(endpoint.host)) {
            refuse("public_host", "it is the same name as host; use the service's public name, or remove it");
        }
    }

    void client_certificate(const Tls& tls) {
        const auto* table = find_value<Table>(table_, "tls");
        if (table == nullptr) {
            return;
        }
        // A file that was refused is empty here too; that it is named is what counts.
        const auto named = [table](std::string_view key, const std::string& value) {
            const Member* file = find(*table, key);
            return !value.empty() || (file != nullptr && found_text(file->value) != "\"\"");
        };
        const bool cert = named("cert_file", tls.cert_file);
        const bool key = named("key_file", tls.key_file);
        if (cert == key) {
            return;
        }
        const std::string_view given = cert ? "cert_file" : "key_file";
        const std::string_view missing = cert ? "key_file" : "cert_file";
        add(find(*table, given)->value.at, key_path(source_, Section::tls, given) + ": " +
                                               std::string(missing) + " is missing; set both, or neither");
    }

    void hold(const Endpoint& endpoint) {
        const bool given = find(table_, "hold_interval") != nullptr;
        if (given && endpoint.hold && endpoint.hold_interval < 2 * *endpoint.hold) {
            refuse("hold_interval", "shorter than twice hold; use at least " +
                                        toml_string(format_duration(2 * *endpoint.hold)));
        }
    }

    void known_labels(const Zone& zone) {
        const Array* entries = find_value<Array>(table_, "known_labels");
        if (entries == nullptr || host_name_fault(zone.zone)) {
            return;
        }
        for (const Value& entry : *entries) {
            const auto* label = entry.as<std::string>();
            // A label that is faulty by itself has been reported.
            if (label == nullptr || text_fault(Kind::known_label, *label)) {
                continue;
            }
            if (const auto fault = host_name_fault(*label + "." + zone.zone)) {
                add(entry.at, name("known_labels") + ": " + found_text(entry) +
                                  " is not valid before the zone: " + *fault + "; use a shorter label");
            }
        }
    }

    Source& source_;
    Section section_;
    Position at_;
    const Table& table_;
};

/// The user's profile that the table names; none for the program's.
OwnProfile own_profile(const Source& source, const Table& table) {
    const auto* name = find_value<std::string>(table, "profile");
    const OwnProfile* own = name != nullptr ? find_own(source.own_profiles, *name) : nullptr;
    return own != nullptr ? *own : OwnProfile{};
}

/// Before the table is read: what it says wins.
void apply_profile(const Source& source, const Table& table, Endpoint& endpoint) {
    const auto* name = find_value<std::string>(table, "profile");
    endpoint.own_profile = own_profile(source, table);
    const Profile* profile = endpoint.own_profile.profile.get();
    if (profile == nullptr && name != nullptr) {
        profile = find_profile(*name);
    }
    if (profile == nullptr) {
        return;
    }
    if (!profile->ports.empty()) {
        endpoint.port = profile->ports.front();
    }
    endpoint.tls.mode = profile->tls ? TlsMode::required : TlsMode::off;
}

/// Once the port is known.
void apply_application(const Table& table, Endpoint& endpoint) {
    const Profile* profile = profile_of(endpoint);
    if (profile != nullptr && find(table, "app") == nullptr) {
        endpoint.app = app_at(*profile, endpoint.port);
    }
}

void fill_in(Endpoint& endpoint) {
    endpoint.address = IpAddress::parse(endpoint.host);
    if (endpoint.tls.mode == TlsMode::off) {
        return;
    }
    // RFC 6066 section 3: the name is sent without the trailing dot, and an address is not sent.
    std::string& name = endpoint.tls.server_name;
    if (name.empty() && !endpoint.address) {
        name = endpoint.host;
    }
    if (name.ends_with('.')) {
        name.pop_back();
    }
}

/// The slow interval follows a long `hold`, unless it is given.
void fill_in_hold(const Table& table, Endpoint& endpoint) {
    if (endpoint.hold && find(table, "hold_interval") == nullptr) {
        endpoint.hold_interval = std::max(endpoint.hold_interval, 2 * *endpoint.hold);
    }
}

}  // namespace

Endpoint read_endpoint(Source& source, Position at, const Table& table, const Common& defaults) {
    Endpoint endpoint;
    static_cast<Common&>(endpoint) = defaults;
    apply_profile(source, table, endpoint);
    read_table(source, at, table, endpoint);
    apply_application(table, endpoint);
    fill_in(endpoint);
    fill_in_hold(table, endpoint);
    endpoint.by_name.profile = !endpoint.address && find(table, "profile") == nullptr;
    endpoint.by_name.own_profiles = endpoint.by_name.profile ? source.kept_profiles : nullptr;
    Rules(source, Section::endpoint, at, table).endpoint(endpoint);
    return endpoint;
}

Zone read_zone(Source& source, Position at, const Table& table, const Common& defaults) {
    Zone zone;
    static_cast<Common&>(zone) = defaults;
    read_table(source, at, table, zone);
    Rules(source, Section::zone, at, table).zone(zone);
    return zone;
}

Watch read_watch(Source& source, Position at, const Table& table, const Common& defaults) {
    Watch watch;
    static_cast<Common&>(watch) = defaults;
    watch.own_profile = own_profile(source, table);
    read_table(source, at, table, watch);
    watch.interval = watch.window;
    Rules(source, Section::watch, at, table).watch(watch);
    return watch;
}

Account read_account(Source& source, Position at, const Table& table) {
    Account account;
    read_table(source, at, table, account);
    Rules(source, Section::account, at, table).account(account);
    return account;
}

void read_defaults(Source& source, Position at, const Table& table, Common& defaults) {
    read_table(source, at, table, defaults);
    Rules(source, Section::defaults, at, table).resolvers();
}

}  // namespace whylink::config
