#include "checks/followups/plan_queries.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "checks/followups/srv_services.hpp"
#include "checks/stages/dns/dns.hpp"
#include "config/dns_name.hpp"
#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::FollowUp;

/// Of the names that the search list makes.
constexpr std::size_t max_search_names = 2;

/// The cloud's own resolver, which knows the private zones that are linked to the network.
std::optional<IpAddress> cloud_resolver(const config::Profile* profile) {
    switch (profile == nullptr ? config::Provider::generic : profile->provider) {
        case config::Provider::aws:
            return IpAddress::v4({169, 254, 169, 253});
        case config::Provider::azure:
            return IpAddress::v4({168, 63, 129, 16});
        case config::Provider::gcp:
            return IpAddress::v4({169, 254, 169, 254});
        case config::Provider::generic:
            break;
    }
    return std::nullopt;
}

class QueryPlanner {
  public:
    QueryPlanner(const QueryPlanning& planning, std::vector<PlannedFollowUp>& plan)
        : planning_(planning), plan_(plan), host_(canonical_name(planning.endpoint.host)) {}

    bool add(FollowUp kind) {
        switch (kind) {
            case FollowUp::other_resolver:
                add_other_resolvers();
                return true;
            case FollowUp::sibling_label:
                add_sibling_label();
                return true;
            case FollowUp::public_name:
                add_public_name();
                return true;
            case FollowUp::srv_name:
                add_srv_names();
                return true;
            case FollowUp::dns_over_tcp:
                add_query(kind, host_).over_tcp = true;
                return true;
            case FollowUp::checking_disabled:
                add_unchecked();
                return true;
            case FollowUp::repeat_query:
                add_repeat();
                return true;
            case FollowUp::paired_queries:
                add_pair();
                return true;
            case FollowUp::search_name:
                add_search_names();
                return true;
            default:
                return false;
        }
    }

  private:
    PlannedFollowUp& add_query(FollowUp kind, std::string name,
                               std::optional<config::Resolver> resolver = std::nullopt) {
        PlannedFollowUp& plan = plan_.emplace_back();
        plan.kind = kind;
        plan.name = std::move(name);
        plan.resolver = resolver;
        return plan;
    }

    template <class Predicate>
    bool any_counted(Predicate is_so) const {
        return std::ranges::any_of(counted_names(planning_.round.probes), is_so);
    }

    bool was_asked(const IpAddress& resolver) const {
        return std::ranges::any_of(planning_.round.probes, [&](const JudgedProbe& probe) {
            const auto* dns = probe.dns();
            return dns != nullptr && dns->source == probes::NameSource::resolver &&
                   dns->resolver == resolver && dns->resolver_port == 53;
        });
    }

    void add_other_resolvers() {
        const std::vector<config::Resolver>& known = planning_.endpoint.resolvers;
        if (std::ranges::none_of(known, &config::Resolver::system)) {
            add_query(FollowUp::other_resolver, host_, config::Resolver());
        }
        const std::optional<IpAddress> cloud = cloud_resolver(planning_.profile);
        if (cloud && !was_asked(*cloud)) {
            add_query(FollowUp::other_resolver, host_, config::Resolver{false, *cloud, 53});
        }
    }

    /// The profile's zone, else what follows the host's first label, as long as that is no registry's zone.
    std::string zone_of_host() const {
        if (planning_.matched && !planning_.matched->zone.empty()) {
            return planning_.matched->zone;
        }
        const std::size_t dot = host_.find('.');
        const std::string parent = dot == std::string::npos ? std::string() : host_.substr(dot + 1);
        return std::ranges::count(parent, '.') >= 2 ? parent : std::string();
    }

    void add_sibling_label() {
        const std::string zone = zone_of_host();
        std::string name = random_name(planning_.random_label, zone);
        if (!zone.empty() && !host_name_fault(name)) {
            add_query(FollowUp::sibling_label, std::move(name));
        }
    }

    void add_public_name() {
        if (planning_.endpoint.public_host.empty() && planning_.matched &&
            !planning_.matched->public_host.empty()) {
            add_query(FollowUp::public_name, planning_.matched->public_host);
        }
    }

    /// A name that exists may be any application's; of one that does not, only the endpoint's own is worth a query: some
    /// servers say NXDOMAIN where there are names below (RFC 8020 section 3.1 has examples).
    void add_srv_names() {
        const bool exists = planning_.round.facts.contains(Fact::name_nodata);
        for (const std::string_view service : srv_services_of(planning_.endpoint, exists)) {
            std::string name = fmt::format("{}.{}", service, host_);
            if (!host_name_fault(name)) {
                add_query(FollowUp::srv_name, std::move(name)).srv = true;
            }
        }
    }

    /// Of the resolver that it is about; what the hosts file says does not change from query to query.
    void add_repeat() {
        const bool passes = planning_.round.passed();
        for (const CountedName& name : counted_names(planning_.round.probes)) {
            const bool wanted = passes ? is_slow_lookup(name.probe) : name.probe.fails();
            if (wanted && name.facts.role == probes::NameRole::host &&
                name.facts.source == probes::NameSource::resolver) {
                add_query(FollowUp::repeat_query, host_,
                          config::Resolver{false, name.facts.resolver, name.facts.resolver_port});
                return;
            }
        }
    }

    void add_unchecked() {
        if (any_counted([](const CountedName& name) { return name.probe.outcome == Outcome::servfail; })) {
            add_query(FollowUp::checking_disabled, host_).checking_disabled = true;
        }
    }

    /// What the resolv.conf of programs says; null when `system` is not asked.
    const probes::LookupOptions* options() const {
        for (const CountedName& name : counted_names(planning_.round.probes)) {
            if (name.facts.role == probes::NameRole::host && name.facts.options) {
                return &*name.facts.options;
            }
        }
        return nullptr;
    }

    void add_pair() {
        const probes::LookupOptions* options = this->options();
        if (options != nullptr && !options->use_vc && !options->single_request && options->ends_at.empty() &&
            planning_.endpoint.family == config::Family::any) {
            add_query(FollowUp::paired_queries, host_, config::Resolver()).one_socket = true;
        }
    }

    /// Of a name with enough dots the search list is asked only when the name itself is not there.
    void add_search_names() {
        const probes::LookupOptions* options = this->options();
        const bool is_absolute = planning_.endpoint.host.ends_with('.');
        if (options == nullptr || is_absolute) {
            return;
        }
        const auto dots = static_cast<std::size_t>(std::ranges::count(host_, '.'));
        if (dots >= options->ndots && !planning_.round.facts.contains(Fact::name_missing)) {
            return;
        }
        for (std::size_t i = 0; i < std::min(options->search.size(), max_search_names); ++i) {
            std::string name = fmt::format("{}.{}", host_, options->search[i]);
            if (!host_name_fault(name)) {
                add_query(FollowUp::search_name, std::move(name), config::Resolver());
            }
        }
    }

    const QueryPlanning& planning_;
    std::vector<PlannedFollowUp>& plan_;
    std::string host_;
};

}  // namespace

std::string random_name(std::string_view label, std::string_view zone) {
    return fmt::format("{}.{}", label, zone);
}

bool plan_queries(FollowUp kind, const QueryPlanning& planning, std::vector<PlannedFollowUp>& plan) {
    return QueryPlanner(planning, plan).add(kind);
}

}  // namespace whylink::checks
