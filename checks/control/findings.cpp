#include "checks/control/findings.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include "checks/control/absence.hpp"
#include "checks/control/flows.hpp"
#include "checks/control/fresh.hpp"
#include "checks/control/matches.hpp"
#include "checks/control/private_zones.hpp"
#include "checks/control/provider.hpp"
#include "config/ascii.hpp"
#include "config/dns_name.hpp"

namespace whylink::control {
namespace {

// ---- which endpoint, which service ----

const Endpoint* endpoint_by_name(const Facts& facts, const Subject& subject) {
    const auto found = std::ranges::find_if(
        facts.endpoints, [&](const Endpoint& endpoint) { return has_name(endpoint, subject); });
    return found == facts.endpoints.end() ? nullptr : &*found;
}

/// This host's network: that of the interface that sends to the target, else the only one that it is in.
std::string network_of_host(const Facts& facts, const Subject& subject) {
    for (const IpAddress& source : subject.sources) {
        if (const Interface* interface = source_interface(facts, source)) {
            return interface->network;
        }
    }
    std::string only;
    for (const Instance& instance : facts.instances) {
        for (const Interface& interface : instance.interfaces) {
            if (!only.empty() && !interface.network.empty() && !same_id(only, interface.network)) {
                return {};
            }
            only = interface.network.empty() ? only : interface.network;
        }
    }
    return only;
}

/// The network `own` has the address itself: an endpoint of another network that has the same is not reached from there.
bool is_hidden(const Facts& facts, const std::string& own, const Endpoint& endpoint,
               const IpAddress& address) {
    if (own.empty() || endpoint.network.empty() || same_id(own, endpoint.network)) {
        return false;
    }
    return std::ranges::any_of(facts.networks,
                               [&](const Network& network) {
                                   return same_id(network.id, own) && contains(network.networks, address);
                               }) ||
           std::ranges::any_of(facts.subnets, [&](const Subnet& subnet) {
               return same_id(subnet.network, own) && contains(subnet.networks, address);
           });
}

const Endpoint* endpoint_by_addresses(const Facts& facts, const Subject& subject) {
    const std::string own = network_of_host(facts, subject);
    for (const IpAddress& address : subject.addresses) {
        const Endpoint* endpoint = endpoint_by_address(facts, address);
        if (endpoint != nullptr && !is_hidden(facts, own, *endpoint, address)) {
            return endpoint;
        }
    }
    for (const Cidr& expected : subject.expect) {
        const bool is_one = expected.length() == expected.base().bytes().size() * 8;
        const Endpoint* endpoint = is_one ? endpoint_by_address(facts, expected.base()) : nullptr;
        if (endpoint != nullptr) {
            return endpoint;
        }
    }
    return nullptr;
}

/// "com.amazonaws.vpce.REGION.vpce-svc-0a" is also called by its last part.
bool is_same_service(const std::string& one, const std::string& other) {
    const std::string a = lower_case(one);
    const std::string b = lower_case(other);
    return !a.empty() && !b.empty() && (a == b || a.ends_with("." + b) || b.ends_with("." + a));
}

/// The only one that connects to the service: of several nothing says which is meant, and where not all were listed there
/// may be several.
const Endpoint* endpoint_by_service(const Facts& facts, const std::string& service) {
    const Endpoint* only = nullptr;
    for (const Endpoint& endpoint : facts.endpoints) {
        if (!is_same_service(endpoint.service, service)) {
            continue;
        }
        const bool another = only != nullptr && !same_id(only->id, endpoint.id);
        if (another || !has_all_endpoints(facts, endpoint)) {
            return nullptr;
        }
        only = &endpoint;
    }
    return only;
}

bool has_addresses(const Endpoint& endpoint) {
    return std::ranges::any_of(endpoint.interfaces.items,
                               [](const Interface& interface) { return !interface.addresses.empty(); });
}

/// By the service alone. One that has other addresses than the target does is another: the target's may be in an account
/// that was not read.
const Endpoint* likely_endpoint(const Subject& subject, const Findings& findings) {
    const Endpoint* endpoint = endpoint_by_service(*findings.facts, subject.service);
    if (endpoint == nullptr && findings.vendor != nullptr) {
        endpoint = endpoint_by_service(*findings.facts, findings.vendor->endpoint_service);
    }
    const bool another = endpoint != nullptr && !subject.addresses.empty() && has_addresses(*endpoint);
    return another ? nullptr : endpoint;
}

/// What the config says comes first, then what is certain, then what is likely.
const Endpoint* find_endpoint(const Subject& subject, const Findings& findings) {
    const Facts& facts = *findings.facts;
    if (!subject.endpoint_id.empty()) {
        return endpoint_by_id(facts, subject.endpoint_id);
    }
    if (const Endpoint* endpoint = endpoint_by_addresses(facts, subject)) {
        return endpoint;
    }
    if (const Endpoint* endpoint = endpoint_by_name(facts, subject)) {
        return endpoint;
    }
    return likely_endpoint(subject, findings);
}

/// By its names, else by the identifier that the config has of it.
const VendorService* find_vendor(const Facts& facts, const Subject& subject) {
    if (const VendorService* vendor = service_by_host(facts, subject.host)) {
        return vendor;
    }
    const auto found = std::ranges::find_if(facts.vendor_services, [&](const VendorService& service) {
        return same_id(service.id, subject.service);
    });
    return found == facts.vendor_services.end() ? nullptr : &*found;
}

// ---- what they say ----

void add_vendor(const Subject& subject, Findings& findings) {
    const VendorService& vendor = *findings.vendor;
    if (!vendor.private_host.empty()) {
        findings.asks_private_host = canonical_name(vendor.private_host) == canonical_name(subject.host);
    } else if (is_public_host(vendor, subject.host)) {
        findings.asks_private_host = false;
    }
    if (findings.endpoint != nullptr) {
        findings.on_allow_list = is_listed(vendor, *findings.endpoint);
        if (!vendor.endpoint_service.empty() && !findings.endpoint->service.empty()) {
            findings.connects_to_vendor =
                is_same_service(findings.endpoint->service, vendor.endpoint_service);
        }
    } else if (!subject.endpoint_id.empty()) {
        Endpoint configured;
        configured.id = subject.endpoint_id;
        findings.on_allow_list = is_listed(vendor, configured);
    }
}

void add_addresses(const Subject& subject, Findings& findings) {
    const Listed<Interface>& interfaces = findings.endpoint->interfaces;
    for (const Interface& interface : interfaces.items) {
        findings.right_addresses.insert(findings.right_addresses.end(), interface.addresses.begin(),
                                        interface.addresses.end());
    }
    if (!interfaces.complete || findings.right_addresses.empty() || subject.addresses.empty()) {
        return;
    }
    findings.addresses_right = std::ranges::all_of(subject.addresses, [&](const IpAddress& address) {
        return std::ranges::find(findings.right_addresses, address) != findings.right_addresses.end();
    });
}

void add_rulings(const Subject& subject, Findings& findings) {
    for (const Ruling& ruling : judge_flows(*findings.facts, subject, *findings.endpoint)) {
        findings.add(ruling);
    }
}

void add_names(const Subject& subject, Findings& findings) {
    const PrivateDns dns =
        private_dns(*findings.facts, subject, network_of_host(*findings.facts, subject), findings.endpoint);
    findings.zone_linked = dns.answers;
    findings.zone_reason = dns.missing;
}

// ---- what does not fit ----

std::string text_of(std::span<const IpAddress> addresses) {
    std::string text;
    for (const IpAddress& address : addresses) {
        text += (text.empty() ? "" : ", ") + address.to_string();
    }
    return text;
}

std::string text_of(std::span<const Cidr> blocks) {
    std::string text;
    for (const Cidr& block : blocks) {
        text += (text.empty() ? "" : ", ") + block.to_string();
    }
    return text;
}

void add_endpoint_mismatches(const Subject& subject, Findings& findings) {
    const Endpoint* by_address = endpoint_by_addresses(*findings.facts, subject);
    if (!subject.endpoint_id.empty() && by_address != nullptr &&
        by_address != endpoint_by_id(*findings.facts, subject.endpoint_id)) {
        findings.mismatches.push_back({"endpoint_id", subject.endpoint_id, by_address->id});
    }
    if (findings.endpoint == nullptr) {
        return;
    }
    const auto unexpected = [&](const IpAddress& address) { return !contains(subject.expect, address); };
    if (!subject.expect.empty() && !findings.right_addresses.empty() &&
        std::ranges::all_of(findings.right_addresses, unexpected)) {
        findings.mismatches.push_back({"expect", text_of(subject.expect), text_of(findings.right_addresses)});
    }
    // Of a vendor's service the config may have the vendor's own identifier.
    if (findings.vendor == nullptr && !subject.service.empty() && !findings.endpoint->service.empty() &&
        !is_same_service(subject.service, findings.endpoint->service)) {
        findings.mismatches.push_back({"service", subject.service, findings.endpoint->service});
    }
}

void add_mismatches(const Subject& subject, Findings& findings) {
    add_endpoint_mismatches(subject, findings);
    if (findings.connects_to_vendor == false) {
        findings.mismatches.push_back(
            {"endpoint_service", findings.endpoint->service, findings.vendor->endpoint_service});
    }
    if (findings.asks_private_host == false && subject.host.find("privatelink") != std::string::npos) {
        findings.mismatches.push_back({"host", subject.host, findings.vendor->private_host});
    }
    for (const std::string& zone : findings.zones_without_service) {
        findings.mismatches.push_back({"zone", zone, {}});
    }
}

}  // namespace

bool Findings::rules_allow() const {
    return !rulings.empty() && std::ranges::all_of(rulings, [](const Ruling& ruling) {
        return ruling.passage == Passage::allowed;
    });
}

void Findings::add(const Ruling& ruling) {
    if (!blocked && ruling.passage == Passage::denied) {
        blocked = ruling;
    }
    rulings.push_back(ruling);
}

Findings find(const Facts& facts, const Subject& subject, std::optional<Time> failing_since) {
    Findings findings;
    findings.facts = fresh(facts, failing_since);
    findings.vendor = find_vendor(*findings.facts, subject);
    if (subject.side == Side::consumer) {
        findings.endpoint = find_endpoint(subject, findings);
        findings.endpoint_absent = is_gone(*findings.facts, subject);
        add_names(subject, findings);
    }
    if (findings.vendor != nullptr) {
        add_vendor(subject, findings);
    }
    if (findings.endpoint != nullptr) {
        add_addresses(subject, findings);
        add_rulings(subject, findings);
    }
    add_provider(subject, findings);
    add_mismatches(subject, findings);
    return findings;
}

}  // namespace whylink::control
