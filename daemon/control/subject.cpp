#include "daemon/control/subject.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/control/choice.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon {
namespace {

template <class T>
void sort_each_once(std::vector<T>& list) {
    std::ranges::sort(list);
    const auto rest = std::ranges::unique(list);
    list.erase(rest.begin(), rest.end());
}

void put(control::Subject& subject, const config::Endpoint& endpoint) {
    subject.host = endpoint.host;
    subject.port = endpoint.port;
    subject.expect = endpoint.expect;
    subject.endpoint_id = endpoint.endpoint_id;
    subject.service = endpoint.service;
    if (endpoint.address) {
        subject.addresses.push_back(*endpoint.address);
    }
    if (endpoint.source_address) {
        subject.sources.push_back(*endpoint.source_address);
    }
}

void put(control::Subject& subject, const config::Zone& zone) {
    subject.host = "*." + zone.zone;
    subject.expect = zone.expect;
}

void put(control::Subject& subject, const config::Watch& watch) {
    subject.side =
        watch.direction == config::Direction::inbound ? control::Side::provider : control::Side::consumer;
    subject.port = watch.port;
    subject.service = watch.service;
    subject.peers = watch.peer;
}

/// Of the names that belong to the link: not the public one, and not the control names of a zone.
bool is_of_link(probes::NameRole role) {
    return role != probes::NameRole::public_host && role != probes::NameRole::control;
}

void put_names(control::Subject& subject, const probes::DnsFacts& facts) {
    if (!is_of_link(facts.role)) {
        return;
    }
    for (std::string& name : cnames_of(facts)) {
        subject.names.push_back(std::move(name));
    }
    for (const probes::DnsAnswer& answer : answers_of(facts)) {
        subject.addresses.push_back(answer.address);
    }
}

/// By the socket, else by the route that the kernel would take.
std::optional<IpAddress> source_of(const probes::TcpFacts& facts) {
    if (facts.local_address) {
        return facts.local_address;
    }
    return facts.route ? facts.route->source : std::nullopt;
}

/// Before any round.
control::Subject configured(const config::Target& target) {
    control::Subject subject;
    subject.target = target.name();
    subject.vendor = vendor_of(target);
    std::visit([&subject](const auto& what) { put(subject, what); }, target.what());
    return subject;
}

void put_seen(control::Subject& subject, const probes::Observation& observation) {
    if (const auto* dns = get_if<probes::DnsFacts>(&observation.facts)) {
        put_names(subject, *dns);
    } else if (const auto* tcp = get_if<probes::TcpFacts>(&observation.facts)) {
        if (const auto source = source_of(*tcp)) {
            subject.sources.push_back(*source);
        }
    }
}

control::Subject sorted(control::Subject subject) {
    sort_each_once(subject.names);
    sort_each_once(subject.addresses);
    sort_each_once(subject.sources);
    return subject;
}

}  // namespace

control::Subject subject_of(const config::Target& target, const checks::Assessment* latest) {
    control::Subject subject = configured(target);
    if (latest != nullptr) {
        for (const checks::JudgedProbe& probe : latest->probes) {
            put_seen(subject, probe.observation);
        }
    }
    return sorted(std::move(subject));
}

control::Subject subject_of(const config::Target& target, const probes::Round& round) {
    control::Subject subject = configured(target);
    for (const probes::Observation& observation : round.probes) {
        put_seen(subject, observation);
    }
    return sorted(std::move(subject));
}

}  // namespace whylink::daemon
