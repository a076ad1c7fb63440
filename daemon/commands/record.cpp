#include "daemon/commands/record.hpp"

#include <nlohmann/json.hpp>

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

std::optional<std::string> record(const Report& report, const std::string& file) {
    return write_private_file(file, recorded(report));
}

}  // namespace whylink::daemon
