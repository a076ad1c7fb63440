#include "daemon/render_json.hpp"

#include "daemon/probe_json.hpp"
#include "daemon/text.hpp"

namespace whylink::daemon {
namespace {

using Json = nlohmann::ordered_json;

Json strings(const std::vector<std::string>& texts) {
    Json array = Json::array();
    for (const std::string& text : texts)
        array.push_back(valid_utf8(text));
    return array;
}

Json labels_json(const std::map<std::string, std::string>& labels) {
    Json object = Json::object();
    for (const auto& [name, value] : labels)
        object[valid_utf8(name)] = valid_utf8(value);
    return object;
}

Json diagnosis_json(const checks::Diagnosis& diagnosis) {
    Json alternatives = Json::array();
    for (const checks::Cause cause : diagnosis.alternatives)
        alternatives.push_back(checks::slug(cause));
    return {
        {"cause", checks::slug(diagnosis.cause)},           {"severity", checks::slug(diagnosis.severity)},
        {"confidence", checks::slug(diagnosis.confidence)}, {"summary", valid_utf8(diagnosis.summary)},
        {"evidence", strings(diagnosis.evidence)},          {"remediation", strings(diagnosis.remediation)},
        {"alternatives", std::move(alternatives)}};
}

void add_verdict(Json& entry, const checks::Verdict& verdict) {
    entry["healthy"] = verdict.healthy;
    entry["diagnosis"] = diagnosis_json(verdict.diagnosis);
    Json probes = Json::array();
    for (const checks::JudgedProbe& probe : verdict.probes)
        probes.push_back(probe_json(probe));
    entry["probes"] = std::move(probes);
}

Json endpoint_json(const EndpointReport& report) {
    const config::Endpoint& endpoint = report.endpoint;
    Json entry = {{"name", valid_utf8(endpoint.name)}};
    entry["profile"] = endpoint.profile.empty() ? Json(nullptr) : Json(valid_utf8(endpoint.profile));
    entry["host"] = valid_utf8(endpoint.host);
    entry["port"] = endpoint.port;
    entry["labels"] = labels_json(endpoint.labels);
    add_verdict(entry, report.verdict);
    return entry;
}

Json zone_json(const ZoneReport& report) {
    Json entry = {{"name", valid_utf8(report.zone.name)},
                  {"zone", valid_utf8(report.zone.zone)},
                  {"labels", labels_json(report.zone.labels)}};
    add_verdict(entry, report.verdict);
    return entry;
}

}  // namespace

std::string render_json(const Report& report) {
    Json document = {{"schema", "whylink/1"},
                     {"vantage_point", valid_utf8(report.vantage_point)},
                     {"started_at", rfc3339(report.started_at)},
                     {"duration_seconds", std::chrono::duration<double>(report.duration).count()},
                     {"healthy", report.healthy()},
                     {"endpoints", Json::array()},
                     {"zones", Json::array()},
                     {"watches", Json::array()}};
    for (const EndpointReport& entry : report.endpoints)
        document["endpoints"].push_back(endpoint_json(entry));
    for (const ZoneReport& entry : report.zones)
        document["zones"].push_back(zone_json(entry));
    return document.dump(2) + "\n";
}

}  // namespace whylink::daemon
