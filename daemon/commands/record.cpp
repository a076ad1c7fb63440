#include "daemon/commands/record.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "daemon/report/human/text.hpp"
#include "daemon/system/standard_streams.hpp"
#include "probes/record.hpp"

namespace whylink::daemon {
namespace {

probes::Round round_of(const checks::Verdict& verdict) {
    probes::Round round;
    round.packets = verdict.packets;
    for (const checks::JudgedProbe& probe : verdict.probes) {
        round.probes.push_back(probe.observation);
    }
    for (const checks::JudgedFollowUp& test : verdict.follow_ups) {
        round.follow_ups.push_back({test.kind, test.probe.observation});
    }
    for (const checks::JudgedHold& hold : verdict.holds) {
        round.holds.push_back(hold.connection);
    }
    return round;
}

std::string fault_text(const std::string& file, int error) {
    return "cannot write " + file + ": " + std::generic_category().message(error);
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
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd == -1) {
        return fault_text(file, errno);
    }
    const int written = write_all(fd, recorded(report));
    // A full or remote file system may speak up only now.
    const int closed = close(fd) == 0 ? 0 : errno;
    if (written != 0 || closed != 0) {
        return fault_text(file, written != 0 ? written : closed);
    }
    return std::nullopt;
}

}  // namespace whylink::daemon
