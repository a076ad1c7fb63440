#include "config/load.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "config/document.hpp"
#include "config/include.hpp"
#include "config/keys.hpp"
#include "config/lint.hpp"
#include "config/messages.hpp"
#include "config/own_profiles.hpp"
#include "config/rules.hpp"

namespace whylink::config {
namespace {

namespace fs = std::filesystem;

/// One file that was parsed, and the mistakes found in it so far.
struct ParsedFile {
    std::string name;
    Table root;
    std::vector<Problem> problems;
};

class Loader {
  public:
    explicit Loader(const Files& files) : files_(files) {}

    LoadResult load(std::string_view text, const std::string& name) {
        parse(text, name);
        expand_includes();
        own_ = load_own_profiles(fs::path(name).parent_path(), files_);
        if (!own_.profiles.empty()) {
            kept_ = std::make_shared<const std::vector<OwnProfile>>(own_.profiles);
        }
        for (ParsedFile& file : parsed_) {
            check_top_level(file);
        }
        // The defaults apply to every file, so they come before any endpoint.
        for (ParsedFile& file : parsed_) {
            read_once(file, "daemon", &Config::daemon, read_table<Daemon>);
            read_once(file, "probe", &Config::on_demand, read_table<OnDemand>);
            read_once(file, "defaults", &Config::defaults, read_defaults);
            read_once(file, "capture", &Config::capture, read_table<Capture>);
            read_once(file, "history", &Config::history, read_table<History>);
        }
        for (ParsedFile& file : parsed_) {
            read_targets(file);
        }
        return finish();
    }

  private:
    static fs::path directory(const ParsedFile& file) { return fs::path(file.name).parent_path(); }

    void parse(std::string_view text, const std::string& name) {
        ParsedFile file{name, {}, {}};
        auto document = parse_document(text);
        if (auto* root = std::get_if<Table>(&document)) {
            file.root = std::move(*root);
        } else {
            const auto& error = std::get<SyntaxError>(document);
            file.problems.push_back({error.at, error.what});
        }
        parsed_.push_back(std::move(file));
    }

    Source source(ParsedFile& file) const {
        return {directory(file), files_, file.problems, true, own_.profiles, kept_};
    }

    // ---- include ----

    void expand_includes() {
        ParsedFile& main = parsed_.front();
        const Member* member = find(main.root, "include");
        if (member == nullptr) {
            return;
        }
        std::vector<std::string> patterns;
        Source from = source(main);
        const Key& key = *std::ranges::find(keys(), "include", &Key::name);
        ValueReader(from, key).read(member->value, patterns);
        // With a mistake in the key itself there is nothing to follow.
        if (!main.problems.empty()) {
            return;
        }
        std::set<fs::path> seen{fs::path(main.name).lexically_normal()};
        // Parsing appends to parsed_, so nothing in it is referred to from here on.
        const fs::path base = directory(main);
        const Array entries = std::get<Array>(member->value.data);
        for (const Value& entry : entries) {
            include(entry.at, std::get<std::string>(entry.data), base, seen);
        }
    }

    void include(Position at, const std::string& pattern, const fs::path& base, std::set<fs::path>& seen) {
        const Included found = expand_include(base, pattern, files_);
        if (found.too_many) {
            return add_to_main(at, "include: " + toml_string(pattern) +
                                       " searches more than 100000 files; use a narrower pattern");
        }
        for (const fs::path& path : found.files) {
            if (!seen.insert(path.lexically_normal()).second) {
                // A wildcard that also matches the main file, or what was included by name, is no mistake.
                if (found.literal) {
                    add_to_main(at, "include: " + toml_string(pattern) + " is already included; remove it");
                }
                continue;
            }
            const auto text = files_.read(path);
            if (const auto* fault = std::get_if<FileFault>(&text)) {
                add_to_main(at, "include: cannot read " + toml_string(path.string()) + ": " + fault->why +
                                    "; name a readable file");
            } else {
                parse(std::get<std::string>(text), path.string());
            }
        }
    }

    void add_to_main(Position at, std::string message) {
        parsed_.front().problems.push_back({at, std::move(message)});
    }

    // ---- the tables ----

    void check_top_level(ParsedFile& file) {
        const auto known = names(Section::top);
        for (const Member& member : file.root) {
            if (std::ranges::find(known, member.key) == known.end()) {
                file.problems.push_back(
                    {member.at, unknown_key_message(member.key, Section::top, source(file))});
            } else if (member.key == "include" && &file != &parsed_.front()) {
                file.problems.push_back({member.at, "include: only the main file may have it; move it to " +
                                                        parsed_.front().name});
            }
        }
    }

    template <class T>
    void read_once(ParsedFile& file, std::string_view key, T Config::*target,
                   void (*read)(Source&, Position, const Table&, T&)) {
        const Member* member = find(file.root, key);
        if (member == nullptr) {
            return;
        }
        const auto* table = member->value.as<Table>();
        if (table == nullptr) {
            file.problems.push_back({member->value.at, std::string(key) + ": " + found_text(member->value) +
                                                           " is not a table; use [" + std::string(key) +
                                                           "]"});
            return;
        }
        Source from = source(file);
        T ignored{};
        const auto [first, is_first] =
            first_use_.emplace("[" + std::string(key) + "]", place_text(file.name, member->value.at));
        read(from, member->value.at, *table, is_first ? result_.config.*target : ignored);
        if (is_first) {
            note_place(key, file, *member);
            return;
        }
        file.problems.push_back({member->value.at, std::string(key) + ": already defined at " +
                                                       first->second + "; use one table " + first->first});
    }

    void note_place(std::string_view key, const ParsedFile& file, const Member& member) {
        const TablePlace place{file.name, member.value.at, member.value.as<Table>()};
        if (key == "defaults") {
            defaults_ = {result_.config.defaults, place};
        } else if (key == "daemon") {
            daemon_.place = place;
        }
    }

    void read_targets(ParsedFile& file) {
        read_kind(file, "endpoint", read_endpoint);
        read_kind(file, "zone", read_zone);
        read_kind(file, "watch", read_watch);
        check_names(file);
        read_accounts(file);
    }

    template <class T>
    void read_kind(ParsedFile& file, std::string_view key,
                   T (*read)(Source&, Position, const Table&, const Common&)) {
        const Member* member = find(file.root, key);
        if (member == nullptr) {
            return;
        }
        const auto* entries = member->value.as<Array>();
        if (entries == nullptr) {
            return not_tables(file, key, member->value);
        }
        Source from = source(file);
        for (const Value& entry : *entries) {
            if (const auto* table = entry.as<Table>()) {
                placed_.push_back({make_target(read(from, entry.at, *table, result_.config.defaults)),
                                   {file.name, entry.at, table}});
            } else {
                not_tables(file, key, entry);
            }
        }
    }

    void read_accounts(ParsedFile& file) {
        const Member* member = find(file.root, "account");
        if (member == nullptr) {
            return;
        }
        const auto* entries = member->value.as<Array>();
        if (entries == nullptr) {
            return not_tables(file, "account", member->value);
        }
        Source from = source(file);
        for (const Value& entry : *entries) {
            if (const auto* table = entry.as<Table>()) {
                accounts_.push_back({read_account(from, entry.at, *table), {file.name, entry.at, table}});
                check_account_name(file, *table);
            } else {
                not_tables(file, "account", entry);
            }
        }
    }

    void check_account_name(ParsedFile& file, const Table& table) {
        const Member* name = find(table, "name");
        const auto* text = name != nullptr ? name->value.as<std::string>() : nullptr;
        if (text == nullptr) {
            return;
        }
        const auto [first, is_first] = account_names_.emplace(*text, place_text(file.name, name->value.at));
        if (!is_first) {
            file.problems.push_back({name->value.at, "account.name: " + found_text(name->value) +
                                                         " is already used at " + first->second +
                                                         "; give every account its own name"});
        }
    }

    static void not_tables(ParsedFile& file, std::string_view key, const Value& value) {
        file.problems.push_back({value.at, std::string(key) + ": " + found_text(value) +
                                               " is not an array of tables; use [[" + std::string(key) +
                                               "]]"});
    }

    // ---- names ----

    struct NameUse {
        std::string_view kind;  ///< "endpoint"
        const Value* name;
    };

    /// In the order of the file, whatever the kind, so that it is the second use that is at fault.
    void check_names(ParsedFile& file) {
        std::vector<NameUse> uses;
        for (const std::string_view kind : {"endpoint", "zone", "watch"}) {
            const auto* entries = find_value<Array>(file.root, kind);
            if (entries == nullptr) {
                continue;
            }
            for (const Value& entry : *entries) {
                const auto* table = entry.as<Table>();
                const Member* name = table != nullptr ? find(*table, "name") : nullptr;
                if (name != nullptr && std::holds_alternative<std::string>(name->value.data)) {
                    uses.push_back({kind, &name->value});
                }
            }
        }
        std::ranges::stable_sort(uses, {}, [](const NameUse& use) { return use.name->at; });
        for (const auto& [kind, name] : uses) {
            const auto [first, is_first] =
                names_.emplace(std::get<std::string>(name->data), place_text(file.name, name->at));
            if (is_first) {
                continue;
            }
            file.problems.push_back({name->at, std::string(kind) + ".name: " + found_text(*name) +
                                                   " is already used at " + first->second +
                                                   "; give every endpoint, zone and watch its own name"});
        }
    }

    /// With another mistake in the files, what is missing may stand behind it.
    void check_not_empty() {
        const bool good =
            std::ranges::all_of(parsed_, [](const ParsedFile& file) { return file.problems.empty(); });
        const bool serves = !result_.config.on_demand.allow.empty();
        if (good && placed_.empty() && !serves && !result_.config.daemon.allow_empty) {
            add_to_main(
                {},
                "nothing is configured; add an [[endpoint]], a [[zone]], a [[watch]] or `allow` in [probe], or set "
                "daemon.allow_empty = true");
        }
    }

    LoadResult finish() {
        check_not_empty();
        for (ParsedFile& file : parsed_) {
            result_.files.push_back(file.name);
            append_errors(result_.errors, file.name, file.problems);
        }
        std::ranges::stable_sort(placed_, {}, [](const PlacedTarget& one) { return one.target->kind(); });
        std::ranges::transform(placed_, std::back_inserter(result_.config.targets), &PlacedTarget::target);
        std::ranges::transform(accounts_, std::back_inserter(result_.config.accounts),
                               &PlacedAccount::account);
        if (result_.ok()) {
            warn();
        }
        std::ranges::move(own_.errors, std::back_inserter(result_.errors));
        result_.own_profiles = std::move(own_.profiles);
        return std::move(result_);
    }

    void warn() {
        daemon_.values = result_.config.daemon;
        if (daemon_.place.table == nullptr) {
            daemon_.place = {parsed_.front().name, {1, 1}, nullptr};
        }
        result_.warnings = lint(placed_, defaults_, daemon_, files_);
        std::ranges::move(lint_accounts(accounts_, files_), std::back_inserter(result_.warnings));
        std::map<std::string_view, std::size_t> rank;
        for (const ParsedFile& file : parsed_) {
            rank.emplace(file.name, rank.size());
        }
        std::ranges::stable_sort(result_.warnings, {}, [&rank](const Error& warning) {
            return std::tuple(rank.at(warning.file), warning.line, warning.column);
        });
    }

    const Files& files_;
    std::vector<ParsedFile> parsed_;
    OwnProfiles own_;
    std::shared_ptr<const std::vector<OwnProfile>> kept_;
    std::map<std::string, std::string, std::less<>> first_use_;
    std::map<std::string, std::string, std::less<>> names_;
    std::map<std::string, std::string, std::less<>> account_names_;
    std::vector<PlacedTarget> placed_;  ///< file by file
    std::vector<PlacedAccount> accounts_;
    PlacedDefaults defaults_;
    PlacedDaemon daemon_;
    LoadResult result_;
};

}  // namespace

std::string Error::to_string(std::string_view kind) const {
    const std::string before = kind.empty() ? "" : std::string(kind) + ": ";
    return place_text(file, {line, column}) + ": " + before + message;
}

LoadResult load_text(std::string_view toml, const std::string& name, const Files& files) {
    return Loader(files).load(toml, name);
}

LoadResult load_file(const fs::path& file, const Files& files) {
    const auto text = files.read(file);
    if (const auto* fault = std::get_if<FileFault>(&text)) {
        LoadResult result;
        result.errors.push_back({file.string(), 1, 1, "cannot read this file: " + fault->why});
        return result;
    }
    return load_text(std::get<std::string>(text), file.string(), files);
}

}  // namespace whylink::config
