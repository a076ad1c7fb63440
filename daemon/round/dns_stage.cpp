#include "daemon/round/dns_stage.hpp"

#include <algorithm>
#include <utility>

#include "config/dns_name.hpp"
#include "probes/dns/dns.hpp"
#include "probes/dns/system_resolver.hpp"
#include "probes/gather.hpp"

namespace whylink::daemon {
namespace {

using probes::DnsFacts;
using probes::NameSource;
using probes::Observation;
using probes::RecordType;

std::vector<RecordType> types_of(config::Family family) {
    switch (family) {
        case config::Family::ipv4:
            return {RecordType::a};
        case config::Family::ipv6:
            return {RecordType::aaaa};
        case config::Family::any:
            break;
    }
    return {RecordType::a, RecordType::aaaa};
}

RecordType type_of(const IpAddress& address) {
    return address.is_v4() ? RecordType::a : RecordType::aaaa;
}

void add(std::vector<ResolverAddress>& resolvers, const ResolverAddress& resolver) {
    for (ResolverAddress& known : resolvers) {
        if (known.address == resolver.address && known.port == resolver.port &&
            known.scope == resolver.scope) {
            known.from_system = known.from_system && resolver.from_system;
            known.assumed = known.assumed && resolver.assumed;
            return;
        }
    }
    resolvers.push_back(resolver);
}

/// What the hosts file gives for a name, as far as the family is asked for: a lookup of the other family
/// passes the file's entry by.
std::vector<IpAddress> hosts_entry(const std::string& name, const std::vector<RecordType>& types,
                                   const SystemFiles& files) {
    std::vector<IpAddress> addresses = probes::hosts_file_addresses(name, files.hosts_file);
    std::erase_if(addresses, [&](const IpAddress& address) {
        return std::ranges::find(types, type_of(address)) == types.end();
    });
    return addresses;
}

Observation hosts_observation(const Question& question, const std::vector<RecordType>& types,
                              const std::vector<IpAddress>& addresses) {
    DnsFacts facts;
    facts.name = canonical_name(question.name);
    facts.role = question.role;
    facts.source = NameSource::hosts_file;
    facts.from_system = true;
    facts.hosts_file = addresses;
    for (const RecordType type : types) {
        probes::DnsQuery query;
        query.type = type;
        query.rcode = 0;
        for (const IpAddress& address : addresses) {
            if (type_of(address) == type) {
                query.answers.push_back({address, 0});
            }
        }
        facts.queries.push_back(std::move(query));
    }
    Observation observation;
    observation.started = probes::WallClock::now();
    observation.facts = std::move(facts);
    return observation;
}

asio::awaitable<void> ask_one(probes::DnsProbe probe, bool no_nameserver, std::vector<IpAddress> hosts,
                              Observation& result) {
    result = co_await probes::probe_dns(std::move(probe));
    if (auto* facts = std::get_if<DnsFacts>(&result.facts)) {
        facts->no_nameserver = no_nameserver;
        facts->hosts_file = std::move(hosts);
    }
}

void add_answers(const DnsFacts& facts, std::vector<IpAddress>& addresses) {
    for (const probes::DnsQuery& query : facts.queries) {
        for (const probes::DnsAnswer& answer : query.answers) {
            addresses.push_back(answer.address);
        }
    }
}

/// What applications do not get, because the hosts file comes first.
bool is_shadowed(const DnsFacts& facts) {
    return facts.source == NameSource::resolver && facts.from_system && !facts.hosts_file.empty();
}

}  // namespace

std::vector<ResolverAddress> expand_resolvers(const std::vector<config::Resolver>& resolvers,
                                              const SystemFiles& files) {
    std::vector<ResolverAddress> result;
    for (const config::Resolver& resolver : resolvers) {
        if (!resolver.system) {
            add(result, {resolver.address, resolver.port, 0, false});
            continue;
        }
        for (const probes::SystemResolver& server : probes::system_resolvers(files.resolv_conf)) {
            add(result, {server.address, server.port, server.scope, true, server.assumed});
        }
    }
    return result;
}

asio::awaitable<std::vector<Observation>> ask(std::vector<Question> questions, const config::Common& common,
                                              config::Family family, const SystemFiles& files,
                                              DnsCapture* capture) {
    const std::vector<RecordType> types = types_of(family);
    const std::vector<ResolverAddress> resolvers = expand_resolvers(common.resolvers, files);
    const bool uses_system = std::ranges::any_of(common.resolvers, &config::Resolver::system);
    std::vector<Observation> observations;
    // The tasks hold references to its elements.
    observations.reserve(questions.size() * (resolvers.size() + 1));
    std::vector<asio::awaitable<void>> tasks;
    for (const Question& question : questions) {
        const std::vector<IpAddress> hosts = hosts_entry(question.name, types, files);
        if (uses_system && !hosts.empty()) {
            observations.push_back(hosts_observation(question, types, hosts));
        }
        for (const ResolverAddress& resolver : resolvers) {
            probes::DnsProbe probe;
            probe.name = question.name;
            probe.role = question.role;
            probe.resolver = resolver.address;
            probe.resolver_port = resolver.port;
            probe.resolver_scope = resolver.scope;
            probe.from_system = resolver.from_system;
            probe.types = types;
            probe.timeout = common.timeout;
            if (capture != nullptr) {
                capture->about_to_ask(resolver);
                probe.tap = &capture->tap;
                probe.flows = &capture->flows;
            }
            tasks.push_back(ask_one(std::move(probe), resolver.assumed, hosts, observations.emplace_back()));
        }
    }
    co_await probes::gather(std::move(tasks));
    co_return observations;
}

std::vector<IpAddress> addresses_to_try(const std::vector<Observation>& observations, config::Family family,
                                        const std::function<bool(const IpAddress&)>& has_route) {
    std::vector<IpAddress> addresses;
    for (const Observation& observation : observations) {
        const auto* facts = std::get_if<DnsFacts>(&observation.facts);
        if (facts != nullptr && facts->role == probes::NameRole::host && !is_shadowed(*facts)) {
            add_answers(*facts, addresses);
        }
    }
    std::ranges::sort(addresses);
    // Of std::ranges::unique() clang 14 cannot read what it returns.
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    const bool both = std::ranges::any_of(addresses, &IpAddress::is_v4) &&
                      std::ranges::any_of(addresses, &IpAddress::is_v6);
    if (family == config::Family::any && both) {
        const auto reachable = [&](bool v4) {
            return std::ranges::any_of(addresses, [&](const IpAddress& address) {
                return address.is_v4() == v4 && has_route(address);
            });
        };
        const bool v4 = reachable(true);
        const bool v6 = reachable(false);
        if (v4 != v6) {
            std::erase_if(addresses, [&](const IpAddress& address) { return address.is_v4() != v4; });
        }
    }
    if (addresses.size() > max_addresses) {
        addresses.resize(max_addresses);
    }
    return addresses;
}

}  // namespace whylink::daemon
