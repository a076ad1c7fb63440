#include "daemon/report/json/render.hpp"

#include <fmt/format.h>

#include <utility>

#include "daemon/report/exit_status.hpp"
#include "daemon/report/formats.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/json/packets.hpp"
#include "daemon/report/json/probe.hpp"

namespace whylink::daemon {
namespace {

using Json = nlohmann::ordered_json;

Json strings(const std::vector<std::string>& texts) {
    Json array = Json::array();
    for (const std::string& text : texts) {
        array.push_back(valid_utf8(text));
    }
    return array;
}

Json labels_json(const std::map<std::string, std::string>& labels) {
    Json object = Json::object();
    for (const auto& [name, value] : labels) {
        object[valid_utf8(name)] = valid_utf8(value);
    }
    return object;
}

Json diagnosis_json(const checks::Decision& decision, const checks::Explanation& explanation) {
    Json alternatives = Json::array();
    for (const Cause cause : decision.alternatives) {
        alternatives.push_back(slug(cause));
    }
    return {{"cause", slug(decision.cause)},
            {"severity", slug(decision.severity)},
            {"confidence", slug(decision.confidence)},
            {"summary", valid_utf8(explanation.summary)},
            {"evidence", strings(explanation.evidence)},
            {"remediation", strings(explanation.steps)},
            {"alternatives", std::move(alternatives)}};
}

/// The probes, then what was done beside them.
Json probes_json(const checks::Verdict& verdict, const checks::Details& details) {
    Json probes = Json::array();
    const auto add = [&probes](const auto& made, const std::vector<std::string>& texts) {
        for (std::size_t i = 0; i < made.size(); ++i) {
            probes.push_back(probe_json(made[i], i < texts.size() ? texts[i] : std::string()));
        }
    };
    add(verdict.probes, details.probes);
    add(verdict.follow_ups, details.follow_ups);
    add(verdict.holds, details.holds);
    return probes;
}

void add_verdict(Json& entry, const ReportEntry& report) {
    const auto explanation = report.explained();
    entry["healthy"] = report.verdict->healthy;
    entry["diagnosis"] = diagnosis_json(report.verdict->decision, *explanation);
    entry["probes"] = probes_json(*report.verdict, explanation->details);
}

void add_standing(Json& entry, const std::optional<Standing>& standing) {
    if (!standing) {
        return;
    }
    entry["round_started_at"] = rfc3339(standing->round_started);
    entry["round_duration_seconds"] = std::chrono::duration<double>(standing->round_took).count();
    entry["health_since"] = rfc3339(standing->health_since);
}

void add_evidence_file(Json& entry, const std::string& file) {
    if (!file.empty()) {
        entry["evidence_file"] = valid_utf8(file);
    }
}

Json entry_json(const config::Endpoint& endpoint, const ReportEntry& report) {
    Json entry = {{"name", valid_utf8(endpoint.name)}};
    entry["profile"] = endpoint.profile.empty() ? Json(nullptr) : Json(valid_utf8(endpoint.profile));
    entry["host"] = valid_utf8(endpoint.host);
    entry["port"] = endpoint.port;
    entry["labels"] = labels_json(endpoint.labels);
    add_verdict(entry, report);
    if (Json packets = packets_json(report.verdict->packets); !packets.empty()) {
        entry["packets"] = std::move(packets);
    }
    add_evidence_file(entry, report.evidence_file);
    add_standing(entry, report.standing);
    return entry;
}

Json entry_json(const config::Zone& zone, const ReportEntry& report) {
    Json entry = {{"name", valid_utf8(zone.name)},
                  {"zone", valid_utf8(zone.zone)},
                  {"labels", labels_json(zone.labels)}};
    add_verdict(entry, report);
    add_standing(entry, report.standing);
    return entry;
}

Json entry_json(const config::Watch& watch, const ReportEntry& report) {
    Json entry = {{"name", valid_utf8(watch.name)}, {"direction", slug(watch.direction)}};
    // Traffic from this host may be watched whatever its port.
    entry["port"] = watch.port == 0 ? Json(nullptr) : Json(watch.port);
    for (const Cidr& peer : watch.peer) {
        entry["peer"].push_back(peer.to_string());
    }
    entry["labels"] = labels_json(watch.labels);
    add_verdict(entry, report);
    add_evidence_file(entry, report.evidence_file);
    add_standing(entry, report.standing);
    return entry;
}

/// A document of ten thousand entries as a tree takes a hundred times its text; so each entry is a tree of
/// its own, and its lines are moved to where they stand in the document. Inside JSON a line break is always
/// between values.
void append_entry(std::string& text, const Json& entry) {
    text += text.ends_with("[") ? "\n    " : ",\n    ";
    for (const char character : entry.dump(2)) {
        text += character;
        if (character == '\n') {
            text += "    ";
        }
    }
}

template <class What>
void append_list(std::string& text, std::string_view key, const Report& report) {
    text += fmt::format(",\n  \"{}\": [", key);
    for (const ReportEntry& entry : report.entries) {
        if (const What* what = std::get_if<What>(&entry.target->what())) {
            append_entry(text, entry_json(*what, entry));
        }
    }
    text += text.ends_with("[") ? "]" : "\n  ]";
}

}  // namespace

std::string render_json(const Report& report) {
    const Json head = {{"schema", "whylink/1"},
                       {"vantage_point", valid_utf8(report.vantage_point)},
                       {"started_at", rfc3339(report.started_at)},
                       {"duration_seconds", std::chrono::duration<double>(report.duration).count()},
                       {"healthy", tally(report).unhealthy() == 0}};
    std::string text = head.dump(2);
    text.resize(text.size() - std::string_view("\n}").size());
    append_list<config::Endpoint>(text, "endpoints", report);
    append_list<config::Zone>(text, "zones", report);
    append_list<config::Watch>(text, "watches", report);
    return text + "\n}\n";
}

constexpr ReportFormat json_format{
    .slug = "json",
    .content_type = "application/json",
    .render = [](const Report& report, const HumanStyle&,
                 std::optional<std::chrono::system_clock::time_point>) { return render_json(report); },
    .exit_status = exit_status,
    .usage_status = exit_usage};

}  // namespace whylink::daemon
