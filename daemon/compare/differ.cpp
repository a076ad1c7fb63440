#include "daemon/compare/differ.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "config/address.hpp"

namespace whylink::daemon {
namespace {

// ---- values for people ----

std::string joined(const std::vector<std::string>& items, std::string_view between = ", ") {
    std::string text;
    for (const std::string& item : items) {
        text += (text.empty() ? "" : between);
        text += item;
    }
    return text;
}

std::string or_none(std::string text) {
    return text.empty() ? "none" : std::move(text);
}

void add_once(std::vector<std::string>& all, const std::string& item) {
    if (!item.empty() && std::ranges::find(all, item) == all.end()) {
        all.push_back(item);
    }
}

bool is_public(const std::string& address) {
    const auto parsed = IpAddress::parse(address);
    return parsed && address_space(*parsed) == AddressSpace::public_space;
}

std::string addresses_text(const std::vector<std::string>& addresses) {
    std::vector<std::string> marked;
    for (const std::string& address : addresses) {
        marked.push_back(is_public(address) ? address + " (public)" : address);
    }
    return or_none(joined(marked));
}

// ---- collecting ----

class Differences {
  public:
    void add(Layer layer, std::string_view what, const std::string& subject, std::string good,
             std::string bad, bool can_decide) {
        if (good != bad) {
            all_.push_back({layer, what, subject, std::move(good), std::move(bad), can_decide});
        }
    }

    /// What one side did not see says nothing.
    void add_if_both(Layer layer, std::string_view what, const std::string& subject, const std::string& good,
                     const std::string& bad, bool can_decide) {
        if (!good.empty() && !bad.empty()) {
            add(layer, what, subject, good, bad, can_decide);
        }
    }

    std::vector<Difference> take() { return std::move(all_); }

  private:
    std::vector<Difference> all_;
};

// ---- names ----

/// What all resolvers of a host say of one name.
struct NameView {
    std::string subject;
    std::vector<std::string> outcomes;
    std::vector<std::string> addresses;
    std::vector<std::string> resolvers;
    std::string chain;
};

using NameViews = std::map<std::pair<std::string, std::string>, NameView>;

NameViews views_of(const SeenTarget& target) {
    NameViews views;
    for (const SeenName& name : target.names) {
        NameView& view = views[{name.role, name.name}];
        view.subject = name.name.empty() ? "a random name" : name.name;
        add_once(view.outcomes, name.outcome);
        add_once(view.resolvers, name.resolver);
        for (const std::string& address : name.addresses) {
            add_once(view.addresses, address);
        }
        if (view.chain.empty()) {
            view.chain = joined(name.cnames, " → ");
        }
    }
    for (auto& [key, view] : views) {
        std::ranges::sort(view.outcomes);
        std::ranges::sort(view.addresses);
        std::ranges::sort(view.resolvers);
    }
    return views;
}

void compare_names(const SeenTarget& good, const SeenTarget& bad, Differences& differences) {
    const NameViews good_views = views_of(good);
    for (const auto& [key, other] : views_of(bad)) {
        const auto found = good_views.find(key);
        if (found == good_views.end()) {
            continue;
        }
        const NameView& view = found->second;
        differences.add(Layer::dns, "addresses", view.subject, addresses_text(view.addresses),
                        addresses_text(other.addresses), true);
        differences.add(Layer::dns, "outcome", view.subject, joined(view.outcomes), joined(other.outcomes),
                        true);
        differences.add(Layer::dns, "CNAME chain", view.subject, or_none(view.chain), or_none(other.chain),
                        true);
        differences.add(Layer::dns, "resolver", view.subject, joined(view.resolvers), joined(other.resolvers),
                        false);
    }
}

// ---- connections ----

std::string space_of(const std::string& address) {
    const auto parsed = IpAddress::parse(address);
    if (!parsed) {
        return {};
    }
    switch (address_space(*parsed)) {
        case AddressSpace::private_space:
            return parsed->is_v4() ? "a private IPv4 address" : "a private IPv6 address";
        case AddressSpace::public_space:
            return parsed->is_v4() ? "a public IPv4 address" : "a public IPv6 address";
        case AddressSpace::special:
            break;
    }
    return "a special address";
}

std::string certificate_text(const std::optional<SeenCertificate>& certificate) {
    return certificate ? certificate->subject + ", issued by " + certificate->issuer + ", until " +
                             certificate->not_after
                       : std::string();
}

std::string number_text(const std::optional<std::int64_t>& number, std::string_view unit = {}) {
    return number ? std::to_string(*number) + std::string(unit) : std::string();
}

/// The hop limit that a host of today begins with: what is left of it tells how far it came.
std::int64_t initial_ttl(std::int64_t ttl) {
    return ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

std::string hops_text(const std::optional<std::int64_t>& ttl) {
    return ttl ? std::to_string(initial_ttl(*ttl) - *ttl) + " (TTL " + std::to_string(*ttl) + ")"
               : std::string();
}

/// Another kind of host answers, or the same one behind something that answers in its place.
bool starts_elsewhere(const std::optional<std::int64_t>& good, const std::optional<std::int64_t>& bad) {
    return good && bad && initial_ttl(*good) != initial_ttl(*bad);
}

/// The route is looked up for connections that fail. One through a tunnel or a bridge is worth a line by itself.
std::string route_text(const SeenConnection& connection, const SeenConnection& other) {
    if (connection.interface.empty()) {
        return other.link_kind.empty() ? std::string() : "not recorded";
    }
    return connection.link_kind.empty() ? connection.interface : connection.interface + " (" + connection.link_kind + ")";
}

/// A stage that was not reached has no outcome; what was not reached on both sides is no difference.
std::string outcome_text(const std::string& outcome) {
    return outcome.empty() ? "not reached" : outcome;
}

void compare_connections(const SeenConnection& good, const SeenConnection& bad, const std::string& subject,
                         Differences& differences) {
    const bool tls_on_both = !good.version.empty() && !bad.version.empty();
    differences.add_if_both(Layer::route, "source", subject, space_of(good.local_address),
                            space_of(bad.local_address), true);
    differences.add_if_both(Layer::route, "interface", subject, route_text(good, bad), route_text(bad, good),
                            false);
    differences.add(Layer::tcp, "outcome", subject, outcome_text(good.tcp), outcome_text(bad.tcp), true);
    differences.add_if_both(Layer::path, "MSS of the peer", subject, number_text(good.peer_mss, " bytes"),
                            number_text(bad.peer_mss, " bytes"), false);
    differences.add_if_both(Layer::path, "MSS", subject, number_text(good.mss, " bytes"),
                            number_text(bad.mss, " bytes"), false);
    differences.add_if_both(Layer::path, "hops", subject, hops_text(good.ttl), hops_text(bad.ttl),
                            starts_elsewhere(good.ttl, bad.ttl));
    differences.add_if_both(Layer::tls, "SNI", subject, good.server_name, bad.server_name, true);
    differences.add_if_both(Layer::tls, "certificate", subject, certificate_text(good.certificate),
                            certificate_text(bad.certificate), true);
    differences.add_if_both(Layer::tls, "version", subject, good.version, bad.version, true);
    differences.add_if_both(Layer::tls, "cipher", subject, good.cipher, bad.cipher, false);
    if (!good.tls.empty() || !bad.tls.empty()) {
        differences.add(Layer::tls, "outcome", subject, outcome_text(good.tls), outcome_text(bad.tls), true);
    }
    if (tls_on_both) {
        differences.add(Layer::tls, "ALPN", subject, or_none(good.alpn), or_none(bad.alpn), true);
    }
    if (!good.app.empty() || !bad.app.empty()) {
        differences.add(Layer::app, "outcome", subject, outcome_text(good.app), outcome_text(bad.app), true);
    }
    differences.add_if_both(Layer::app, "protocol", subject, good.protocol, bad.protocol, true);
    differences.add_if_both(Layer::app, "reply", subject, good.reply, bad.reply, true);
    differences.add_if_both(Layer::app, "status", subject, number_text(good.status), number_text(bad.status),
                            true);
    differences.add_if_both(Layer::app, "server", subject, good.server, bad.server, true);
}

bool passes(const std::string& outcome) {
    return outcome.empty() || outcome == "ok" || outcome == "certificate_expiring";
}

/// What the two hosts connected to is another address: of each side the connection that got least far.
SeenConnection worst_of(const std::vector<SeenConnection>& connections) {
    const auto depth = [](const SeenConnection& connection) {
        // A stage that passes counts as attained; the one that attained least is what the target suffers from.
        const std::array<const std::string*, 3> stages{&connection.tcp, &connection.tls, &connection.app};
        return std::ranges::count_if(
            stages, [](const std::string* outcome) { return !outcome->empty() && passes(*outcome); });
    };
    return *std::ranges::min_element(connections, {}, depth);
}

std::vector<std::string> addresses_of(const SeenTarget& target) {
    std::vector<std::string> addresses;
    for (const SeenConnection& connection : target.connections) {
        add_once(addresses, connection.address);
    }
    std::ranges::sort(addresses);
    return addresses;
}

void compare_connections(const SeenTarget& good, const SeenTarget& bad, Differences& differences) {
    bool shared = false;
    for (const SeenConnection& one : good.connections) {
        const auto same = std::ranges::find(bad.connections, one.address, &SeenConnection::address);
        if (same != bad.connections.end()) {
            shared = true;
            compare_connections(one, *same, one.address, differences);
        }
    }
    if (!shared && !good.connections.empty() && !bad.connections.empty()) {
        const SeenConnection one = worst_of(good.connections);
        const SeenConnection other = worst_of(bad.connections);
        compare_connections(one, other, one.address + " | " + other.address, differences);
    }
    if (good.connections.empty() != bad.connections.empty()) {
        differences.add(Layer::tcp, "addresses tried", {}, addresses_text(addresses_of(good)),
                        addresses_text(addresses_of(bad)), true);
    }
}

// ---- which one is decisive ----

/// The layer at which the target fails there, as far as its probes show it.
std::optional<Layer> failing_layer(const SeenTarget& target) {
    const auto fails = [&target](std::string SeenConnection::*stage) {
        return std::ranges::any_of(target.connections, [stage](const SeenConnection& connection) {
            return !passes(connection.*stage);
        });
    };
    if (!std::ranges::all_of(target.names, [](const SeenName& name) { return passes(name.outcome); })) {
        return Layer::dns;
    }
    constexpr std::array<std::pair<std::string SeenConnection::*, Layer>, 3> stages{
        {{&SeenConnection::tcp, Layer::tcp},
         {&SeenConnection::tls, Layer::tls},
         {&SeenConnection::app, Layer::app}}};
    for (const auto& [stage, layer] : stages) {
        if (fails(stage)) {
            return layer;
        }
    }
    return std::nullopt;
}

/// Silence behind an accepted connection, as when full-sized packets die.
bool stalls(const SeenTarget& target) {
    return std::ranges::any_of(target.connections, [](const SeenConnection& connection) {
        return connection.tls == "timeout" || connection.app == "timeout";
    });
}

/// A difference explains a failure at its own layer or behind it; of several the first, because what follows may follow
/// from it. The segment size differs between many hosts, and explains a stall.
bool may_decide(const Difference& difference, const SeenTarget& bad, std::optional<Layer> failing) {
    if (bad.healthy || !failing || difference.layer > *failing) {
        return false;
    }
    const bool size = difference.layer == Layer::path && difference.what.starts_with("MSS");
    return difference.can_decide || (size && stalls(bad));
}

/// A stage that comes later fails because this one does.
bool is_consequence(const Difference& difference, std::optional<Layer> failing) {
    return failing && difference.layer > *failing;
}

void put_in_order(TargetComparison& comparison) {
    std::vector<Difference>& all = comparison.differences;
    const std::optional<Layer> failing = failing_layer(comparison.bad);
    std::erase_if(all, [&failing](const Difference& difference) {
        return difference.bad == "not reached" && is_consequence(difference, failing);
    });
    std::ranges::stable_sort(all, {}, &Difference::layer);
    const auto decisive = std::ranges::find_if(all, [&](const Difference& difference) {
        return comparison.good.healthy && may_decide(difference, comparison.bad, failing);
    });
    comparison.has_decisive = decisive != all.end();
    if (comparison.has_decisive) {
        std::rotate(all.begin(), decisive, std::next(decisive));
    }
    const auto rest = all.begin() + (comparison.has_decisive ? 1 : 0);
    std::stable_partition(rest, all.end(),
                          [](const Difference& difference) { return difference.can_decide; });
}

TargetComparison compare(const SeenTarget& good, const SeenTarget& bad) {
    Differences differences;
    compare_names(good, bad, differences);
    compare_connections(good, bad, differences);
    differences.add(Layer::watch, "outcome", {}, joined(good.listeners), joined(bad.listeners), true);
    differences.add(Layer::cause, "cause", {}, good.cause, bad.cause, true);
    TargetComparison comparison{good, bad, differences.take(), false};
    put_in_order(comparison);
    return comparison;
}

// ---- pairs ----

const SeenTarget* partner_of(const SeenTarget& target, const std::vector<SeenTarget>& others) {
    const auto same_name = std::ranges::find_if(others, [&target](const SeenTarget& other) {
        return other.kind == target.kind && other.name == target.name;
    });
    if (same_name != others.end()) {
        return &*same_name;
    }
    const auto same_thing = std::ranges::find_if(others, [&target](const SeenTarget& other) {
        return other.kind == target.kind && other.what == target.what;
    });
    return same_thing == others.end() ? nullptr : &*same_thing;
}

std::vector<std::string> without_partner(const std::vector<SeenTarget>& targets,
                                         const std::vector<SeenTarget>& others) {
    std::vector<std::string> names;
    for (const SeenTarget& target : targets) {
        if (partner_of(target, others) == nullptr) {
            names.push_back(target.name);
        }
    }
    return names;
}

std::string different_targets(const SeenTarget& good, const SeenTarget& bad) {
    return "the reports have different targets: " + good.what + " and " + bad.what;
}

struct Meaning {
    Layer layer;
    std::string_view what;
    std::string_view text;
};

constexpr Meaning meanings[]{
    {Layer::dns, "addresses",
     "The two hosts resolve the name to different addresses. Compare their resolvers and the private zones linked to their "
     "networks."},
    {Layer::dns, "outcome",
     "The two hosts get different DNS answers. Compare their resolvers and the private zones linked to their networks."},
    {Layer::dns, "CNAME chain", "One host gets its answer from another zone. Compare the CNAME chains."},
    {Layer::route, "source",
     "The two hosts connect from different kinds of addresses. Check from which network, container or VPN the failing host "
     "connects."},
    {Layer::tcp, "outcome",
     "The two hosts get different answers to the SYN. Compare routes, security groups and firewall rules of the two "
     "networks."},
    {Layer::tcp, "addresses tried", "One host had no address to connect to. Compare the DNS answers first."},
    {Layer::path, "MSS",
     "The MSS differs, and the failing host stalls after the TCP handshake. Check the MTU of its path."},
    {Layer::path, "MSS of the peer",
     "The MSS differs, and the failing host stalls after the TCP handshake. Check the MTU of its path."},
    {Layer::path, "hops",
     "The SYN-ACKs have different initial TTLs: another machine answers. Look for a proxy, redirect or load balancer in one "
     "path."},
    {Layer::tls, "outcome",
     "Both hosts connect, but TLS works on one only. Check allow-lists of sources and endpoints, and TLS inspection in the "
     "failing path."},
    {Layer::tls, "certificate",
     "The two hosts get different certificates. Look for another server, or TLS inspection in one path."},
    {Layer::tls, "version",
     "The two hosts negotiate different TLS versions. Compare their libraries and the servers."},
    {Layer::tls, "SNI", "The two checks send different server names (SNI)."},
    {Layer::app, "outcome",
     "The application answers the two hosts differently. Check its access rules for their source addresses, and which "
     "backend answers."},
    {Layer::app, "status",
     "The application sends different statuses. Check its access rules for the source addresses."},
    {Layer::app, "server",
     "Another server answers. Check which backend, proxy or load balancer is in each path."},
};

}  // namespace

bool Comparison::equal() const {
    return only_good.empty() && only_bad.empty() && std::ranges::all_of(targets, &TargetComparison::equal);
}

std::variant<Comparison, std::string> compare(const Side& good, const Side& bad) {
    if (good.targets.size() == 1 && bad.targets.size() == 1) {
        const SeenTarget& one = good.targets.front();
        const SeenTarget& other = bad.targets.front();
        if (one.kind != other.kind || one.what != other.what) {
            return different_targets(one, other);
        }
        return Comparison{{compare(one, other)}, {}, {}};
    }
    Comparison comparison;
    for (const SeenTarget& target : good.targets) {
        if (const SeenTarget* other = partner_of(target, bad.targets)) {
            comparison.targets.push_back(compare(target, *other));
        }
    }
    if (comparison.targets.empty()) {
        return "the reports have no target in common";
    }
    comparison.only_good = without_partner(good.targets, bad.targets);
    comparison.only_bad = without_partner(bad.targets, good.targets);
    return comparison;
}

std::string_view meaning(const Difference& difference) {
    const auto* const found = std::ranges::find_if(meanings, [&difference](const Meaning& row) {
        return row.layer == difference.layer && row.what == difference.what;
    });
    return found == std::end(meanings) ? std::string_view() : found->text;
}

}  // namespace whylink::daemon
