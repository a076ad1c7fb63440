#include "daemon/report/json/probe.hpp"

#include <variant>

#include "checks/explain/text.hpp"
#include "daemon/report/json/fields.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon {
namespace {

using json::Json;
using json::seconds;
using probes::DnsFacts;

Json query_json(const probes::DnsQuery& query, std::optional<checks::Outcome> outcome) {
    Json object = {{"type", slug(query.type)}};
    object["rcode"] = query.rcode ? Json(checks::rcode_text(*query.rcode)) : Json(nullptr);
    if (outcome) {
        object["outcome"] = slug(*outcome);
    }
    json::add_fields(object, query);
    return object;
}

void add_dns(Json& object, const DnsFacts& facts, const std::vector<checks::Outcome>& outcomes) {
    Json queries = Json::array();
    for (std::size_t i = 0; i < facts.queries.size(); ++i) {
        queries.push_back(
            query_json(facts.queries[i], i < outcomes.size() ? std::optional(outcomes[i]) : std::nullopt));
    }
    object["role"] = slug(facts.role);
    object["queries"] = std::move(queries);
    object["answers"] = json::value_json(answers_of(facts));
    object["cnames"] = json::value_json(cnames_of(facts));
    json::add_fields(object, facts);
}

void add_target(Json& object, const probes::Observation& observation) {
    const auto* dns = get_if<DnsFacts>(&observation.facts);
    if (observation.stage == probes::Stage::dns && dns != nullptr) {
        object["target"] = valid_utf8(dns->name);
        object["resolver"] = resolver_text(*dns);
    } else {
        if (observation.address) {
            object["address"] = observation.address->to_string();
        }
        object["port"] = observation.port;
    }
}

void add_facts(Json& object, const checks::JudgedProbe& probe) {
    visit(
        [&]<class F>(const F& facts) {
            if constexpr (std::is_same_v<F, DnsFacts>) {
                add_dns(object, facts, probe.query_outcomes);
            } else if (!probes::OfWatch<F> || !probe.observation.local) {
                // Where nobody looked, zeros would say that nothing was there.
                json::add_fields(object, facts);
            }
        },
        probe.observation.facts);
}

void add_local(Json& object, const probes::Rare<probes::LocalError>& local) {
    if (local) {
        object["local_error"] = json::fields_json(*local);
    }
}

void add_text(Json& object, const char* key, const std::string& text) {
    if (!text.empty()) {
        object[key] = valid_utf8(text);
    }
}

template <class Made>
void add_times(Json& object, const Made& made) {
    object["started_at"] = rfc3339(made.started);
    object["duration_seconds"] = seconds(made.took);
}

/// `experiment`: which follow-up test it is; empty: none.
Json any_probe_json(const checks::JudgedProbe& probe, const std::string& experiment,
                    const std::string& detail) {
    const probes::Observation& observation = probe.observation;
    Json object = {{"stage", slug(observation.stage)}};
    add_target(object, observation);
    object["outcome"] = slug(probe.outcome);
    add_text(object, "experiment", experiment);
    add_times(object, observation);
    add_text(object, "detail", detail);
    if (!probe.faults.empty()) {
        object["faults"] = json::value_json(probe.faults);
    }
    object["counts"] = probe.counts;
    add_local(object, observation.local);
    add_facts(object, probe);
    return object;
}

}  // namespace

Json json::alert_json(const probes::TlsAlert& alert) {
    return {{"name", alert_name(alert.description)},
            {"code", alert.description},
            {"level", alert.level == 1 ? "warning" : "fatal"},
            {"direction", alert.sent_by_us ? "sent" : "received"}};
}

Json probe_json(const checks::JudgedProbe& probe, const std::string& detail) {
    return any_probe_json(probe, {}, detail);
}

Json probe_json(const checks::JudgedFollowUp& test, const std::string& detail) {
    return any_probe_json(test.probe, std::string(slug(test.kind)), detail);
}

Json probe_json(const checks::JudgedHold& hold, const std::string& detail) {
    const probes::HeldConnection& held = hold.connection;
    Json object = {{"stage", "tcp"}, {"address", held.address.to_string()}, {"port", held.port}};
    object["outcome"] = slug(hold.outcome);
    object["experiment"] = probes::hold_slug;
    add_times(object, held);
    add_text(object, "detail", detail);
    object["counts"] = false;
    add_local(object, held.local);
    if (!held.local) {
        json::add_fields(object, held.facts);
    }
    return object;
}

Json packets_json(const std::vector<probes::CapturedConnection>& packets) {
    Json by_address = Json::object();
    for (const probes::CapturedConnection& connection : packets) {
        by_address.emplace(connection.address.to_string(), json::fields_json(connection.facts));
    }
    return by_address;
}

}  // namespace whylink::daemon
