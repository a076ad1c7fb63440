#include "config/target.hpp"

#include <memory>
#include <utility>

#include "config/pick_profile.hpp"
#include "config/profiles.hpp"
#include "config/resolver_text.hpp"
#include "config/rules.hpp"

namespace whylink::config {
namespace {

/// Makes the table that a config would have had.
class TableMaker {
  public:
    void text(std::string_view key, const std::string& value) {
        if (!value.empty()) {
            add(key, {{}, value});
        }
    }

    void list(std::string_view key, const std::vector<std::string>& values) {
        if (values.empty()) {
            return;
        }
        Array entries;
        for (const std::string& value : values) {
            entries.push_back({{}, value});
        }
        add(key, {{}, std::move(entries)});
    }

    void add(std::string_view key, Value value) {
        table_.push_back({std::string(key), {}, std::move(value)});
    }

    Table take() { return std::move(table_); }

  private:
    Table table_;
};

TargetErrors messages(const std::vector<Problem>& problems) {
    TargetErrors result;
    for (const Problem& problem : problems) {
        result.push_back(problem.message);
    }
    return result;
}

Value tls_value(const EndpointOptions& options) {
    if (options.tls && !*options.tls) {
        return {{}, false};
    }
    TableMaker tls;
    tls.text("server_name", options.server_name);
    tls.text("ca_file", options.ca_file);
    return {{}, tls.take()};
}

Table endpoint_table(const EndpointOptions& options, const HostPort& target, const std::string& profile) {
    TableMaker table;
    // A placeholder: the target itself may be longer than a name.
    table.text("name", "target");
    table.add("host", {{}, target.host});
    if (target.port) {
        table.add("port", {{}, std::int64_t{*target.port}});
    }
    table.text("profile", profile);
    table.list("expect", options.expect);
    table.list("resolvers", options.resolvers);
    table.text("app", options.app);
    table.text("proxy_protocol", options.proxy_protocol);
    table.text("timeout", options.timeout);
    table.text("hold", options.hold);
    table.add("tls", tls_value(options));
    return table.take();
}

constexpr std::string_view no_profile = "none";

bool asks_for_tls(const EndpointOptions& options, const Endpoint& endpoint) {
    if (options.tls) {
        return *options.tls;
    }
    const Profile* profile = profile_of(endpoint);
    return profile != nullptr && profile->tls && (is_of_a_service(*profile) || !options.profile.empty());
}

/// The first of the names that has one.
std::string picked_profile(const EndpointOptions& options, const std::string& host) {
    std::vector<std::string> names{host};
    names.insert(names.end(), options.chain.begin(), options.chain.end());
    for (const std::string& name : names) {
        if (const Profile* profile = pick_profile(name, options.own_profiles).profile) {
            return profile->name;
        }
    }
    return {};
}

ByName by_name(const EndpointOptions& options, const Endpoint& endpoint) {
    ByName by;
    if (endpoint.address) {
        return by;
    }
    by.profile = options.profile.empty();
    by.private_space = !endpoint.private_space;
    by.tls = by.profile && !options.tls;
    by.app = by.profile && options.app.empty();
    if (by.profile && !options.own_profiles.empty()) {
        by.own_profiles = std::make_shared<const std::vector<OwnProfile>>(options.own_profiles);
    }
    return by;
}

}  // namespace

std::variant<Endpoint, TargetErrors> endpoint_for(const EndpointOptions& options) {
    const auto target = parse_host_port(options.target);
    if (!target) {
        return TargetErrors{found_text({{}, options.target}) +
                            " is not a target; use HOST:PORT, such as db.example.com:9440 or [fd00::4]:9440"};
    }
    std::vector<Problem> problems;
    Source source{{}, system_files(), problems, false, options.own_profiles};
    const std::string profile = options.profile.empty()         ? picked_profile(options, target->host)
                                : options.profile == no_profile ? std::string{}
                                                                : options.profile;
    Endpoint endpoint = read_endpoint(source, {}, endpoint_table(options, *target, profile), Common{});
    if (!problems.empty()) {
        return messages(problems);
    }
    endpoint.name = options.target;
    endpoint.private_space = !profile.empty() || !options.expect.empty();
    if (endpoint.tls.mode != TlsMode::off && !asks_for_tls(options, endpoint)) {
        endpoint.tls.mode = TlsMode::attempt;
    }
    endpoint.by_name = by_name(options, endpoint);
    return endpoint;
}

std::variant<Zone, TargetErrors> zone_for(const ZoneOptions& options) {
    TableMaker table;
    table.text("name", "target");
    table.add("zone", {{}, options.zone});
    table.list("expect", options.expect);
    table.list("resolvers", options.resolvers);
    table.list("known_labels", options.known_labels);
    if (options.random_labels) {
        table.add("random_labels", {{}, std::int64_t{*options.random_labels}});
    }
    table.text("timeout", options.timeout);

    std::vector<Problem> problems;
    Source source{{}, system_files(), problems, false};
    Zone zone = read_zone(source, {}, table.take(), Common{});
    if (!problems.empty()) {
        return messages(problems);
    }
    zone.name = options.zone;
    return zone;
}

}  // namespace whylink::config
