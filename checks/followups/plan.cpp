#include "checks/followups/plan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "checks/followups/next_hop.hpp"
#include "checks/followups/plain_text_app.hpp"
#include "checks/followups/plan_queries.hpp"
#include "checks/followups/results.hpp"
#include "checks/followups/table.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/looks_like.hpp"
#include "checks/stages/tls/linked_names.hpp"
#include "config/applications.hpp"
#include "config/dns_name.hpp"
#include "config/first_bytes.hpp"
#include "config/host_pattern.hpp"
#include "config/outside_text.hpp"
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

unsigned small_segment(const IpAddress& address) {
    return address.is_v4() ? small_segment_v4 : small_segment_v6;
}

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

/// Nobody can have it: RFC 5737 (TEST-NET-1), RFC 3849.
IpAddress documentation_address(const IpAddress& like) {
    return like.is_v4() ? IpAddress::v4({192, 0, 2, 1})
                        : IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
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
            const bool of_this_round = (row.pace == Pace::failing) != round_.passed();
            if (of_this_round && matches(row, round_.facts) && !is_planned(row.kind)) {
                const std::size_t before = plan_.size();
                add(row);
                set_pace(row, before);
            }
        }
        const std::optional<PlannedFollowUp> acceptor = take(FollowUp::local_acceptor);
        if (!round_.passed()) {
            keep_batch();
        }
        if (plan_.size() > room()) {
            plan_.resize(room());
        }
        if (acceptor) {
            ask_for(*acceptor);
        }
        return std::move(plan_);
    }

  private:
    /// What the kernel is asked of a connection is none of its own.
    std::size_t room() const {
        const auto made =
            static_cast<std::size_t>(std::ranges::count_if(round_.follow_ups, [](const JudgedFollowUp& test) {
                return test.kind != FollowUp::local_acceptor;
            }));
        return made < max_follow_ups ? max_follow_ups - made : 0;
    }

    /// Of a round that fails: first what changes something, then, by what it showed, whether that was chance. One of
    /// several targets that fails makes any change look like the cure, and any refusal like a rule.
    void keep_batch() {
        if (round_.follow_ups.empty()) {
            keep_changes();
        } else {
            keep_controls();
        }
    }

    static bool is_control(const PlannedFollowUp& planned) {
        return planned.kind == FollowUp::repeat || planned.kind == FollowUp::control_port;
    }

    /// One place at least is left for a repeat; where a list of the service explains it all but for chance, most are.
    void keep_changes() {
        const bool has_repeat =
            std::ranges::find(plan_, FollowUp::repeat, &PlannedFollowUp::kind) != plan_.end();
        if (!has_repeat || std::ranges::all_of(plan_, is_control)) {
            return;
        }
        std::erase_if(plan_, is_control);
        std::size_t most = max_follow_ups - 1;
        if (is_listed_refusal()) {
            // Whoever answers another name needs no header before it.
            std::ranges::stable_partition(
                plan_, [](const PlannedFollowUp& planned) { return planned.kind == FollowUp::other_name; });
            most = 1;
        }
        plan_.resize(std::min(plan_.size(), most));
    }

    void keep_controls() {
        const auto repeat = std::ranges::find(plan_, FollowUp::repeat, &PlannedFollowUp::kind);
        if (repeat == plan_.end()) {
            return;
        }
        const PlannedFollowUp again = *repeat;
        const std::size_t room = this->room();
        if (a_change_helped()) {
            plan_.assign(room, again);
        } else if (is_listed_refusal() && plan_.size() < room) {
            plan_.resize(room, again);
        }
    }

    bool is_listed_refusal() const {
        return round_.facts.contains(Fact::profile_allow_list) &&
               round_.facts.intersects({Fact::accepted_then_reset, Fact::accepted_then_closed});
    }

    bool a_change_helped() const {
        return std::ranges::any_of(follow_up_results(round_), [](const FollowUpResult& result) {
            const bool control = result.kind == FollowUp::repeat || result.kind == FollowUp::control_port ||
                                 result.kind == FollowUp::local_acceptor;
            return !control && (result.finding == Finding::answered || result.arrives || result.by_chance);
        });
    }

    std::optional<PlannedFollowUp> take(FollowUp kind) {
        const auto found = std::ranges::find(plan_, kind, &PlannedFollowUp::kind);
        if (found == plan_.end()) {
            return std::nullopt;
        }
        PlannedFollowUp taken = std::move(*found);
        plan_.erase(found);
        return taken;
    }

    /// The question rides on the connections that are made to the same address and port anyway. One of its own is made
    /// only where there is none, and never to a server that counts connections without a login.
    void ask_for(const PlannedFollowUp& acceptor) {
        bool rides = false;
        for (PlannedFollowUp& planned : plan_) {
            planned.ask_acceptor = planned.address == acceptor.address && planned.port == acceptor.port;
            rides = rides || planned.ask_acceptor;
        }
        if (!rides && plan_.size() < room() && !round_.facts.contains(Fact::judged_by_history) &&
            !config::counts_early_ends(acceptor.port)) {
            plan_.push_back(acceptor);
        }
    }

    /// A round that passes is planned for again with the results of what it called for at first.
    bool is_planned(FollowUp kind) const {
        return std::ranges::find(plan_, kind, &PlannedFollowUp::kind) != plan_.end() ||
               std::ranges::find(round_.follow_ups, kind, &JudgedFollowUp::kind) != round_.follow_ups.end();
    }

    /// Of what was added for the row.
    void set_pace(const FollowUpRow& row, std::size_t first) {
        const bool always =
            row.kind == FollowUp::large_hello && endpoint_.tls.large_hello == config::LargeHello::always;
        for (std::size_t i = first; i < plan_.size(); ++i) {
            plan_[i].pace = always ? Pace::every_round : row.pace;
        }
    }

    /// The first address that shows by itself what the row takes from the addresses; of a round that passes one that
    /// works.
    const AddressState* address_for(const FollowUpRow& row) const {
        const bool passing = row.pace != Pace::failing;
        const FactSet wanted = shown_of(row.when, states_);
        const auto shows = std::ranges::find_if(states_, [&](const AddressState& state) {
            return (passing ? state.works() : state.fails()) && summarise_address(state).contains_all(wanted);
        });
        return shows == states_.end() || (wanted.empty() && !passing) ? nullptr : &*shows;
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
        if (plan_queries(row.kind, {endpoint_, round_, random_label_, profile_, match_}, plan_)) {
            return;
        }
        if (row.kind == FollowUp::other_address) {
            return add_other_addresses();
        }
        if (row.kind == FollowUp::next_hop) {
            return add_next_hops();
        }
        if (const AddressState* state = address_for(row)) {
            add_connection(row.kind, *state);
        }
    }

    void add_connection(FollowUp kind, const AddressState& state) {
        if (kind == FollowUp::other_port) {
            return add_other_ports(state.address);
        }
        if (kind == FollowUp::linked_name) {
            return add_linked_names(state);
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
                plan.max_segment = small_segment(*plan.address);
                return true;
            case FollowUp::plain_text:
                return leave_out_tls(plan, last);
            case FollowUp::read_on:
                return listen(plan, last);
            case FollowUp::no_name:
                plan.server_name.clear();
                return true;
            case FollowUp::small_hello:
                plan.hello = probes::HelloSize::small;
                return plan.tls;
            case FollowUp::tls12_only:
                return leave_out_tls13(plan);
            case FollowUp::alias_name:
                return change_to_alias(plan);
            case FollowUp::control_port:
                plan.port = unused_port();
                return make_bare(plan);
            case FollowUp::control_address:
                plan.address = documentation_address(*plan.address);
                return make_bare(plan);
            case FollowUp::local_acceptor:
                plan.ask_acceptor = true;
                return make_bare(plan);
            case FollowUp::large_hello:
                return lengthen_hello(plan);
            case FollowUp::large_hello_segments:
                plan.max_segment = small_segment(*plan.address);
                return lengthen_hello(plan);
            default:
                return plan.kind == FollowUp::repeat;
        }
    }

    /// Whether it is accepted is all that is asked.
    static bool make_bare(PlannedFollowUp& plan) {
        plan.proxy_header = ProxyHeaderSent::none;
        plan.tls = false;
        plan.server_name.clear();
        plan.app = config::App::none;
        plan.settle = {};
        return true;
    }

    /// Of the dynamic ports (RFC 6335 section 6), which no service has by assignment; another one each time, and none of
    /// the endpoint and its profile.
    std::uint16_t unused_port() const {
        constexpr std::uint16_t first = 49152;
        constexpr std::size_t count = 65536 - first;
        const std::size_t begin = std::hash<std::string_view>()(random_label_);
        for (std::size_t i = 0; i < count; ++i) {
            const auto port = static_cast<std::uint16_t>(first + (begin + i) % count);
            const bool known =
                profile_ != nullptr && std::ranges::find(profile_->ports, port) != profile_->ports.end();
            if (port != endpoint_.port && !known) {
                return port;
            }
        }
        return first;
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
        plan.server_name = random_name(random_label_, match_->zone);
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

    /// Where older versions are offered anyway. What follows the handshake is the same; where TLS begins inside the
    /// application's protocol, there is none without the application.
    bool leave_out_tls13(PlannedFollowUp& plan) const {
        plan.tls12_only = true;
        if (config::application(plan.app).tls == config::TlsStart::in_front) {
            plan.app = config::App::none;
        }
        return plan.tls && endpoint_.tls.min_version < config::TlsVersion::tls1_3;
    }

    bool change_to_alias(PlannedFollowUp& plan) const {
        const std::string before = std::exchange(plan.server_name, alias_of_host());
        return !plan.server_name.empty() && plan.server_name != canonical_name(before);
    }

    /// The handshake alone: what follows it is the same. Where TLS begins inside the application's protocol there is no
    /// handshake without the application, whose login would be cut short; MySQL counts that.
    bool lengthen_hello(PlannedFollowUp& plan) const {
        plan.hello = probes::HelloSize::large;
        plan.app = config::App::none;
        return plan.tls && endpoint_.tls.large_hello != config::LargeHello::never &&
               !config::counts_early_ends(plan.port) &&
               config::application(endpoint_.app).tls == config::TlsStart::in_front;
    }

    /// Names that belong to the host: those that the certificate at hand is for come first. The alias has a test of its
    /// own.
    void add_linked_names(const AddressState& state) {
        const auto* tls = state.last->tls();
        // No script is sent to a server whose certificate is for another name.
        const bool by_script = config::application(endpoint_.app).tls == config::TlsStart::by_script;
        if (tls == nullptr || tls->server_name.empty() || by_script) {
            return;
        }
        std::vector<std::string> names = linked_names(endpoint_, round_.probes).all();
        std::erase_if(names, [&](const std::string& name) { return is_asked_already(name); });
        if (!tls->chain.empty()) {
            std::ranges::stable_partition(
                names, [&](const std::string& name) { return is_for(tls->chain.front(), name); });
        }
        // After an end before the first byte the name is only one of several explanations, which need room, too.
        const std::size_t most = state.last->outcome == Outcome::pending_allowlist ? 1 : max_of_a_kind;
        for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
            PlannedFollowUp& plan = plan_.emplace_back(ordinary(FollowUp::linked_name, state.address));
            plan.server_name = names[i];
            // Where TLS begins inside the application's protocol there is no handshake without it.
            if (config::application(plan.app).tls == config::TlsStart::in_front) {
                plan.app = config::App::none;
            }
        }
    }

    /// An endpoint's technical name is in no certificate.
    bool is_asked_already(const std::string& name) const {
        return is_endpoint_name(name) || std::ranges::any_of(plan_, [&](const PlannedFollowUp& planned) {
                   return planned.kind == FollowUp::alias_name && planned.server_name == name;
               });
    }

    /// The last of the CNAMEs that lead to the host's addresses.
    std::string alias_of_host() const {
        for (const CountedName& name : counted_names(round_.probes)) {
            if (name.facts.role != probes::NameRole::host) {
                continue;
            }
            for (const probes::DnsQuery& query : name.facts.queries) {
                if (!query.cnames.empty() && !query.answers.empty() && !is_cut(query.cnames.back())) {
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
            if (port == endpoint_.port || config::counts_early_ends(port) || added == max_of_a_kind) {
                continue;
            }
            PlannedFollowUp& plan = plan_.emplace_back();
            plan.kind = FollowUp::other_port;
            plan.address = address;
            plan.port = port;
            ++added;
        }
    }

    /// Bare connections too. To what is of no use to clients nothing is sent: that they are sent there is known.
    void add_next_hops() {
        for (const probes::Referral& referral : referrals(endpoint_, round_)) {
            if (is_special(referral) || plan_.size() == max_follow_ups) {
                continue;
            }
            PlannedFollowUp& plan = plan_.emplace_back();
            plan.kind = FollowUp::next_hop;
            plan.port = referral.port;
            plan.host = referral.host;
            plan.address = IpAddress::parse(referral.host);
            if (!plan.address) {
                plan.name = canonical_name(referral.host);
                plan.resolve_and_connect = true;
            }
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
    if (!endpoint.experiments) {
        return {};
    }
    return Planner(endpoint, round, random_label).plan();
}

}  // namespace whylink::checks
