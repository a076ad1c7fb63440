#include "checks/followups/plan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "checks/followups/plain_text_app.hpp"
#include "checks/followups/table.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/looks_like.hpp"
#include "config/dns_name.hpp"
#include "config/host_pattern.hpp"
#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

using probes::FollowUp;
using probes::ProxyHeaderSent;

/// What every path carries: 576 bytes of IPv4 (RFC 791), 1280 of IPv6 (RFC 8200), less the headers.
constexpr unsigned small_segment_v4 = 536;
constexpr unsigned small_segment_v6 = 1220;
/// A server that speaks by itself does so soon.
constexpr std::chrono::milliseconds listening{1000};
/// Of other ports and other addresses.
constexpr std::size_t max_of_a_kind = 2;
/// MySQL counts connections that end before a login, and blocks the host after some (max_connect_errors).
constexpr std::uint16_t mysql_port = 3306;

ProxyHeaderSent configured_header(const config::Endpoint& endpoint) {
    switch (endpoint.proxy_protocol) {
        case config::ProxyProtocol::v1:
            return ProxyHeaderSent::v1;
        case config::ProxyProtocol::v2:
            return ProxyHeaderSent::v2;
        case config::ProxyProtocol::none:
            break;
    }
    return ProxyHeaderSent::none;
}

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

bool is_behind_tls(const JudgedProbe& probe) {
    return probe.app() != nullptr && probe.app()->over_tls;
}

class Planner {
  public:
    Planner(const config::Endpoint& endpoint, const Assessment& round, std::string_view random_label)
        : endpoint_(endpoint),
          round_(round),
          random_label_(random_label),
          profile_(config::profile_of(endpoint)),
          host_(canonical_name(endpoint.host)),
          states_(address_states(endpoint, round)) {
        std::erase_if(states_, [](const AddressState& state) { return !state.right; });
        if (profile_ != nullptr && !endpoint.address) {
            match_ = config::match_host(*profile_, host_);
        }
    }

    std::vector<PlannedFollowUp> plan() {
        for (const FollowUpRow& row : follow_up_rows()) {
            if (matches(row, round_.facts) && !is_planned(row.kind)) {
                add(row);
            }
        }
        if (plan_.size() > max_follow_ups) {
            plan_.resize(max_follow_ups);
        }
        return std::move(plan_);
    }

  private:
    bool is_planned(FollowUp kind) const {
        return std::ranges::any_of(plan_, [&](const PlannedFollowUp& p) { return p.kind == kind; });
    }

    /// The first address that shows by itself what the row takes from the addresses.
    const AddressState* address_for(const FollowUpRow& row) const {
        const FactSet wanted = shown_of(row.when, states_);
        const auto shows = std::ranges::find_if(states_, [&](const AddressState& state) {
            return state.fails() && summarise_address(state).contains_all(wanted);
        });
        return shows == states_.end() || wanted.empty() ? nullptr : &*shows;
    }

    /// As the ordinary probe of that address was made.
    PlannedFollowUp ordinary(FollowUp kind, const IpAddress& address) const {
        PlannedFollowUp plan;
        plan.kind = kind;
        plan.address = address;
        plan.port = endpoint_.port;
        plan.proxy_header = configured_header(endpoint_);
        plan.tls = endpoint_.tls.mode != config::TlsMode::off;
        plan.server_name = endpoint_.tls.server_name;
        plan.app = endpoint_.app;
        plan.settle = endpoint_.settle;
        return plan;
    }

    void add(const FollowUpRow& row) {
        switch (row.kind) {
            case FollowUp::other_resolver:
                return add_other_resolvers();
            case FollowUp::sibling_label:
                return add_sibling_label();
            case FollowUp::public_name:
                return add_public_name();
            case FollowUp::other_address:
                return add_other_addresses();
            default:
                break;
        }
        if (const AddressState* state = address_for(row)) {
            add_connection(row.kind, *state);
        }
    }

    void add_connection(FollowUp kind, const AddressState& state) {
        if (kind == FollowUp::other_port) {
            return add_other_ports(state.address);
        }
        PlannedFollowUp plan = ordinary(kind, state.address);
        if (change(plan, *state.last)) {
            plan_.push_back(std::move(plan));
        }
    }

    // ---- connections ----

    /// Changes the one thing of the ordinary connection, whose last probe is `last`. False: it cannot be changed
    /// here, or that would say nothing.
    bool change(PlannedFollowUp& plan, const JudgedProbe& last) const {
        switch (plan.kind) {
            case FollowUp::proxy_v2:
                return change_header(plan, last);
            case FollowUp::other_name:
                return change_name(plan);
            case FollowUp::small_segments:
                plan.max_segment = plan.address->is_v4() ? small_segment_v4 : small_segment_v6;
                return true;
            case FollowUp::plain_text:
                return leave_out_tls(plan, last);
            case FollowUp::read_on:
                return listen(plan, last);
            case FollowUp::no_name:
                plan.server_name.clear();
                return true;
            case FollowUp::alias_name:
                return change_to_alias(plan);
            default:
                return plan.kind == FollowUp::repeat;
        }
    }

    /// Behind TLS it is too late for a header.
    static bool change_header(PlannedFollowUp& plan, const JudgedProbe& last) {
        const bool sent = plan.proxy_header != ProxyHeaderSent::none;
        plan.proxy_header = sent ? ProxyHeaderSent::none : ProxyHeaderSent::v2_local;
        return !is_behind_tls(last);
    }

    bool change_name(PlannedFollowUp& plan) const {
        if (!plan.tls || plan.server_name.empty() || !match_ || match_->zone.empty()) {
            return false;
        }
        plan.server_name = random_name(match_->zone);
        return true;
    }

    /// Where TLS was only tried, the round has spoken plain text already.
    bool leave_out_tls(PlannedFollowUp& plan, const JudgedProbe& last) const {
        plan.tls = false;
        plan.app = plain_text_app(endpoint_).app;
        return endpoint_.tls.mode == config::TlsMode::required && plan.app != config::App::none &&
               !is_behind_tls(last);
    }

    bool listen(PlannedFollowUp& plan, const JudgedProbe& last) const {
        const bool speak = plan.app == config::App::none || plan.tls;
        plan.app = speak ? plain_text_app(endpoint_).app : config::App::none;
        plan.tls = false;
        plan.server_name.clear();
        plan.settle = std::max(plan.settle, listening);
        return looks_like(last).empty();
    }

    bool change_to_alias(PlannedFollowUp& plan) const {
        const std::string before = std::exchange(plan.server_name, alias_of_host());
        return !plan.server_name.empty() && plan.server_name != canonical_name(before);
    }

    /// The last of the CNAMEs that lead to the host's addresses.
    std::string alias_of_host() const {
        for (const CountedName& name : counted_names(round_.probes)) {
            if (name.facts.role != probes::NameRole::host) {
                continue;
            }
            for (const probes::DnsQuery& query : name.facts.queries) {
                if (!query.cnames.empty() && !query.answers.empty()) {
                    return canonical_name(query.cnames.back());
                }
            }
        }
        return {};
    }

    /// Bare connections: whether the port answers is all that is asked.
    void add_other_ports(const IpAddress& address) {
        std::size_t added = 0;
        if (profile_ == nullptr) {
            return;
        }
        for (const std::uint16_t port : profile_->ports) {
            if (port == endpoint_.port || port == mysql_port || added == max_of_a_kind) {
                continue;
            }
            PlannedFollowUp& plan = plan_.emplace_back();
            plan.kind = FollowUp::other_port;
            plan.address = address;
            plan.port = port;
            ++added;
        }
    }

    bool was_tried(const IpAddress& address) const {
        return std::ranges::any_of(round_.probes, [&](const JudgedProbe& probe) {
            return probe.observation.address == address && probe.dns() == nullptr;
        });
    }

    void add_other_addresses() {
        std::size_t added = 0;
        for (const Cidr& block : endpoint_.expect) {
            const bool wanted = endpoint_.family == config::Family::any ||
                                (endpoint_.family == config::Family::ipv4) == block.base().is_v4();
            const bool single = block.length() == (block.base().is_v4() ? 32U : 128U);
            if (single && wanted && added < max_of_a_kind && !was_tried(block.base())) {
                plan_.push_back(ordinary(FollowUp::other_address, block.base()));
                ++added;
            }
        }
    }

    // ---- queries ----

    void add_query(FollowUp kind, std::string name, std::optional<config::Resolver> resolver = std::nullopt) {
        PlannedFollowUp& plan = plan_.emplace_back();
        plan.kind = kind;
        plan.name = std::move(name);
        plan.resolver = resolver;
    }

    bool was_asked(const IpAddress& resolver) const {
        return std::ranges::any_of(round_.probes, [&](const JudgedProbe& probe) {
            const auto* dns = probe.dns();
            return dns != nullptr && dns->source == probes::NameSource::resolver &&
                   dns->resolver == resolver && dns->resolver_port == 53;
        });
    }

    void add_other_resolvers() {
        const std::vector<config::Resolver>& known = endpoint_.resolvers;
        if (std::ranges::none_of(known, &config::Resolver::system)) {
            add_query(FollowUp::other_resolver, host_, config::Resolver());
        }
        const std::optional<IpAddress> cloud = cloud_resolver(profile_);
        if (cloud && !was_asked(*cloud)) {
            add_query(FollowUp::other_resolver, host_, config::Resolver{false, *cloud, 53});
        }
    }

    std::string random_name(std::string_view zone) const { return fmt::format("{}.{}", random_label_, zone); }

    /// The profile's zone, else what follows the host's first label, as long as that is no registry's zone.
    std::string zone_of_host() const {
        if (match_ && !match_->zone.empty()) {
            return match_->zone;
        }
        const std::size_t dot = host_.find('.');
        const std::string parent = dot == std::string::npos ? std::string() : host_.substr(dot + 1);
        return std::ranges::count(parent, '.') >= 2 ? parent : std::string();
    }

    void add_sibling_label() {
        const std::string zone = zone_of_host();
        std::string name = random_name(zone);
        if (!zone.empty() && !host_name_fault(name)) {
            add_query(FollowUp::sibling_label, std::move(name));
        }
    }

    void add_public_name() {
        if (endpoint_.public_host.empty() && match_ && !match_->public_host.empty()) {
            add_query(FollowUp::public_name, match_->public_host);
        }
    }

    const config::Endpoint& endpoint_;
    const Assessment& round_;
    std::string_view random_label_;
    const config::Profile* profile_;
    std::string host_;
    std::optional<config::HostMatch> match_;
    std::vector<AddressState> states_;  ///< of the addresses that DNS should have given
    std::vector<PlannedFollowUp> plan_;
};

}  // namespace

std::vector<PlannedFollowUp> plan_follow_ups(const config::Endpoint& endpoint, const Assessment& round,
                                             std::string_view random_label) {
    if (!endpoint.experiments || round.passed()) {
        return {};
    }
    return Planner(endpoint, round, random_label).plan();
}

}  // namespace whylink::checks
