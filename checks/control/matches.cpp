#include "checks/control/matches.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <span>

#include "config/ascii.hpp"
#include "config/dns_name.hpp"
#include "config/outside_text.hpp"

namespace whylink::control {
namespace {

bool same_without_case(std::string_view one, std::string_view other) {
    return lower_case(one) == lower_case(other);
}

/// A word and what it means.
template <class State>
struct Meaning {
    std::string_view word;
    State state;
};

template <class State>
State meaning_of(std::string_view word, std::span<const Meaning<State>> meanings) {
    const auto row = std::ranges::find_if(
        meanings, [&](const Meaning<State>& known) { return same_without_case(known.word, word); });
    return row == meanings.end() ? State::unknown : row->state;
}

/// How an identifier is written. Two of different forms may be of one endpoint.
enum class Form : std::uint8_t { resource_id, guid, number, other };

bool is_guid(std::string_view id) {
    constexpr std::string_view shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    return std::ranges::equal(id, shape, [](char letter, char place) {
        return place == '-' ? letter == '-' : std::isxdigit(static_cast<unsigned char>(letter)) != 0;
    });
}

bool is_number(std::string_view id) {
    return std::ranges::all_of(
        id, [](char letter) { return std::isdigit(static_cast<unsigned char>(letter)) != 0; });
}

Form form_of(std::string_view id) {
    constexpr std::string_view of_azure = "/subscriptions/";
    if (same_without_case(id.substr(0, of_azure.size()), of_azure)) {
        return Form::resource_id;
    }
    return is_guid(id) ? Form::guid : is_number(id) ? Form::number : Form::other;
}

bool has_id(const Endpoint& endpoint, std::string_view id) {
    return same_id(endpoint.id, id) ||
           std::ranges::any_of(endpoint.other_ids, [id](const std::string& own) { return same_id(own, id); });
}

bool has_form(const Endpoint& endpoint, Form form) {
    return form_of(endpoint.id) == form ||
           std::ranges::find(endpoint.other_ids, form, form_of) != endpoint.other_ids.end();
}

bool has_address(const Endpoint& endpoint, const IpAddress& address) {
    return std::ranges::any_of(endpoint.interfaces.items, [&](const Interface& interface) {
        return std::ranges::find(interface.addresses, address) != interface.addresses.end();
    });
}

/// The public name that belongs to a private one: "abcd.eu-west-1.aws.…" of "abcd.eu-west-1.vpce.aws.…". Empty: it has
/// no label of the private ones.
std::string public_name_of(const std::string& host) {
    constexpr std::string_view labels[]{".privatelink.", ".vpce.", ".p."};
    for (const std::string_view label : labels) {
        const std::size_t at = host.find(label);
        if (at != std::string::npos) {
            return host.substr(0, at) + host.substr(at + label.size() - 1);
        }
    }
    return {};
}

}  // namespace

ConnectionState connection_state(std::string_view word) {
    using enum ConnectionState;
    // "pending" is Azure's and GCP's; AWS has "pendingAcceptance" for it, and its reader knows what "pending" means there.
    constexpr Meaning<ConnectionState> meanings[]{
        {"pendingAcceptance", waiting},
        {"pending", waiting},
        {"provisioning", setting_up},
        {"updating", setting_up},
        {"needs_attention", needs_attention},
        {"available", available},
        {"approved", available},
        {"accepted", available},
        {"partial", partial},
        {"rejected", rejected},
        {"disconnected", disconnected},
        {"removed", disconnected},
        {"closed", disconnected},
        {"failed", failed},
        {"expired", expired},
        {"deleting", deleting},
        {"deleted", deleted},
    };
    return meaning_of<ConnectionState>(word, meanings);
}

TargetState target_state(std::string_view word) {
    using enum TargetState;
    constexpr Meaning<TargetState> meanings[]{
        {"initial", initial},         {"healthy", healthy},
        {"unhealthy", unhealthy},     {"unhealthy.draining", unhealthy},
        {"unused", unused},           {"draining", draining},
        {"unavailable", unavailable},
    };
    return meaning_of<TargetState>(word, meanings);
}

ServiceState service_state(std::string_view word) {
    using enum ServiceState;
    constexpr Meaning<ServiceState> meanings[]{
        {"running", running},
        {"partially_running", degraded},
        {"degraded", degraded},
        {"starting", starting},
        {"awaking", starting},
        {"provisioning", starting},
        {"stopping", stopping},
        {"stopped", stopped},
        {"idle", idle},
        {"failed", failed},
        {"terminating", terminated},
        {"terminated", terminated},
        {"softdeleting", terminated},
        {"softdeleted", terminated},
    };
    return meaning_of<ServiceState>(word, meanings);
}

bool same_id(std::string_view one, std::string_view other) {
    // What was cut is nobody's identifier.
    if (one.empty() || is_cut(one) || is_cut(other)) {
        return false;
    }
    const Form form = form_of(one);
    const bool without_case = form == Form::resource_id || form == Form::guid;
    return without_case ? same_without_case(one, other) : one == other;
}

std::optional<bool> is_listed(const VendorService& service, const Endpoint& endpoint) {
    const std::vector<std::string>& list = service.allow_list.items;
    if (std::ranges::any_of(list, [&](const std::string& entry) { return has_id(endpoint, entry); })) {
        return true;
    }
    // An entry of a form that was not read of this endpoint may be its own.
    const bool comparable = std::ranges::all_of(
        list, [&](const std::string& entry) { return !is_cut(entry) && has_form(endpoint, form_of(entry)); });
    return service.allow_list.complete && comparable ? std::optional(false) : std::nullopt;
}

const Endpoint* endpoint_by_id(const Facts& facts, std::string_view id) {
    const auto found = std::ranges::find_if(facts.endpoints,
                                            [id](const Endpoint& endpoint) { return has_id(endpoint, id); });
    return found == facts.endpoints.end() ? nullptr : &*found;
}

const Endpoint* endpoint_by_address(const Facts& facts, const IpAddress& address) {
    const Endpoint* owner = nullptr;
    for (const Endpoint& endpoint : facts.endpoints) {
        if (!has_address(endpoint, address)) {
            continue;
        }
        // Networks may have the same addresses: then nothing says which endpoint is meant.
        if (owner != nullptr && !same_id(owner->id, endpoint.id)) {
            return nullptr;
        }
        owner = owner == nullptr ? &endpoint : owner;
    }
    return owner;
}

bool has_name(const Endpoint& endpoint, const Subject& subject) {
    const auto is_endpoints = [&](const std::string& name) {
        const std::string wanted = canonical_name(name);
        return std::ranges::any_of(endpoint.dns_names,
                                   [&](const std::string& own) { return canonical_name(own) == wanted; });
    };
    return is_endpoints(subject.host) || std::ranges::any_of(subject.names, is_endpoints);
}

bool is_in_zone(std::string_view name, std::string_view zone) {
    if (zone.empty() || !name.ends_with(zone)) {
        return false;
    }
    return name.size() == zone.size() || name[name.size() - zone.size() - 1] == '.';
}

bool is_public_host(const VendorService& service, std::string_view host) {
    const std::string name = canonical_name(host);
    return std::ranges::any_of(service.addresses, [&](const ServiceAddress& address) {
        return canonical_name(address.host) == name;
    });
}

const VendorService* service_by_host(const Facts& facts, std::string_view host) {
    const std::string name = canonical_name(host);
    const std::string public_name = public_name_of(name);
    const auto found = std::ranges::find_if(facts.vendor_services, [&](const VendorService& service) {
        return !name.empty() &&
               (canonical_name(service.private_host) == name || is_public_host(service, name) ||
                (!public_name.empty() && is_public_host(service, public_name)));
    });
    return found == facts.vendor_services.end() ? nullptr : &*found;
}

}  // namespace whylink::control
