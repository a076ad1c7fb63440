#include "daemon/round/dns_stage.hpp"

#include <algorithm>
#include <utility>

#include "config/dns_name.hpp"
#include "probes/dns/dns.hpp"
#include "probes/dns/paired.hpp"
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

/// What a probe cannot know by itself.
struct Beside {
    bool no_nameserver = false;
    std::vector<IpAddress> hosts_file;
    std::optional<probes::LookupOptions> options;
};

asio::awaitable<void> ask_one(probes::DnsProbe probe, bool one_socket, Beside beside, Observation& result) {
    // Not as a conditional expression: what GCC 12 makes of an await in one destroys its result twice.
    if (one_socket) {
        result = co_await probes::probe_pair(std::move(probe));
    } else {
        result = co_await probes::probe_dns(std::move(probe));
    }
    if (auto* facts = get_if<DnsFacts>(&result.facts)) {
        facts->no_nameserver = beside.no_nameserver;
        facts->hosts_file = std::move(beside.hosts_file);
        facts->options = std::move(beside.options);
    }
}

/// The first silence is over soon enough for what is sent after it to be answered.
std::chrono::milliseconds retransmit_of(std::chrono::milliseconds timeout) {
    return std::min<std::chrono::milliseconds>(std::chrono::seconds(1), timeout / 3);
}

probes::DnsProbe probe_of(const Question& question, const ResolverAddress& resolver,
                          const config::Common& common) {
    probes::DnsProbe probe;
    probe.name = question.name;
    probe.role = question.role;
    probe.resolver = resolver.address;
    probe.resolver_port = resolver.port;
    probe.resolver_scope = resolver.scope;
    probe.from_system = resolver.from_system;
    probe.timeout = common.timeout;
    probe.retransmit = retransmit_of(common.timeout);
    probe.way = question.way;
    return probe;
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

/// Of each family: a reply has room for thousands of addresses, and the kernel is asked for each.
constexpr std::size_t max_route_questions = 16;

bool is_special(const IpAddress& address) {
    return address_space(address) == AddressSpace::special;
}

/// Whether what the hosts file gives for the endpoint's name is there on purpose.
bool is_meant(const config::Endpoint& endpoint, NameFrom from) {
    return from == NameFrom::user && !endpoint.private_space && endpoint.expect.empty();
}

std::vector<IpAddress> own_answers(const std::vector<Observation>& observations) {
    std::vector<IpAddress> own;
    for (const Observation& observation : observations) {
        const auto* facts = get_if<DnsFacts>(&observation.facts);
        if (facts == nullptr) {
            continue;
        }
        for (const probes::DnsQuery& query : facts->queries) {
            for (const probes::DnsAnswer& answer : query.answers) {
                if (answer.own) {
                    own.push_back(answer.address);
                }
            }
        }
    }
    std::ranges::sort(own);
    return own;
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
    const probes::LookupOptions options =
        uses_system ? probes::lookup_options(files.resolv_conf) : probes::LookupOptions();
    const std::string services = uses_system ? probes::lookup_services(files.nsswitch_conf) : std::string();
    std::vector<Observation> observations;
    // The tasks hold references to its elements.
    observations.reserve(questions.size() * (resolvers.size() + 1));
    std::vector<asio::awaitable<void>> tasks;
    for (const Question& question : questions) {
        const std::vector<RecordType> asked = question.type ? std::vector{*question.type} : types;
        const std::vector<IpAddress> hosts = hosts_entry(question.name, asked, files);
        if (uses_system && !hosts.empty()) {
            observations.push_back(hosts_observation(question, asked, hosts));
        }
        probes::LookupOptions of_name = options;
        of_name.ends_at = probes::lookup_ends_at(question.name, services);
        for (const ResolverAddress& resolver : resolvers) {
            probes::DnsProbe probe = probe_of(question, resolver, common);
            probe.types = asked;
            probe.way.over_tcp = probe.way.over_tcp || (resolver.from_system && options.use_vc);
            if (capture != nullptr) {
                capture->about_to_ask(resolver);
                probe.tap = &capture->tap;
                probe.flows = &capture->flows;
            }
            Beside beside{resolver.assumed, hosts, {}};
            if (resolver.from_system) {
                beside.options = of_name;
            }
            tasks.push_back(ask_one(std::move(probe), question.one_socket, std::move(beside),
                                    observations.emplace_back()));
        }
    }
    co_await probes::gather(std::move(tasks));
    co_return observations;
}

std::vector<IpAddress> addresses_to_try(const std::vector<Observation>& observations, config::Family family,
                                        const std::function<bool(const IpAddress&)>& has_route) {
    std::vector<IpAddress> addresses;
    for (const Observation& observation : observations) {
        const auto* facts = get_if<DnsFacts>(&observation.facts);
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
            std::size_t asked = 0;
            return std::ranges::any_of(addresses, [&](const IpAddress& address) {
                return address.is_v4() == v4 && asked++ < max_route_questions && has_route(address);
            });
        };
        const bool v4 = reachable(true);
        const bool v6 = reachable(false);
        if (v4 != v6) {
            std::erase_if(addresses, [&](const IpAddress& address) { return address.is_v4() != v4; });
        }
    }
    return addresses;
}

void mark_own_answers(std::vector<Observation>& observations, const config::Endpoint& endpoint, NameFrom from,
                      const std::function<bool(const IpAddress&)>& is_own) {
    for (Observation& observation : observations) {
        auto* facts = get_if<DnsFacts>(&observation.facts);
        if (facts == nullptr || facts->role != probes::NameRole::host) {
            continue;
        }
        const bool by_file = facts->source == NameSource::hosts_file;
        if (by_file && is_meant(endpoint, from)) {
            continue;
        }
        for (probes::DnsQuery& query : facts->queries) {
            for (probes::DnsAnswer& answer : query.answers) {
                const bool borrowed = by_file && from == NameFrom::dns && is_special(answer.address);
                answer.own =
                    !contains(endpoint.expect, answer.address) && (borrowed || is_own(answer.address));
            }
        }
    }
}

void leave_out_special(std::vector<IpAddress>& addresses, const std::vector<Observation>& observations,
                       const config::Endpoint& endpoint, NameFrom from) {
    const auto is_on_purpose = [&](const IpAddress& address) {
        return is_meant(endpoint, from) &&
               std::ranges::any_of(observations, [&](const Observation& observation) {
                   const auto* facts = get_if<DnsFacts>(&observation.facts);
                   return facts != nullptr && facts->source == NameSource::hosts_file &&
                          std::ranges::find(facts->hosts_file, address) != facts->hosts_file.end();
               });
    };
    const std::vector<IpAddress> own = own_answers(observations);
    std::erase_if(addresses, [&](const IpAddress& address) {
        const bool wrong = is_special(address) || std::ranges::binary_search(own, address);
        return wrong && !contains(endpoint.expect, address) && !is_on_purpose(address);
    });
}

void leave_out_surplus(std::vector<IpAddress>& addresses, const config::Endpoint& endpoint) {
    if (addresses.size() <= max_addresses) {
        return;
    }
    std::ranges::stable_partition(
        addresses, [&](const IpAddress& address) { return contains(endpoint.expect, address); });
    addresses.resize(max_addresses);
    std::ranges::sort(addresses);
}

}  // namespace whylink::daemon
