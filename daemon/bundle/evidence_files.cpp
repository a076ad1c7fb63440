#include "daemon/bundle/evidence_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "daemon/evidence/directory.hpp"
#include "daemon/evidence/evidence_file.hpp"
#include "daemon/evidence/fault.hpp"

namespace whylink::daemon {
namespace {

using Json = nlohmann::json;

ReadEvidence fault_of_file(int error) {
    return {{}, std::generic_category().message(error)};
}

ReadEvidence read_all(int file, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count = read(file, bytes.data() + done, size - done);
        if (count < 0) {
            return fault_of_file(errno);
        }
        if (count == 0) {
            break;
        }
        done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return {std::move(bytes), {}};
}

ReadEvidence read_evidence(const std::string& directory, const std::string& name) {
    const OpenedDirectory opened = open_directory(directory);
    if (opened.error != 0) {
        return fault_of_file(opened.error);
    }
    const Descriptor file(
        openat(opened.fd.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!file.open() || fstat(file.get(), &status) != 0) {
        return fault_of_file(errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return {{}, "no regular file"};
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > max_evidence_bytes) {
        return {{}, fmt::format("{} is more than a bundle takes", size_text(size))};
    }
    return read_all(file.get(), static_cast<std::size_t>(size));
}

/// Nothing but what the daemon can have named: the answer decides no path.
void add_name(const Json& object, const char* key, std::vector<std::string>& names) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) {
        return;
    }
    const auto path = found->get<std::string>();
    std::string name = path.substr(path.rfind('/') + 1);
    if (is_evidence_name(name) && std::ranges::find(names, name) == names.end()) {
        names.push_back(std::move(name));
    }
}

}  // namespace

EvidenceReader evidence_in(const std::string& directory) {
    return [directory](const std::string& name) { return read_evidence(directory, name); };
}

std::vector<std::string> evidence_names(const std::string& report, const std::string& history,
                                        const std::function<bool(const std::string& target)>& is_wanted) {
    std::vector<std::string> names;
    const Json reported = report.empty() ? Json::object() : Json::parse(report);
    for (const char* kind : {"endpoints", "watches"}) {
        for (const Json& entry : reported.value(kind, Json::array())) {
            if (is_wanted(entry.value("name", std::string()))) {
                add_name(entry, "evidence_file", names);
            }
        }
    }
    std::vector<Json> outages;
    const Json past = history.empty() ? Json::object() : Json::parse(history);
    for (const Json& target : past.value("targets", Json::array())) {
        if (is_wanted(target.value("name", std::string()))) {
            const Json& of_target = target.at("outages");
            outages.insert(outages.end(), of_target.begin(), of_target.end());
        }
    }
    std::ranges::stable_sort(outages, std::ranges::greater(),
                             [](const Json& outage) { return outage.value("since", std::string()); });
    for (const Json& outage : outages) {
        add_name(outage, "evidence_file", names);
        for (const Json& one : outage.value("evidence_files", Json::array())) {
            add_name(one, "file", names);
        }
    }
    return names;
}

CollectedEvidence collect_evidence(const std::vector<std::string>& names, const EvidenceReader& read) {
    CollectedEvidence collected;
    std::size_t bytes = 0;
    std::size_t no_room = 0;
    for (const std::string& name : names) {
        if (collected.files.size() == max_evidence_files) {
            ++no_room;
            continue;
        }
        ReadEvidence one = read(name);
        if (!one.fault.empty()) {
            collected.missing.push_back(fmt::format("evidence/{}: {}", name, one.fault));
        } else if (bytes + one.bytes.size() > max_evidence_bytes) {
            ++no_room;
        } else {
            bytes += one.bytes.size();
            collected.files.push_back({"evidence/" + name, std::move(one.bytes)});
        }
    }
    if (no_room > 0) {
        collected.missing.push_back(
            fmt::format("evidence of {} older failures: a bundle takes {} and {} files", no_room,
                        size_text(max_evidence_bytes), max_evidence_files));
    }
    return collected;
}

}  // namespace whylink::daemon
