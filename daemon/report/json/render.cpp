#include "daemon/report/json/render.hpp"

#include <fmt/format.h>

#include "daemon/report/formats.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/json/control.hpp"
#include "daemon/report/json/fields.hpp"
#include "daemon/report/json/probe.hpp"

namespace whylink::daemon {
namespace {

using json::Json;

Json labels_json(const std::map<std::string, std::string>& labels) {
    Json object = Json::object();
    for (const auto& [name, value] : labels) {
        object[valid_utf8(name)] = valid_utf8(value);
    }
    return object;
}

Json diagnosis_json(const checks::Decision& decision, const checks::Explanation& explanation) {
    return {{"cause", slug(decision.cause)},
            {"severity", slug(decision.severity)},
            {"confidence", slug(decision.confidence)},
            {"summary", valid_utf8(explanation.summary)},
            {"evidence", json::value_json(explanation.evidence)},
            {"remediation", json::value_json(explanation.steps)},
            {"alternatives", json::value_json(decision.alternatives)},
            {"unexplained", json::value_json(explanation.unexplained)}};
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

void add_place(Json& entry, const config::Endpoint& endpoint) {
    entry["profile"] = endpoint.profile.empty() ? Json(nullptr) : Json(valid_utf8(endpoint.profile));
    entry["host"] = valid_utf8(endpoint.host);
    entry["port"] = endpoint.port;
}

void add_place(Json& entry, const config::Zone& zone) {
    entry["zone"] = valid_utf8(zone.zone);
}

void add_place(Json& entry, const config::Watch& watch) {
    entry["direction"] = slug(watch.direction);
    // Traffic from this host may be watched whatever its port.
    entry["port"] = watch.port == 0 ? Json(nullptr) : Json(watch.port);
    for (const Cidr& peer : watch.peer) {
        entry["peer"].push_back(peer.to_string());
    }
}

Json history_json(const TargetHistory& history) {
    Json changes = Json::array();
    for (const Change& change : history.changes) {
        changes.push_back({{"at", rfc3339(change.at)},
                           {"what", slug(change.what)},
                           {"from", valid_utf8(value_text(change.from))},
                           {"to", valid_utf8(value_text(change.to))}});
    }
    return {{"since", rfc3339(history.since)},
            {"last_healthy", history.last_healthy ? Json(rfc3339(*history.last_healthy)) : Json(nullptr)},
            {"changes", std::move(changes)}};
}

Json entry_json(const ReportEntry& report) {
    const config::Target& target = *report.target;
    const checks::Verdict& verdict = *report.verdict;
    const auto explanation = report.explained();
    Json entry = {{"name", valid_utf8(target.name())}};
    std::visit([&entry](const auto& what) { add_place(entry, what); }, target.what());
    entry["labels"] = labels_json(target.head().labels);
    entry["healthy"] = verdict.healthy;
    entry["diagnosis"] = diagnosis_json(verdict.decision, *explanation);
    entry["probes"] = probes_json(verdict, explanation->details);
    if (!verdict.packets.empty()) {
        entry["packets"] = packets_json(verdict.packets);
    }
    if (!report.evidence_file.empty()) {
        entry["evidence_file"] = valid_utf8(report.evidence_file);
    }
    if (report.readings != nullptr) {
        entry["control"] = control_json(report.readings->reads);
    }
    if (const auto& standing = report.standing) {
        entry["round_started_at"] = rfc3339(standing->round_started);
        entry["round_duration_seconds"] = json::seconds(standing->round_took);
        entry["health_since"] = rfc3339(standing->health_since);
        if (standing->history != nullptr) {
            entry["history"] = history_json(*standing->history);
        }
    }
    return entry;
}

Json host_json(const Report& report) {
    const ReportHost& host = report.host;
    Json object = {{"name", valid_utf8(report.vantage_point)},
                   {"cloud", host.cloud ? Json(slug(*host.cloud)) : Json(nullptr)},
                   {"kernel", valid_utf8(host.kernel)},
                   {"container", host.container},
                   {"capture", host.capture}};
    if (host.instance) {
        object["where"] = where_json(*host.instance);
    }
    return object;
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

void append_list(std::string& text, std::string_view key, config::TargetKind kind, const Report& report) {
    text += fmt::format(",\n  \"{}\": [", key);
    for (const ReportEntry& entry : report.entries) {
        if (entry.target->kind() == kind) {
            append_entry(text, entry_json(entry));
        }
    }
    text += text.ends_with("[") ? "]" : "\n  ]";
}

}  // namespace

std::string render_json(const Report& report) {
    const Json head = {{"schema", "whylink/1"},
                       {"vantage_point", valid_utf8(report.vantage_point)},
                       {"host", host_json(report)},
                       {"started_at", rfc3339(report.started_at)},
                       {"duration_seconds", json::seconds(report.duration)},
                       {"healthy", tally(report).unhealthy() == 0}};
    std::string text = head.dump(2);
    text.resize(text.size() - std::string_view("\n}").size());
    append_list(text, "endpoints", config::TargetKind::endpoint, report);
    append_list(text, "zones", config::TargetKind::zone, report);
    append_list(text, "watches", config::TargetKind::watch, report);
    // In place: 10,000 targets make 13 MB, which a sum would copy into twice the room.
    text += "\n}\n";
    return text;
}

constexpr ReportFormat json_format{
    .slug = "json",
    .content_type = "application/json",
    .render = [](const Report& report, const HumanStyle&,
                 std::optional<std::chrono::system_clock::time_point>) { return render_json(report); },
    .exit_status = exit_status,
    .usage_status = exit_usage};

}  // namespace whylink::daemon
