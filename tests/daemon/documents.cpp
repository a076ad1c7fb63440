#include "documents.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace whylink::daemon_test {
namespace {

using nlohmann::json;

Probe probe_of(const json& probe) {
    const char* where = probe.contains("resolver") ? "resolver" : "address";
    return {probe.at("stage"), probe.value(where, ""), probe.at("outcome")};
}

TargetReport target_of(const json& entry) {
    const json& diagnosis = entry.at("diagnosis");
    TargetReport target;
    target.healthy = entry.at("healthy");
    target.cause = diagnosis.at("cause");
    target.severity = diagnosis.at("severity");
    target.confidence = diagnosis.at("confidence");
    target.evidence = diagnosis.at("evidence").get<std::vector<std::string>>();
    target.health_since = entry.value("health_since", "");
    for (const json& probe : entry.at("probes")) {
        if (!probe.contains("experiment")) {
            target.probes.push_back(probe_of(probe));
        }
    }
    std::ranges::sort(target.probes);
    return target;
}

LogRecord record_of(const json& line) {
    LogRecord record{line.value("level", ""), line.value("event", ""), line.value("message", ""), {}, {}};
    for (const auto& [key, value] : line.items()) {
        if (value.is_string()) {
            record.texts[key] = value;
        }
        if (value.is_boolean()) {
            record.texts[key] = value.get<bool>() ? "true" : "false";
        }
        // Lists of objects are of no interest here.
        if (value.is_array() &&
            std::all_of(value.begin(), value.end(), [](const json& item) { return item.is_string(); })) {
            record.lists[key] = value.get<std::vector<std::string>>();
        }
    }
    return record;
}

}  // namespace

std::map<std::string, TargetReport> parse_report(std::string_view text) {
    const json report = json::parse(text, nullptr, false);
    if (!report.is_object() || report.value("schema", "") != "whylink/1") {
        throw std::runtime_error("no report: " + std::string(text));
    }
    std::map<std::string, TargetReport> targets;
    for (const char* kind : {"endpoints", "zones"}) {
        for (const json& entry : report.at(kind)) {
            targets[entry.at("name")] = target_of(entry);
        }
    }
    return targets;
}

std::string LogRecord::text(const std::string& field) const {
    const auto found = texts.find(field);
    return found != texts.end() ? found->second : "";
}

Log parse_log(std::string_view text) {
    Log log;
    // What follows the last line break is still being written.
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        const json line = json::parse(text.substr(0, end), nullptr, false);
        if (line.is_object()) {
            log.records.push_back(record_of(line));
        } else {
            log.strays.emplace_back(text.substr(0, end));
        }
        text.remove_prefix(end + 1);
    }
    return log;
}

}  // namespace whylink::daemon_test
