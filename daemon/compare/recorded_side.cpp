#include "daemon/compare/recorded_side.hpp"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "checks/judge.hpp"
#include "config/dns_name.hpp"
#include "daemon/report/formats.hpp"
#include "probes/record.hpp"

namespace whylink::daemon {
namespace {

using nlohmann::json;
using probes::NameRole;
using probes::Observation;
using probes::Round;

/// The first probe of a kind of facts for which `is_so`.
template <class F, class Predicate>
const F* find_facts(const Round& round, Predicate is_so) {
    for (const Observation& probe : round.probes) {
        const F* facts = get_if<F>(&probe.facts);
        if (facts != nullptr && is_so(*facts)) {
            return facts;
        }
    }
    return nullptr;
}

template <class F>
const F* find_facts(const Round& round) {
    return find_facts<F>(round, [](const F&) { return true; });
}

/// What the first label of a random name or a known label hangs below.
std::string parent_of(const std::string& name) {
    const std::size_t dot = name.find('.');
    return dot == std::string::npos ? name : name.substr(dot + 1);
}

config::Watch watch_of(const Round& round) {
    config::Watch watch;
    if (const auto* traffic = find_facts<probes::TrafficFacts>(round)) {
        watch.direction = traffic->inbound ? config::Direction::inbound : config::Direction::outbound;
        watch.port = traffic->port;
    }
    return watch;
}

std::optional<config::Zone> zone_of(const Round& round) {
    const auto* label = find_facts<probes::DnsFacts>(round, [](const probes::DnsFacts& dns) {
        return dns.role == NameRole::random_label || dns.role == NameRole::known_label;
    });
    if (label == nullptr) {
        return std::nullopt;
    }
    config::Zone zone;
    zone.zone = parent_of(label->name);
    return zone;
}

std::optional<config::Endpoint> endpoint_of(const Round& round) {
    config::Endpoint endpoint;
    endpoint.private_space = false;
    endpoint.experiments = false;
    const auto* name = find_facts<probes::DnsFacts>(
        round, [](const probes::DnsFacts& dns) { return dns.role == NameRole::host; });
    const auto connection = std::ranges::find_if(
        round.probes, [](const Observation& probe) { return probe.address.has_value(); });
    if (connection != round.probes.end()) {
        endpoint.port = connection->port;
    }
    if (name != nullptr) {
        endpoint.host = name->name;
    } else if (connection != round.probes.end()) {
        endpoint.address = connection->address;
        endpoint.host = connection->address->to_string();
    } else {
        return std::nullopt;
    }
    const auto* tls = find_facts<probes::TlsFacts>(round);
    endpoint.tls.mode = tls == nullptr ? config::TlsMode::off : config::TlsMode::required;
    endpoint.tls.server_name = tls == nullptr ? std::string() : tls->server_name;
    endpoint.tls.verify = tls == nullptr || tls->verified;
    if (const auto* app = find_facts<probes::AppFacts>(round)) {
        endpoint.app = from_slug<config::App>(app->protocol).value_or(config::App::none);
    }
    return endpoint;
}

template <class T>
config::TargetPtr named(T what, const std::string& name, const std::string& otherwise) {
    what.name = name.empty() ? otherwise : name;
    return config::make_target(std::move(what));
}

/// Null: nothing in the record says what was probed.
config::TargetPtr target_of(const Round& round, const std::string& name) {
    if (find_facts<probes::ListenerFacts>(round) != nullptr ||
        find_facts<probes::TrafficFacts>(round) != nullptr) {
        return named(watch_of(round), name, "watch");
    }
    if (auto zone = zone_of(round)) {
        const std::string zone_name = zone->zone;
        return named(std::move(*zone), name, zone_name);
    }
    if (auto endpoint = endpoint_of(round)) {
        const std::string place = endpoint->host + ":" + std::to_string(endpoint->port);
        return named(std::move(*endpoint), name, place);
    }
    return nullptr;
}

checks::TimePoint time_of(const Round& round) {
    return round.probes.empty() ? checks::TimePoint{} : round.probes.front().started;
}

std::optional<std::string> add_round(Report& report, const std::string& text, const std::string& name) {
    auto read = probes::from_json(text);
    if (const auto* fault = std::get_if<std::string>(&read)) {
        return "neither a report nor a record of whylink: " + *fault;
    }
    Round& round = std::get<Round>(read);
    config::TargetPtr target = target_of(round, name);
    if (target == nullptr) {
        return "no recorded probe" + (name.empty() ? std::string() : " of " + name);
    }
    const checks::TimePoint at = time_of(round);
    auto verdict = std::make_shared<const checks::Verdict>(
        checks::judge(*target, checks::assess(*target, std::move(round), at)));
    report.started_at = at;
    report.entries.push_back({std::move(target), std::move(verdict)});
    return std::nullopt;
}

/// An array of observations, or an object of them by the targets' names.
std::optional<std::string> add_rounds(Report& report, const json& document) {
    if (!document.is_object()) {
        return add_round(report, document.dump(-1, ' ', false, json::error_handler_t::replace), {});
    }
    for (const auto& [name, observations] : document.items()) {
        const std::string text = observations.dump(-1, ' ', false, json::error_handler_t::replace);
        if (auto fault = add_round(report, text, name)) {
            return fault;
        }
    }
    return report.entries.empty() ? std::optional<std::string>("no target in the record") : std::nullopt;
}

}  // namespace

std::variant<Side, std::string> side_of_record(std::string_view text) {
    const json document = json::parse(text, nullptr, false);
    if (document.is_discarded()) {
        return "not JSON";
    }
    Report report;
    if (const auto fault = add_rounds(report, document)) {
        return *fault;
    }
    auto side = side_of_report(json_format.render(report, {}, std::nullopt));
    if (auto* good = std::get_if<Side>(&side)) {
        good->label.clear();
    }
    return side;
}

}  // namespace whylink::daemon
