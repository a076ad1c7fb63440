// Prints what the status page answers of targets made by hand, for page_test.py to serve to a browser:
// whylink-page-sample COUNT DIRECTORY PATH [KEY VALUE]... The first line is the status; headers, an empty line and the
// body follow.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/history/store.hpp"
#include "daemon/page/status_page.hpp"
#include "tests/unit/daemon/fabricated_snapshot.hpp"
#include "tests/unit/daemon/page/pages.hpp"

namespace {

using namespace std::chrono_literals;
using namespace whylink;
using fabricated::noon;

constexpr auto now_after_noon = 14min;
constexpr int rounds_a_target = 8;

/// As a round leaves it.
template <class Made>
Made passed(Made made) {
    made.verdict.facts.insert(checks::Fact::all_pass);
    return made;
}

daemon::TargetStatus watched(fabricated::EndpointEntry made, std::size_t number) {
    made.endpoint.host = fmt::format("h{}.privatelink.example", number);
    made.endpoint.labels = {{"team", number % 3 == 0 ? "data" : "web"}};
    daemon::TargetStatus status = fabricated::watched(std::move(made));
    for (std::size_t i = 0; i < 30; ++i) {
        checks::Verdict round;
        round.probes = {fabricated::tcp("10.0.0.4")};
        get<probes::TcpFacts>(round.probes.front().observation.facts).info->rtt =
            std::chrono::microseconds(300 + (number * 97 + i * 61) % 400);
        status.rtt.add(config::TargetKind::endpoint, round);
    }
    return status;
}

/// Two of them fail alike, one each has a warning, waits, cannot be checked, or is hostile; the rest is healthy.
daemon::TargetStatus target(std::size_t number) {
    const std::string name = fmt::format("service-{:04}", number);
    using checks::Severity;
    switch (number < 15 ? number : 14) {
        case 0:
            return daemon::page::hostile_status();
        case 1:
        case 2: {
            fabricated::EndpointEntry made = fabricated::failing_endpoint(name);
            made.evidence_file = "/e/" + name + ".pcapng";
            return watched(std::move(made), number);
        }
        case 3:
            return watched(fabricated::endpoint(name, false, Cause::syn_unanswered, Severity::critical),
                           number);
        case 4:
            return watched(
                passed(fabricated::endpoint(name, true, Cause::certificate_problem, Severity::warning)),
                number);
        case 5:
            return fabricated::unwatched(name);
        case 6:
            return watched(fabricated::endpoint(name, false, Cause::local_limit, Severity::critical), number);
        case 7:
            return fabricated::watched(passed(fabricated::zone("zone", true, Cause::healthy, Severity::ok)));
        case 8:
            return fabricated::watched(
                passed(fabricated::watch("watch", true, Cause::healthy, Severity::ok)));
        default:
            return watched(passed(fabricated::healthy_endpoint(name)), number);
    }
}

daemon::Snapshot snapshot_of(std::size_t count) {
    std::vector<daemon::TargetStatus> targets;
    for (std::size_t i = 0; i < count; ++i) {
        targets.push_back(target(i));
    }
    daemon::Snapshot snapshot = fabricated::snapshot(std::move(targets));
    snapshot.host.cloud = config::Cloud::azure;
    snapshot.host.kernel = "6.1.0-28-amd64";
    snapshot.capture = {.interface = "any", .up = true};
    return snapshot;
}

/// Healthy, but for the last two rounds of those that fail.
void write_history(const std::filesystem::path& directory, const daemon::Snapshot& snapshot) {
    daemon::HistoryBatch batch;
    for (const daemon::TargetStatusPtr& status : snapshot.targets) {
        const auto name = std::make_shared<const std::string>(status->name());
        const bool fails = status->healthy == false;
        for (int i = 0; i < rounds_a_target; ++i) {
            const bool passed = !fails || i < rounds_a_target - 2;
            batch.rounds.push_back({name, noon() - 3h * (rounds_a_target - 1 - i), passed,
                                    passed ? Cause::healthy : Cause::not_on_allowlist, 5ms});
        }
        if (fails) {
            const std::string evil(daemon::page::evil);
            batch.changes.push_back({name, {noon() - 4h, daemon::What::banner, evil, "10.0.0.4"}});
            batch.outages.push_back({name, noon() - 3h, std::nullopt, Cause::not_on_allowlist, noon() - 6h});
            batch.evidence.push_back(
                {name, noon() - 3h, noon() - 3h, Cause::not_on_allowlist, "/e/old.pcapng"});
        }
    }
    daemon::HistoryStore(directory, {90 * 24h, 64ULL << 20}).write(batch, noon());
}

daemon::http::Response answer(const daemon::Snapshot& snapshot, const std::filesystem::path& history,
                              std::string_view path, const daemon::page::Pairs& query) {
    daemon::page::StatusPage page("1.2.3", history);
    if (path == "/") {
        return page.page(snapshot, query, true, noon() + now_after_noon);
    }
    if (path == "/api/v1/history") {
        return page.history(query, noon() + now_after_noon);
    }
    return daemon::page::resource(path).value_or(daemon::http::plain(404, "not found"));
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 3 || words.size() % 2 == 0) {
        std::fputs("usage: whylink-page-sample COUNT DIRECTORY PATH [KEY VALUE]...\n", stderr);
        return 2;
    }
    const daemon::Snapshot snapshot = snapshot_of(std::stoul(words[0]));
    const std::filesystem::path history = std::filesystem::path(words[1]) / daemon::history_file_name;
    if (!std::filesystem::exists(history)) {
        write_history(words[1], snapshot);
    }
    daemon::page::Pairs query;
    for (std::size_t i = 3; i < words.size(); i += 2) {
        query.emplace_back(words[i], words[i + 1]);
    }
    const daemon::http::Response response = answer(snapshot, history, words[2], query);
    fmt::print("{}\nContent-Type: {}\n", response.status, response.content_type);
    for (const auto& [name, value] : response.headers) {
        fmt::print("{}: {}\n", name, value);
    }
    fmt::print("\n{}", response.body);
    return 0;
}
