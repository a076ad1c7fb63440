#include "case.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "checks/as_named.hpp"
#include "checks/surroundings/accounts.hpp"
#include "checks/surroundings/damping.hpp"
#include "checks/surroundings/known_past.hpp"
#include "checks/surroundings/siblings.hpp"
#include "checks/surroundings/slow_connects.hpp"
#include "checks/surroundings/srv_targets.hpp"
#include "config/load.hpp"
#include "control/protocol/json.hpp"
#include "probes/record.hpp"

namespace whylink::checks::test {
namespace {

using nlohmann::json;

std::string read_file(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

TimePoint parse_now(const std::string& text) {
    std::tm time{};
    std::istringstream(text) >> std::get_time(&time, "%Y-%m-%dT%H:%M:%SZ");
    return std::chrono::system_clock::from_time_t(timegm(&time));
}

Expected read_expected(const json& from, Case& recorded) {
    static const std::set<std::string> known{"healthy",      "cause",    "severity", "confidence",
                                             "alternatives", "outcomes", "faults",   "end",
                                             "says",         "tls",      "by_name",  "unexplained"};
    for (const auto& item : from.items()) {
        if (!known.contains(item.key())) {
            recorded.problems.push_back("expected.json: no such member: " + item.key());
        }
    }
    Expected expected;
    expected.healthy = from.at("healthy").get<bool>();
    expected.cause = from.at("cause").get<std::string>();
    expected.severity = from.at("severity").get<std::string>();
    expected.confidence = from.at("confidence").get<std::string>();
    expected.alternatives = from.at("alternatives").get<std::vector<std::string>>();
    if (from.contains("outcomes")) {
        expected.outcomes = from.at("outcomes").get<std::vector<std::string>>();
    }
    if (from.contains("end")) {
        expected.ends = from.at("end").get<std::vector<std::string>>();
    }
    expected.faults = from.value("faults", std::vector<std::string>{});
    expected.says = from.value("says", std::vector<std::string>{});
    expected.unexplained = from.value("unexplained", std::vector<std::string>{});
    return expected;
}

void read_observations(const json& document, Case& recorded) {
    for (auto& [name, target] : recorded.targets) {
        const json& list = document.is_array() ? document : document.at(name);
        auto read = probes::from_json(list.dump());
        if (const auto* error = std::get_if<std::string>(&read)) {
            recorded.problems.push_back("observations.json, " + name + ": " + *error);
        } else {
            target.measured = std::get<probes::Round>(std::move(read));
        }
    }
}

/// "connection_refused"; "syn_repeated" is healthy, and its SYN was sent again.
std::optional<RecordedTarget::RoundBefore> read_round(const std::string& word) {
    if (word == "syn_repeated") {
        return RecordedTarget::RoundBefore{Cause::healthy, true};
    }
    const std::optional<Cause> cause = from_slug<Cause>(word);
    return cause ? std::optional(RecordedTarget::RoundBefore{*cause, false}) : std::nullopt;
}

/// {"NAME": ["healthy", "connection_refused", ...]}
void read_history(const json& document, Case& recorded) {
    for (const auto& [name, rounds] : document.items()) {
        const auto target = recorded.targets.find(name);
        if (target == recorded.targets.end()) {
            recorded.problems.push_back("history.json: no such target: " + name);
            continue;
        }
        for (const auto& round : rounds.get<std::vector<std::string>>()) {
            if (const auto before = read_round(round)) {
                target->second.history.push_back(*before);
            } else {
                recorded.problems.push_back("history.json: no such cause: " + round);
            }
        }
    }
}

/// {"NAME": {"never_healthy": true, "healthy_days": 30, "changed": ["address_changed"]}}, each optional.
void read_past(const json& document, Case& recorded) {
    for (const auto& [name, known] : document.items()) {
        KnownPast past;
        past.never_healthy = known.value("never_healthy", false);
        if (known.contains("healthy_days")) {
            past.healthy_for = std::chrono::hours(24 * known.at("healthy_days").get<int>());
        }
        for (const auto& word : known.value("changed", std::vector<std::string>{})) {
            if (const auto fact = from_slug<Fact>(word)) {
                past.changed.insert(*fact);
            } else {
                recorded.problems.push_back("past.json: no such fact: " + word);
            }
        }
        recorded.targets.at(name).past = past;
    }
}

/// As the reader of accounts would send them.
std::optional<RecordedAccounts> read_accounts(const json& document, std::string& problem) {
    const json request{{"kind", "read"}, {"message", {{"subjects", json::array({document.at("subject")})}}}};
    const json answer{{"kind", "readings"}, {"message", {{"readings", document.at("readings")}}}};
    const auto asked = control::parse_request(request.dump());
    const auto told = control::parse_answer(answer.dump());
    if (const auto* malformed = std::get_if<control::Malformed>(&asked)) {
        problem = malformed->reason;
        return std::nullopt;
    }
    if (const auto* malformed = std::get_if<control::Malformed>(&told)) {
        problem = malformed->reason;
        return std::nullopt;
    }
    RecordedAccounts accounts;
    accounts.subject = std::get<control::ReadRequest>(std::get<control::Request>(asked)).subjects.front();
    accounts.readings = std::get<control::ReadAnswer>(std::get<control::Answer>(told)).readings;
    if (document.contains("failing_since")) {
        accounts.failing_since =
            control::Time(std::chrono::milliseconds(document.at("failing_since").get<std::int64_t>()));
    }
    return accounts;
}

/// {"NAME": {"subject": {...}, "failing_since": milliseconds, "readings": {...}}}
void read_all_accounts(const json& document, Case& recorded) {
    for (const auto& [name, own] : document.items()) {
        const auto target = recorded.targets.find(name);
        std::string problem = target == recorded.targets.end() ? "no such target" : "";
        if (problem.empty()) {
            target->second.accounts = read_accounts(own, problem);
        }
        if (!problem.empty()) {
            recorded.problems.push_back("accounts.json, " + name + ": " + problem);
        }
    }
}

void read_config(const std::filesystem::path& file, Case& recorded) {
    const config::LoadResult loaded = config::load_file(file);
    for (const config::Error& error : loaded.errors) {
        recorded.problems.push_back(error.to_string());
    }
    for (const config::TargetPtr& target : loaded.config.targets) {
        recorded.targets[target->name()].target = target;
    }
}

/// What only the command line can ask for: TLS is tried, and `private` is not judged.
void apply_tried_tls(RecordedTarget& recorded) {
    config::Endpoint endpoint = *recorded.target->endpoint();
    endpoint.tls.mode = config::TlsMode::attempt;
    endpoint.private_space = false;
    endpoint.by_name.private_space = true;
    recorded.target = config::make_target(std::move(endpoint));
}

RoundResult result_of(Cause cause) {
    return cause == Cause::healthy       ? RoundResult::passed
           : cause == Cause::local_limit ? RoundResult::not_made
                                         : RoundResult::failed;
}

Health health_of(const RecordedTarget& target) {
    Health health;
    for (const RecordedTarget::RoundBefore& before : target.history) {
        health.add(result_of(before.cause), before.cause, {});
    }
    return health;
}

SlowConnects connects_of(const RecordedTarget& target) {
    SlowConnects connects;
    for (const RecordedTarget::RoundBefore& before : target.history) {
        Assessment round;
        round.facts.insert_if(before.syn_repeated, Fact::syn_repeated);
        connects.add(round);
    }
    return connects;
}

}  // namespace

std::vector<std::filesystem::path> case_directories() {
    std::vector<std::filesystem::path> directories;
    for (const auto& entry : std::filesystem::directory_iterator(WHYLINK_CASES)) {
        if (entry.is_directory()) {
            directories.push_back(entry.path());
        }
    }
    std::ranges::sort(directories);
    return directories;
}

Case read_case(const std::filesystem::path& directory) {
    Case recorded;
    read_config(directory / "case.toml", recorded);
    if (!std::filesystem::exists(directory / "why.md")) {
        recorded.problems.emplace_back("why.md is missing: a line on why this is the diagnosis");
    }
    try {
        read_observations(json::parse(read_file(directory / "observations.json")), recorded);
        if (std::filesystem::exists(directory / "history.json")) {
            read_history(json::parse(read_file(directory / "history.json")), recorded);
        }
        if (std::filesystem::exists(directory / "past.json")) {
            read_past(json::parse(read_file(directory / "past.json")), recorded);
        }
        if (std::filesystem::exists(directory / "accounts.json")) {
            read_all_accounts(json::parse(read_file(directory / "accounts.json")), recorded);
        }
        const json expected = json::parse(read_file(directory / "expected.json"));
        recorded.now = parse_now(expected.at("now").get<std::string>());
        for (auto& [name, target] : recorded.targets) {
            const json& own = expected.at("targets").at(name);
            target.expected = read_expected(own, recorded);
            if (own.value("tls", "") == "attempt") {
                apply_tried_tls(target);
            }
            if (own.value("by_name", false)) {
                target.target = as_named(target.target, target.measured.probes);
            }
        }
    } catch (const json::exception& error) {
        recorded.problems.emplace_back(error.what());
    }
    return recorded;
}

std::map<std::string, Verdict> judge_case(const Case& recorded) {
    constexpr Siblings::Moment same_time{0};
    std::map<std::string, Assessment> rounds;
    Siblings siblings;
    Siblings::Id id = 0;
    for (const auto& [name, target] : recorded.targets) {
        rounds[name] = assess(*target.target, target.measured, recorded.now);
        if (target.target->watch() == nullptr) {
            siblings.put(id, *target.target, rounds[name], same_time);
        }
        ++id;
    }
    std::vector<CheckedEndpoint> checked;
    for (const auto& [name, target] : recorded.targets) {
        checked.push_back(checked_endpoint(*target.target, rounds[name]));
    }
    std::map<std::string, Verdict> verdicts;
    id = 0;
    for (const auto& [name, target] : recorded.targets) {
        const Health health = health_of(target);
        const SiblingsOf others(siblings, id++, same_time);
        const RoundsBefore before(health);
        const SlowConnects connects = connects_of(target);
        const ConnectsBefore connects_before(connects);
        const SrvTargetsOf srv_targets(checked);
        const PastOf past(target.past ? [&target](const Assessment&) { return *target.past; } : RecallPast());
        std::vector<const Source*> surroundings{&others, &before, &connects_before, &srv_targets, &past};
        std::optional<AccountsOf> accounts;
        if (target.accounts) {
            accounts.emplace(target.accounts->readings, target.accounts->subject,
                             target.accounts->failing_since);
            surroundings.push_back(&*accounts);
        }
        verdicts[name] = judge(*target.target, rounds[name], surroundings);
    }
    return verdicts;
}

}  // namespace whylink::checks::test
