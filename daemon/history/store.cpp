#include "daemon/history/store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "daemon/history/pruner.hpp"
#include "daemon/history/times.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

namespace fs = std::filesystem;

// Times are milliseconds since the epoch, spans of rounds microseconds. The target 0 is this host. Words are text,
// because their numbers differ from version to version; those of rounds have a table, for there are millions.
constexpr const char* version_1 = R"(
CREATE TABLE target (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT,
  healthy INTEGER, health_since INTEGER, last_healthy INTEGER,
  passed INTEGER, run_since INTEGER, run_until INTEGER, last_passed INTEGER);
CREATE TABLE trait (
  target INTEGER NOT NULL, what TEXT NOT NULL, place TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (target, what, place)) WITHOUT ROWID;
CREATE TABLE change (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, target INTEGER NOT NULL, what TEXT NOT NULL,
  before TEXT NOT NULL, after TEXT NOT NULL);
CREATE INDEX change_of_target ON change (target, at);
CREATE TABLE outage (
  target INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER, cause TEXT NOT NULL,
  last_healthy INTEGER, evidence TEXT NOT NULL,
  PRIMARY KEY (target, since)) WITHOUT ROWID;
CREATE TABLE word (id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE);
CREATE TABLE round (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, target INTEGER NOT NULL, passed INTEGER, cause INTEGER NOT NULL,
  took INTEGER NOT NULL);
CREATE TABLE bucket (
  period INTEGER NOT NULL, begin INTEGER NOT NULL, target INTEGER NOT NULL, rounds INTEGER NOT NULL,
  passed INTEGER NOT NULL, took_sum INTEGER NOT NULL, took_max INTEGER NOT NULL,
  PRIMARY KEY (period, begin, target)) WITHOUT ROWID;
)";
/// Since when the rounds before a failure had passed; of an outage what its first round saw, in lines.
constexpr const char* version_2 = R"(
ALTER TABLE target ADD COLUMN passed_since INTEGER;
ALTER TABLE outage ADD COLUMN summary TEXT NOT NULL DEFAULT '';
ALTER TABLE outage ADD COLUMN seen TEXT NOT NULL DEFAULT '';
CREATE INDEX outage_of_evidence ON outage (evidence) WHERE evidence <> '';
)";
/// An outage may go through several causes, each with a file of its own. The key's columns come first: in a table WITHOUT
/// ROWID the integrity check of SQLite 3.40 takes others for NULL.
constexpr const char* version_3 = R"(
CREATE TABLE outage_evidence (
  target INTEGER NOT NULL, since INTEGER NOT NULL, file TEXT NOT NULL, at INTEGER NOT NULL, cause TEXT NOT NULL,
  PRIMARY KEY (target, since, file)) WITHOUT ROWID;
CREATE INDEX outage_of_file ON outage_evidence (file);
INSERT INTO outage_evidence SELECT target, since, evidence, since, cause FROM outage WHERE evidence <> '';
DROP INDEX outage_of_evidence;
ALTER TABLE outage DROP COLUMN evidence;
)";
constexpr std::array<const char*, 3> migrations{version_1, version_2, version_3};

/// After a kill, the rounds since the standing of a target was written are among the last.
constexpr const char* latest_passed = R"(
SELECT target, max(at) FROM round
WHERE id > (SELECT ifnull(max(id), 0) FROM round) - 300000 AND passed = 1 GROUP BY target)";

std::optional<HistoryTime> optional_time(std::optional<std::int64_t> milliseconds) {
    return milliseconds ? std::optional(time_of(*milliseconds)) : std::nullopt;
}

std::optional<std::int64_t> optional_number(const std::optional<HistoryTime>& time) {
    return time ? std::optional(milliseconds_of(*time)) : std::nullopt;
}

std::int64_t version_of(sql::Database& database) {
    return database.number("PRAGMA user_version");
}

}  // namespace

fs::path state_directory() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets the environment
    const char* given = std::getenv("STATE_DIRECTORY");
    const std::string_view directories = given == nullptr ? "" : given;
    const std::string_view first = directories.substr(0, directories.find(':'));
    return first.empty() ? fs::path("/var/lib/whylink") : fs::path(first);
}

std::span<const char* const> history_migrations() {
    return migrations;
}

void HistoryBatch::append(HistoryBatch later) {
    const auto move_all = [](auto& from, auto& to) {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    };
    move_all(later.rounds, rounds);
    move_all(later.changes, changes);
    move_all(later.traits, traits);
    move_all(later.standings, standings);
    move_all(later.outages, outages);
    move_all(later.evidence, evidence);
    move_all(later.gone_evidence, gone_evidence);
}

/// An open file, with its prepared statements.
struct HistoryStore::Open {
    explicit Open(const std::string& path) : database(path, sql::Access::write) {}

    void migrate(std::span<const char* const> steps) {
        for (auto version = version_of(database); version < std::ssize(steps); ++version) {
            sql::Transaction transaction(database);
            database.run(steps[static_cast<std::size_t>(version)]);
            database.run(fmt::format("PRAGMA user_version = {}", version + 1).c_str());
            transaction.commit();
        }
    }

    /// The first decides for a new file only, and must come before anything else is in it. VACUUM would need as much room
    /// for temporary files, which the unit has none for: https://sqlite.org/pragma.html#pragma_auto_vacuum
    void prepare_journal() {
        database.run(
            "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304; "
            "PRAGMA temp_store = MEMORY");
    }

    void prepare() {
        statements.emplace(database);
        pruner.emplace(database);
    }

    struct Statements {
        explicit Statements(sql::Database& database)
            : add_target(database, "INSERT OR IGNORE INTO target (name) VALUES (?1)"),
              find_target(database, "SELECT id FROM target WHERE name = ?1"),
              add_word(database, "INSERT OR IGNORE INTO word (slug) VALUES (?1)"),
              find_word(database, "SELECT id FROM word WHERE slug = ?1"),
              round(database,
                    "INSERT INTO round (at, target, passed, cause, took) VALUES (?1, ?2, ?3, ?4, ?5)"),
              change(database,
                     "INSERT INTO change (at, target, what, before, after) VALUES (?1, ?2, ?3, ?4, ?5)"),
              trait(database,
                    "INSERT OR REPLACE INTO trait (target, what, place, value) VALUES (?1, ?2, ?3, ?4)"),
              standing(
                  database,
                  "UPDATE target SET kind = ?2, healthy = ?3, health_since = ?4, last_healthy = ?5, "
                  "passed = ?6, run_since = ?7, run_until = ?8, last_passed = ?9, passed_since = ?10 WHERE id = ?1"),
              outage(database,
                     "INSERT INTO outage (target, since, until, cause, last_healthy, summary, seen) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET until = excluded.until"),
              evidence(database,
                       "INSERT OR IGNORE INTO outage_evidence (target, since, at, cause, file) "
                       "VALUES (?1, ?2, ?3, ?4, ?5)"),
              gone(database, "DELETE FROM outage_evidence WHERE file = ?1") {}
        sql::Statement add_target;
        sql::Statement find_target;
        sql::Statement add_word;
        sql::Statement find_word;
        sql::Statement round;
        sql::Statement change;
        sql::Statement trait;
        sql::Statement standing;
        sql::Statement outage;
        sql::Statement evidence;
        sql::Statement gone;
    };

    std::int64_t id_of(const TargetName& name) {
        if (name == nullptr) {
            return 0;
        }
        return id_of(*name, targets, statements->add_target, statements->find_target);
    }
    std::int64_t id_of(Cause cause) {
        return id_of(std::string(slug(cause)), words, statements->add_word, statements->find_word);
    }
    static std::int64_t id_of(const std::string& text, std::unordered_map<std::string, std::int64_t>& known,
                              sql::Statement& add, sql::Statement& find) {
        if (const auto found = known.find(text); found != known.end()) {
            return found->second;
        }
        add.bind(1, text).run();
        find.bind(1, text).next();
        const std::int64_t id = find.number(0);
        find.next();
        known.emplace(text, id);
        return id;
    }

    void write(const HistoryBatch& batch);
    void write(const RoundRecord& record);
    void write(const ChangeRecord& record);
    void write(const TraitRecord& record);
    void write(const StandingRecord& record);
    void write(const OutageRecord& record);
    void write(const EvidenceRecord& record);

    StoredHistory load();
    void load_targets(StoredHistory& history, std::unordered_map<std::int64_t, StoredTarget*>& by_id);
    void load_rest(StoredHistory& history, const std::unordered_map<std::int64_t, StoredTarget*>& by_id);
    void load_changes(const std::unordered_map<std::int64_t, StoredTarget*>& by_id);

    sql::Database database;
    std::optional<Statements> statements;
    std::optional<HistoryPruner> pruner;
    /// By name. What a transaction added that was rolled back is not in the file: they go with the file's owner.
    std::unordered_map<std::string, std::int64_t> targets;
    std::unordered_map<std::string, std::int64_t> words;
};

// ---- writing ----

void HistoryStore::Open::write(const RoundRecord& record) {
    const auto passed = record.passed ? std::optional<std::int64_t>(*record.passed ? 1 : 0) : std::nullopt;
    statements->round.bind(1, milliseconds_of(record.at))
        .bind(2, id_of(record.target))
        .bind(3, passed)
        .bind(4, id_of(record.cause))
        .bind(5, std::int64_t{std::chrono::duration_cast<std::chrono::microseconds>(record.took).count()})
        .run();
}

void HistoryStore::Open::write(const ChangeRecord& record) {
    statements->change.bind(1, milliseconds_of(record.change.at))
        .bind(2, id_of(record.target))
        .bind(3, slug(record.change.what))
        .bind(4, record.change.from)
        .bind(5, record.change.to)
        .run();
}

void HistoryStore::Open::write(const TraitRecord& record) {
    statements->trait.bind(1, id_of(record.target))
        .bind(2, slug(record.key.what))
        .bind(3, record.key.place)
        .bind(4, record.value)
        .run();
}

void HistoryStore::Open::write(const StandingRecord& record) {
    const auto& health = record.health;
    sql::Statement& row = statements->standing;
    row.bind(1, id_of(record.target)).bind(2, slug(record.kind));
    row.bind(3, health ? std::optional<std::int64_t>(health->healthy ? 1 : 0) : std::nullopt);
    row.bind(4, optional_number(health ? std::optional(health->since) : std::nullopt));
    row.bind(5, optional_number(health ? health->last_healthy : std::nullopt));
    row.bind(6, std::int64_t{record.run.passed ? 1 : 0}).bind(7, milliseconds_of(record.run.since));
    row.bind(8, milliseconds_of(record.run.until)).bind(9, optional_number(record.run.last_passed));
    row.bind(10, optional_number(record.run.passed_since));
    row.run();
}

void HistoryStore::Open::write(const OutageRecord& record) {
    statements->outage.bind(1, id_of(record.target))
        .bind(2, milliseconds_of(record.since))
        .bind(3, optional_number(record.until))
        .bind(4, slug(record.cause))
        .bind(5, optional_number(record.last_healthy))
        .bind(6, record.summary)
        .bind(7, fmt::format("{}", fmt::join(record.evidence, "\n")))
        .run();
}

void HistoryStore::Open::write(const EvidenceRecord& record) {
    statements->evidence.bind(1, id_of(record.target))
        .bind(2, milliseconds_of(record.outage))
        .bind(3, milliseconds_of(record.at))
        .bind(4, slug(record.cause))
        .bind(5, record.file)
        .run();
}

void HistoryStore::Open::write(const HistoryBatch& batch) {
    const auto all = [this](const auto& records) {
        for (const auto& record : records) {
            write(record);
        }
    };
    all(batch.rounds);
    all(batch.changes);
    all(batch.traits);
    all(batch.standings);
    all(batch.outages);
    all(batch.evidence);
    for (const std::string& file : batch.gone_evidence) {
        statements->gone.bind(1, file).run();
    }
}

// ---- reading ----

void HistoryStore::Open::load_targets(StoredHistory& history,
                                      std::unordered_map<std::int64_t, StoredTarget*>& by_id) {
    sql::Statement rows(database,
                        "SELECT id, name, healthy, health_since, last_healthy, passed, run_since, run_until, "
                        "last_passed, passed_since FROM target");
    while (rows.next()) {
        StoredTarget& target = history.targets[rows.text(1)];
        by_id[rows.number(0)] = &target;
        if (const auto healthy = rows.optional_number(2)) {
            target.health = {*healthy != 0, time_of(rows.number(3)), optional_time(rows.optional_number(4))};
        }
        if (const auto passed = rows.optional_number(5)) {
            target.run = {*passed != 0, time_of(rows.number(6)), time_of(rows.number(7)),
                          optional_time(rows.optional_number(8)), optional_time(rows.optional_number(9))};
        }
    }
    sql::Statement passed(database, latest_passed);
    while (passed.next()) {
        const auto found = by_id.find(passed.number(0));
        if (found != by_id.end() && found->second->run && found->second->run->passed) {
            Run& run = *found->second->run;
            run.last_passed =
                std::max(run.last_passed.value_or(HistoryTime::min()), time_of(passed.number(1)));
            run.until = std::max(run.until, *run.last_passed);
        }
    }
}

void HistoryStore::Open::load_rest(StoredHistory& history,
                                   const std::unordered_map<std::int64_t, StoredTarget*>& by_id) {
    sql::Statement traits(database, "SELECT target, what, place, value FROM trait");
    while (traits.next()) {
        const auto what = from_slug<What>(traits.text(1));
        const auto target = by_id.find(traits.number(0));
        if (what && (traits.number(0) == 0 || target != by_id.end())) {
            Traits& of = traits.number(0) == 0 ? history.host : target->second->traits;
            of.emplace(TraitKey{*what, traits.text(2)}, traits.text(3));
        }
    }
    sql::Statement outages(database,
                           "SELECT target, max(since) FROM outage WHERE until IS NULL GROUP BY target");
    while (outages.next()) {
        if (const auto target = by_id.find(outages.number(0)); target != by_id.end()) {
            target->second->outage_since = time_of(outages.number(1));
        }
    }
}

void HistoryStore::Open::load_changes(const std::unordered_map<std::int64_t, StoredTarget*>& by_id) {
    sql::Statement rows(database,
                        "SELECT at, what, before, after FROM change WHERE target IN (0, ?1) AND at > ?2 AND "
                        "at <= ?3 AND what NOT IN ('health', 'cause') ORDER BY at LIMIT 100");
    for (const auto& [id, target] : by_id) {
        if (!target->run || target->run->passed || !target->run->last_passed) {
            continue;
        }
        rows.bind(1, id)
            .bind(2, milliseconds_of(*target->run->last_passed))
            .bind(3, milliseconds_of(target->run->since + stored_attribution));
        while (rows.next()) {
            if (const auto what = from_slug<What>(rows.text(1))) {
                target->changes.push_back({time_of(rows.number(0)), *what, rows.text(2), rows.text(3)});
            }
        }
    }
}

StoredHistory HistoryStore::Open::load() {
    StoredHistory history;
    std::unordered_map<std::int64_t, StoredTarget*> by_id;
    load_targets(history, by_id);
    load_rest(history, by_id);
    load_changes(by_id);
    return history;
}

// ---- the file ----

HistoryStore::HistoryStore(fs::path directory, HistoryLimits limits, std::span<const char* const> migrations)
    : directory_(std::move(directory)), limits_(limits), migrations_(migrations) {}

HistoryStore::~HistoryStore() = default;

void HistoryStore::set_limits(HistoryLimits limits) {
    limits_ = limits;
}

std::vector<std::string> HistoryStore::take_remarks() {
    return std::exchange(remarks_, {});
}

/// With what belongs to it, so that nothing of it is taken for a part of the next one.
void HistoryStore::set_aside(const std::string& mark, const std::string& why) {
    open_.reset();
    const auto now = std::chrono::system_clock::now();
    const std::string aside = fmt::format("{}.{}-{}", file().string(), mark, milliseconds_of(now) / 1000);
    for (const char* end : {"-wal", "-shm", ""}) {
        std::error_code ignored;
        fs::rename(file().string() + end, aside + end, ignored);
    }
    remarks_.push_back(fmt::format("the history begins again: {} {} and is kept as {}", file().string(), why,
                                   fs::path(aside).filename().string()));
}

HistoryStore::Open& HistoryStore::opened() {
    if (open_ == nullptr) {
        std::error_code ignored;
        fs::create_directories(directory_, ignored);
        auto file_opened = std::make_unique<Open>(file().string());
        if (version_of(file_opened->database) > std::ssize(migrations_)) {
            file_opened.reset();
            set_aside("newer", "is of a newer version of whylink");
            file_opened = std::make_unique<Open>(file().string());
        }
        file_opened->prepare_journal();
        file_opened->migrate(migrations_);
        file_opened->prepare();
        open_ = std::move(file_opened);
    }
    return *open_;
}

/// Runs it on the open file: on a new one where the old one turns out to be damaged. After any other error the file is
/// closed, so that the next attempt begins at the beginning: with no id of a target that was rolled back.
template <class Work>
auto HistoryStore::guarded(Work work) {
    for (bool is_new = false;; is_new = true) {
        try {
            return work(opened());
        } catch (const sql::Error& error) {
            open_.reset();
            if (is_new || !error.corrupt()) {
                throw;
            }
            set_aside("corrupt", fmt::format("is damaged ({})", error.what()));
        } catch (...) {
            open_.reset();
            throw;
        }
    }
}

StoredHistory HistoryStore::load() {
    return guarded([](Open& open) { return open.load(); });
}

void HistoryStore::write(const HistoryBatch& batch, HistoryTime now) {
    const auto attempt = [&](Open& open) {
        open.pruner->set_max_size(limits_.max_size);
        sql::Transaction transaction(open.database);
        open.write(batch);
        open.pruner->prune(batch.rounds.size(), limits_.max_age, now);
        transaction.commit();
        for (const std::string& name : open.pruner->take_forgotten()) {
            open.targets.erase(name);
        }
        note_dropped_evidence(open);
    };
    try {
        guarded(attempt);
    } catch (const sql::Error& error) {
        if (!error.full()) {
            throw;
        }
        guarded([&](Open& open) {
            open.pruner->set_max_size(limits_.max_size);
            open.pruner->make_room(now);
            note_dropped_evidence(open);
        });
        guarded(attempt);
    }
}

void HistoryStore::note_dropped_evidence(Open& open) {
    std::ranges::move(open.pruner->take_dropped_evidence(), std::back_inserter(dropped_evidence_));
}

std::vector<std::string> HistoryStore::take_dropped_evidence() {
    return std::exchange(dropped_evidence_, {});
}

}  // namespace whylink::daemon
