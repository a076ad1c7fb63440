#include "daemon/commands/record.hpp"

#include <chrono>
#include <string_view>

#include <nlohmann/json.hpp>

#include "control/protocol/json.hpp"
#include "daemon/evidence/store.hpp"
#include "daemon/report/human/text.hpp"
#include "probes/record.hpp"

namespace whylink::daemon {
namespace {

probes::Round round_of(const checks::Verdict& verdict) {
    probes::Round round;
    round.packets = verdict.packets;
    round.proxies = verdict.proxies;
    round.cloud = verdict.cloud;
    for (const checks::JudgedProbe& probe : verdict.probes) {
        round.probes.push_back(probe.observation);
    }
    for (const checks::JudgedFollowUp& test : verdict.follow_ups) {
        round.follow_ups.push_back({test.kind, test.probe.observation, test.host});
    }
    for (const checks::JudgedHold& hold : verdict.holds) {
        round.holds.push_back(hold.connection);
    }
    return round;
}

/// In the words of the reader's protocol, which is how a case is read.
nlohmann::ordered_json accounts_of(const TargetReadings& readings,
                                   std::chrono::system_clock::time_point started_at) {
    control::ReadRequest request;
    request.subjects = {readings.subject};
    control::ReadAnswer answer;
    answer.readings = *readings.all;
    const auto asked = nlohmann::ordered_json::parse(control::to_line(control::Request(std::move(request))));
    const auto told = nlohmann::ordered_json::parse(control::to_line(control::Answer(std::move(answer))));
    nlohmann::ordered_json made = nlohmann::ordered_json::object();
    made["subject"] = asked["message"]["subjects"][0];
    made["failing_since"] =
        std::chrono::floor<std::chrono::milliseconds>(started_at).time_since_epoch().count();
    made["readings"] = told["message"].value("readings", nlohmann::ordered_json::object());
    return made;
}

}  // namespace

std::string recorded(const Report& report) {
    if (report.entries.size() == 1) {
        return probes::to_json(round_of(*report.entries.front().verdict)) + "\n";
    }
    nlohmann::ordered_json by_name = nlohmann::ordered_json::object();
    for (const ReportEntry& entry : report.entries) {
        by_name[valid_utf8(entry.target->name())] =
            nlohmann::ordered_json::parse(probes::to_json(round_of(*entry.verdict)));
    }
    return by_name.dump(2) + "\n";
}

std::string recorded_accounts(const Report& report) {
    nlohmann::ordered_json by_name = nlohmann::ordered_json::object();
    for (const ReportEntry& entry : report.entries) {
        if (entry.readings != nullptr) {
            by_name[valid_utf8(entry.target->name())] = accounts_of(*entry.readings, report.started_at);
        }
    }
    return by_name.empty() ? std::string() : by_name.dump(2) + "\n";
}

std::string accounts_file(const std::string& file) {
    constexpr std::string_view ending = ".json";
    const std::string_view name(file);
    return std::string(name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : name) +
           ".accounts.json";
}

std::optional<std::string> record(const Report& report, const std::string& file) {
    auto fault = write_private_file(file, recorded(report));
    const std::string accounts = recorded_accounts(report);
    if (fault || accounts.empty()) {
        return fault;
    }
    return write_private_file(accounts_file(file), accounts);
}

}  // namespace whylink::daemon
