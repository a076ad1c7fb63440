#include "daemon/history/past.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "daemon/history/sqlite.hpp"
#include "daemon/history/times.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

using Json = nlohmann::ordered_json;

/// Changes that are given of one target.
constexpr std::size_t max_changes = 1000;

/// Summed up here and not by SQLite, which would sort millions of rows in a temporary file: the unit has no place for one.
constexpr std::string_view counts = R"(
SELECT target, (at - ?1) * ?3 / (?2 - ?1), 1, passed FROM round
  WHERE at >= ?1 AND at < ?2 AND passed IS NOT NULL
UNION ALL
SELECT target, (begin + period / 2 - ?1) * ?3 / (?2 - ?1), rounds, passed FROM bucket
  WHERE begin + period / 2 >= ?1 AND begin + period / 2 < ?2)";

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

struct Reader {
    sql::Database& database;
    const PastQuery& query;
    Past past = {};
    std::map<std::int64_t, TargetPast> targets = {};
    /// All of them, because an outage may have begun before the span.
    std::map<std::int64_t, std::vector<Change>> changes = {};

    bool is_wanted(const std::string& name) const {
        return query.names.empty() || std::ranges::find(query.names, name) != query.names.end();
    }
    void read_targets();
    void read_counts();
    void read_changes();
    void read_outages();
    void read_files(std::int64_t version);
    std::vector<Change> changes_between(std::int64_t target, HistoryTime after, HistoryTime until) const;
    Past take();
};

void Reader::read_targets() {
    sql::Statement rows(database, "SELECT id, name FROM target ORDER BY name");
    while (rows.next()) {
        past.known_names.push_back(rows.text(1));
        if (is_wanted(past.known_names.back())) {
            TargetPast& target = targets[rows.number(0)];
            target.name = past.known_names.back();
            target.timeline.resize(query.parts);
        }
    }
    for (const std::string& name : query.names) {
        if (std::ranges::find(past.known_names, name) == past.known_names.end()) {
            past.unknown_names.push_back(name);
        }
    }
}

void Reader::read_counts() {
    sql::Statement rows(database, counts);
    rows.bind(1, milliseconds_of(query.from)).bind(2, milliseconds_of(query.to));
    rows.bind(3, static_cast<std::int64_t>(query.parts));
    while (rows.next()) {
        const auto target = targets.find(rows.number(0));
        if (target == targets.end()) {
            continue;
        }
        const auto part = static_cast<std::size_t>(std::max<std::int64_t>(rows.number(1), 0));
        RoundCount& count = target->second.timeline[std::min(part, query.parts - 1)];
        for (RoundCount* one : {&count, &target->second.all}) {
            one->rounds += rows.number(2);
            one->passed += rows.number(3);
        }
    }
}

/// Of this host, and of those that are asked for.
void Reader::read_changes() {
    sql::Statement rows(database,
                        "SELECT at, what, before, after FROM change WHERE target = ?1 ORDER BY at, id");
    const auto read = [&](std::int64_t id) {
        rows.bind(1, id);
        while (rows.next()) {
            if (const auto what = from_slug<What>(rows.text(1))) {
                changes[id].push_back({time_of(rows.number(0)), *what, rows.text(2), rows.text(3)});
            }
        }
    };
    read(0);
    for (const auto& [id, target] : targets) {
        read(id);
    }
}

std::vector<Change> Reader::changes_between(std::int64_t target, HistoryTime after, HistoryTime until) const {
    std::vector<Change> found;
    for (const std::int64_t id : {std::int64_t{0}, target}) {
        if (const auto of = changes.find(id); of != changes.end()) {
            std::ranges::copy_if(of->second, std::back_inserter(found), [&](const Change& change) {
                return change.at > after && change.at <= until;
            });
        }
    }
    std::ranges::stable_sort(found, {}, &Change::at);
    return found;
}

/// The order of the table's key is that of time for each target.
void Reader::read_outages() {
    // A file that no daemon of this version has opened yet.
    const std::int64_t version = database.number("PRAGMA user_version");
    sql::Statement rows(database,
                        fmt::format("SELECT target, since, until, cause, last_healthy, {} FROM outage "
                                    "WHERE since < ?2 AND (until IS NULL OR until > ?1)",
                                    version < 2 ? "'', ''" : "summary, seen"));
    rows.bind(1, milliseconds_of(query.from)).bind(2, milliseconds_of(query.to));
    while (rows.next()) {
        const auto target = targets.find(rows.number(0));
        if (target == targets.end()) {
            continue;
        }
        Outage outage{time_of(rows.number(1)), std::nullopt, rows.text(3), {}, {}};
        outage.summary = rows.text(5);
        outage.evidence = lines_of(rows.text(6));
        if (const auto until = rows.optional_number(2)) {
            outage.until = time_of(*until);
        }
        if (const auto last_healthy = rows.optional_number(4)) {
            outage.changes =
                changes_between(target->first, time_of(*last_healthy), outage.since + stored_attribution);
            std::erase_if(outage.changes, [](const Change& change) {
                return change.what == What::health || change.what == What::cause;
            });
        } else {
            outage.never_healthy = true;
        }
        target->second.outages.push_back(std::move(outage));
    }
    read_files(version);
}

void Reader::read_files(std::int64_t version) {
    sql::Statement rows(database, version < 3 ? "SELECT since, cause, evidence FROM outage "
                                                "WHERE target = ?1 AND since = ?2 AND evidence <> ''"
                                              : "SELECT at, cause, file FROM outage_evidence "
                                                "WHERE target = ?1 AND since = ?2 ORDER BY at");
    for (auto& [id, target] : targets) {
        for (Outage& outage : target.outages) {
            rows.bind(1, id).bind(2, milliseconds_of(outage.since));
            while (rows.next()) {
                outage.files.push_back({time_of(rows.number(0)), rows.text(1), rows.text(2)});
            }
        }
    }
}

Past Reader::take() {
    past.from = query.from;
    past.to = query.to;
    for (auto& [id, target] : targets) {
        target.changes = changes_between(id, query.from, query.to);
        if (target.changes.size() > max_changes) {
            target.changes.erase(target.changes.begin(), target.changes.end() - max_changes);
        }
        past.targets.push_back(std::move(target));
    }
    std::ranges::sort(past.targets, {}, &TargetPast::name);
    return std::move(past);
}

Past read(const std::filesystem::path& file, const PastQuery& query, sql::Access access) {
    sql::Database database(file.string(), access);
    Reader reader{database, query};
    // Of one moment, whatever the daemon writes meanwhile.
    database.run("BEGIN");
    reader.read_targets();
    reader.read_counts();
    reader.read_changes();
    reader.read_outages();
    database.run("COMMIT");
    return reader.take();
}

Json change_json(const Change& change) {
    return {{"at", rfc3339(change.at)},
            {"what", slug(change.what)},
            {"from", valid_utf8(value_text(change.from))},
            {"to", valid_utf8(value_text(change.to))}};
}

Json changes_json(const std::vector<Change>& changes) {
    Json array = Json::array();
    for (const Change& change : changes) {
        array.push_back(change_json(change));
    }
    return array;
}

Json strings_json(const std::vector<std::string>& lines) {
    Json array = Json::array();
    for (const std::string& line : lines) {
        array.push_back(valid_utf8(line));
    }
    return array;
}

Json files_json(const std::vector<OutageEvidence>& files) {
    Json array = Json::array();
    for (const OutageEvidence& one : files) {
        array.push_back({{"at", rfc3339(one.at)}, {"cause", one.cause}, {"file", valid_utf8(one.file)}});
    }
    return array;
}

Json outage_json(const Outage& outage) {
    Json object = {{"since", rfc3339(outage.since)},
                   {"until", outage.until ? Json(rfc3339(*outage.until)) : Json(nullptr)},
                   {"cause", outage.cause},
                   {"changes", changes_json(outage.changes)}};
    if (outage.never_healthy) {
        object["never_healthy"] = true;
    }
    if (!outage.summary.empty()) {
        object["summary"] = valid_utf8(outage.summary);
        object["evidence"] = strings_json(outage.evidence);
    }
    if (!outage.files.empty()) {
        object["evidence_file"] = valid_utf8(outage.files.front().file);
        object["evidence_files"] = files_json(outage.files);
    }
    return object;
}

Json target_json(const TargetPast& target) {
    Json outages = Json::array();
    for (const Outage& outage : target.outages) {
        outages.push_back(outage_json(outage));
    }
    const auto availability = target.availability();
    return {{"name", valid_utf8(target.name)},
            {"availability", availability ? Json(*availability) : Json(nullptr)},
            {"rounds", target.all.rounds},
            {"rounds_passed", target.all.passed},
            {"outages", std::move(outages)},
            {"changes", changes_json(target.changes)}};
}

// ---- backwards ----

HistoryTime parsed_time(const Json& value) {
    const auto text = value.get<std::string>();
    std::tm time{};
    std::istringstream in(text);
    int milliseconds = 0;
    char mark = 0;
    if (!(in >> std::get_time(&time, "%Y-%m-%dT%H:%M:%S") >> mark >> milliseconds) || mark != '.') {
        throw std::invalid_argument("no time is " + outside_text(text));
    }
    return std::chrono::system_clock::from_time_t(timegm(&time)) + std::chrono::milliseconds(milliseconds);
}

std::optional<HistoryTime> parsed_optional_time(const Json& value) {
    return value.is_null() ? std::nullopt : std::optional(parsed_time(value));
}

/// Whoever answers, it goes to a terminal.
std::string text_of(const Json& object, const char* key) {
    return printable(object.at(key).get<std::string>());
}

/// Changes that only another version of whylink knows are left out.
std::vector<Change> parsed_changes(const Json& array) {
    std::vector<Change> changes;
    for (const Json& object : array) {
        if (const auto what = from_slug<What>(object.at("what").get<std::string>())) {
            changes.push_back(
                {parsed_time(object.at("at")), *what, text_of(object, "from"), text_of(object, "to")});
        }
    }
    return changes;
}

/// Versions of whylink that kept one file of an outage name it alone.
std::vector<OutageEvidence> parsed_files(const Json& object, const Outage& outage) {
    std::vector<OutageEvidence> files;
    if (!object.contains("evidence_files")) {
        if (object.contains("evidence_file")) {
            files.push_back({outage.since, outage.cause, text_of(object, "evidence_file")});
        }
        return files;
    }
    for (const Json& one : object.at("evidence_files")) {
        files.push_back({parsed_time(one.at("at")), text_of(one, "cause"), text_of(one, "file")});
    }
    return files;
}

Outage parsed_outage(const Json& object) {
    Outage outage{parsed_time(object.at("since")),
                  parsed_optional_time(object.at("until")),
                  text_of(object, "cause"),
                  parsed_changes(object.at("changes")),
                  {}};
    outage.files = parsed_files(object, outage);
    outage.never_healthy = object.value("never_healthy", false);
    outage.summary = printable(object.value("summary", std::string()));
    for (const std::string& line : object.value("evidence", std::vector<std::string>())) {
        outage.evidence.push_back(printable(line));
    }
    return outage;
}

TargetPast parsed_target(const Json& object) {
    TargetPast target;
    target.name = text_of(object, "name");
    target.all = {object.value("rounds", std::int64_t{0}), object.value("rounds_passed", std::int64_t{0})};
    for (const Json& outage : object.at("outages")) {
        target.outages.push_back(parsed_outage(outage));
    }
    target.changes = parsed_changes(object.at("changes"));
    return target;
}

}  // namespace

Past past_of_json(const std::string& text) {
    const Json document = Json::parse(text);
    Past past;
    past.from = parsed_time(document.at("since"));
    past.to = parsed_time(document.at("until"));
    for (const Json& target : document.at("targets")) {
        past.targets.push_back(parsed_target(target));
    }
    return past;
}

std::optional<double> TargetPast::availability() const {
    return all.rounds == 0 ? std::nullopt
                           : std::optional(static_cast<double>(all.passed) / static_cast<double>(all.rounds));
}

Past read_past(const std::filesystem::path& file, const PastQuery& query) {
    try {
        return read(file, query, sql::Access::read);
    } catch (const sql::Error& error) {
        // Who may not write in the directory cannot share a WAL; while no daemon runs, nobody has to.
        if (!error.cannot_open() || !std::filesystem::exists(file)) {
            throw;
        }
    }
    return read(file, query, sql::Access::read_alone);
}

std::string past_json(const Past& past) {
    Json targets = Json::array();
    for (const TargetPast& target : past.targets) {
        targets.push_back(target_json(target));
    }
    return Json{{"schema", "whylink-history/1"},
                {"since", rfc3339(past.from)},
                {"until", rfc3339(past.to)},
                {"targets", std::move(targets)}}
               .dump(2) +
           "\n";
}

}  // namespace whylink::daemon
