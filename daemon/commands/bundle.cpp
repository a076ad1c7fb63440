#include "daemon/commands/bundle.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>
#include <variant>

#include "config/load.hpp"
#include "config/outside_text.hpp"
#include "config/show.hpp"
#include "config/userinfo.hpp"
#include "daemon/bundle/archive.hpp"
#include "daemon/bundle/evidence_files.hpp"
#include "daemon/bundle/summary.hpp"
#include "daemon/bundle/versions.hpp"
#include "daemon/commands/status.hpp"
#include "daemon/evidence/evidence_file.hpp"
#include "daemon/evidence/store.hpp"
#include "daemon/history/past.hpp"
#include "daemon/history/store.hpp"
#include "daemon/http/target.hpp"
#include "daemon/report/report.hpp"
#include "daemon/run/process.hpp"
#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto span_of_history = 30 * 24h;
/// Of the report and of the history.
constexpr std::size_t max_document = std::size_t{32} << 20;

/// The end of the command without a bundle.
struct GiveUp {
    int status = exit_unknown;
    std::string why;
};

/// What a script sends stands in the packets, unless TLS begins before it.
bool sends_in_the_clear(const config::Target& target) {
    const config::Endpoint* endpoint = target.endpoint();
    if (endpoint == nullptr) {
        return false;
    }
    const auto& script = endpoint->expect_script;
    const bool sends = std::ranges::any_of(script, [](const auto& step) { return !step.send.empty(); });
    const bool upgrades = std::ranges::any_of(script, &config::ExpectStep::starttls);
    return sends && (endpoint->tls.mode != config::TlsMode::required || upgrades);
}

bool speaks_script(const nlohmann::json& entry) {
    return std::ranges::any_of(entry.at("probes"), [](const nlohmann::json& probe) {
        return probe.value("protocol", std::string()) == slug(config::App::expect);
    });
}

/// The targets whose latest round is there and spoke none.
std::set<std::string> without_script(const std::string& report) {
    std::set<std::string> names;
    const auto document = nlohmann::json::parse(report);
    for (const char* kind : {"endpoints", "watches"}) {
        for (const nlohmann::json& entry : document.at(kind)) {
            if (!speaks_script(entry)) {
                names.insert(entry.at("name").get<std::string>());
            }
        }
    }
    return names;
}

/// Gathers what the bundle is made of: from the daemon, and from the files of this host where it is not asked elsewhere.
class Gathering {
  public:
    Gathering(const BundleCommand& command, const CommandLine& line)
        : command_(command), line_(line), now_(std::chrono::system_clock::now()) {}

    std::variant<std::vector<BundleFile>, GiveUp> files();
    std::chrono::system_clock::time_point made_at() const { return now_; }

  private:
    bool elsewhere() const { return !command_.access.url.empty(); }
    bool is_wanted(const std::string& name) const {
        return command_.names.empty() || std::ranges::find(command_.names, name) != command_.names.end();
    }
    std::optional<GiveUp> find_daemon();
    void read_config();
    std::optional<GiveUp> read_report();
    std::optional<GiveUp> read_history();
    std::optional<GiveUp> read_history_here();
    void read_history_there();
    void read_evidence();
    bool may_hold_script(const std::string& name, const std::set<std::string>& harmless) const;
    EvidenceReader evidence_there() const;
    std::string names_query(std::string_view first) const;
    std::string shown_config() const;
    std::string take_document(DaemonAnswer answer, std::string_view file);
    std::string summary(const std::vector<BundleFile>& files) const;
    std::vector<BundleFile> all_files();

    const BundleCommand& command_;
    const CommandLine& line_;
    std::chrono::system_clock::time_point now_;
    std::optional<config::Config> config_;  ///< with the targets of the bundle alone
    std::optional<Url> daemon_;
    std::string report_;
    std::string history_;
    CollectedEvidence evidence_;
    std::vector<std::string> missing_;
};

std::optional<GiveUp> Gathering::find_daemon() {
    if (elsewhere()) {
        auto url = parse_url(command_.access.url);
        if (const auto* fault = std::get_if<std::string>(&url)) {
            return GiveUp{exit_usage, "--url: " + *fault};
        }
        daemon_ = std::get<Url>(std::move(url));
        missing_.emplace_back("config.toml: with --url, this host's configuration need not be the daemon's");
        return std::nullopt;
    }
    read_config();
    if (config_) {
        auto url = url_of_listener(config_->daemon.listen, config_->daemon.tls.on());
        if (const auto* fault = std::get_if<std::string>(&url)) {
            missing_.push_back("report.json: " + *fault);
        } else {
            daemon_ = std::get<Url>(std::move(url));
        }
    } else {
        missing_.emplace_back("report.json: without a configuration, --url has to say where the daemon is");
    }
    return std::nullopt;
}

void Gathering::read_config() {
    config::LoadResult loaded = config::load_file(line_.config_file);
    if (!loaded.ok()) {
        missing_.push_back("config.toml: " + loaded.errors.front().to_string());
        return;
    }
    config_ = std::move(loaded.config);
    std::erase_if(config_->targets,
                  [this](const config::TargetPtr& target) { return !is_wanted(target->name()); });
}

std::string Gathering::names_query(std::string_view first) const {
    std::string query(first);
    for (const std::string& name : command_.names) {
        query += "&name=" + http::percent_encoded(name);
    }
    return query;
}

/// Empty, and why, for what is none or too large. Labels, and lines of the configuration that changed, may hold a URL
/// with a password.
std::string Gathering::take_document(DaemonAnswer answer, std::string_view file) {
    std::string why;
    if (answer.http_status == 0) {
        why = fmt::format("no daemon answers at {}: {}", daemon_->to_string(), answer.body);
    } else if (answer.http_status != 200) {
        why = fmt::format("{} answers with HTTP status {}", daemon_->to_string(), answer.http_status);
    } else if (answer.body.size() > max_document) {
        why = fmt::format("{} MB are more than a bundle takes; name the targets",
                          answer.body.size() / 1'000'000);
    } else if (!nlohmann::json::accept(answer.body)) {
        why = fmt::format("{} does not answer with JSON", daemon_->to_string());
    } else {
        return config::hide_userinfo_in(answer.body);
    }
    missing_.push_back(fmt::format("{}: {}", file, why));
    return {};
}

std::optional<GiveUp> Gathering::read_report() {
    if (!daemon_) {
        return std::nullopt;
    }
    DaemonAnswer answer = ask_daemon(*daemon_, names_query("/api/v1/report?format=json"), command_.access);
    if (answer.http_status == 404 && answer.from_daemon) {
        return GiveUp{exit_usage, printable(answer.body.substr(0, answer.body.find('\n')))};
    }
    report_ = take_document(std::move(answer), "report.json");
    return std::nullopt;
}

void Gathering::read_history_there() {
    history_ = take_document(ask_daemon(*daemon_, names_query("/api/v1/history?since=30d"), command_.access),
                             "history.json");
}

std::optional<GiveUp> Gathering::read_history_here() {
    const fs::path file = state_directory() / history_file_name;
    std::error_code error;
    if (!fs::exists(file, error)) {
        missing_.push_back(fmt::format("history.json: there is no {}", file.string()));
        return std::nullopt;
    }
    try {
        const Past past = read_past(file, {command_.names, now_ - span_of_history, now_});
        if (!past.unknown_names.empty() && report_.empty()) {
            return GiveUp{exit_usage,
                          fmt::format("the history has no target named \"{}\"", past.unknown_names.front())};
        }
        history_ = config::hide_userinfo_in(past_json(past));
    } catch (const std::exception& fault) {
        missing_.push_back(fmt::format("history.json: {}: {}", file.string(), fault.what()));
    }
    return std::nullopt;
}

std::optional<GiveUp> Gathering::read_history() {
    if (!elsewhere()) {
        return read_history_here();
    }
    read_history_there();
    return std::nullopt;
}

/// Where the configuration of a target is not known, its latest round shows whether a script is spoken.
bool Gathering::may_hold_script(const std::string& name, const std::set<std::string>& harmless) const {
    if (config_) {
        const auto& targets = config_->targets;
        const auto target = std::ranges::find_if(
            targets, [&name](const config::TargetPtr& one) { return one->name() == name; });
        return target == targets.end() || sends_in_the_clear(**target);
    }
    return !harmless.contains(name);
}

void Gathering::read_evidence() {
    // Report and history may both have a target.
    std::set<std::string> withheld;
    const std::set<std::string> harmless =
        config_ || report_.empty() ? std::set<std::string>() : without_script(report_);
    const auto is_harmless = [&](const std::string& name) {
        const bool may_hold = may_hold_script(name, harmless);
        if (may_hold) {
            withheld.insert(name);
        }
        return !may_hold;
    };
    const std::vector<std::string> names = evidence_names(report_, history_, is_harmless);
    for (const std::string& name : withheld) {
        missing_.push_back(fmt::format("evidence of {}: its packets may hold what a script sends", name));
    }
    evidence_ =
        collect_evidence(names, config_ ? evidence_in(config_->capture.evidence_dir) : evidence_there());
    missing_.insert(missing_.end(), evidence_.missing.begin(), evidence_.missing.end());
}

EvidenceReader Gathering::evidence_there() const {
    return [this](const std::string& name) {
        DaemonAnswer answer = ask_daemon(*daemon_, "/evidence/" + name, command_.access);
        return answer.http_status == 200
                   ? ReadEvidence{std::move(answer.body), {}}
                   : ReadEvidence{{}, fmt::format("HTTP status {}", answer.http_status)};
    };
}

std::string Gathering::summary(const std::vector<BundleFile>& files) const {
    SummaryInput input{.report = report_,
                       .history = history_,
                       .targets = config_ ? config_->targets : std::vector<config::TargetPtr>(),
                       .files = {},
                       .missing = missing_,
                       .vantage_point = vantage_point(),
                       .version = own_version(),
                       .now = now_};
    for (const BundleFile& file : files) {
        input.files.push_back(file.name);
    }
    return bundle_summary(input);
}

/// What there is, the summary and the manifest first.
std::vector<BundleFile> Gathering::all_files() {
    std::vector<BundleFile> files;
    const auto add = [&files](std::string name, std::string bytes) {
        if (!bytes.empty()) {
            files.push_back({std::move(name), std::move(bytes)});
        }
    };
    add("report.json", report_);
    add("history.json", history_);
    add("config.toml", config_ ? shown_config() : "");
    add("versions.txt", versions_text());
    std::ranges::move(evidence_.files, std::back_inserter(files));
    files.insert(files.begin(), {"SUMMARY.md", summary(files)});
    files.insert(files.begin() + 1, {"MANIFEST", manifest_of(files)});
    return files;
}

/// `show` leaves out what a script sends; a label may hold a URL with a password, and hashes can be guessed at.
std::string Gathering::shown_config() const {
    config::Config shown = *config_;
    for (auto& [user, hash] : shown.daemon.users) {
        hash = "removed";
    }
    std::string text;
    std::istringstream lines(config::show(shown));
    for (std::string one; std::getline(lines, one);) {
        text += config::hide_userinfo_in(one) + "\n";
    }
    return text;
}

std::variant<std::vector<BundleFile>, GiveUp> Gathering::files() {
    try {
        for (const auto step : {&Gathering::find_daemon, &Gathering::read_report, &Gathering::read_history}) {
            if (auto fault = (this->*step)()) {
                return std::move(*fault);
            }
        }
        if (report_.empty() && history_.empty()) {
            return GiveUp{exit_unknown,
                          fmt::format("there is nothing to bundle\n{}", fmt::join(missing_, "\n"))};
        }
        read_evidence();
        return all_files();
    } catch (const nlohmann::json::exception&) {
        return GiveUp{exit_unknown,
                      fmt::format("{} does not answer as a whylink daemon does", daemon_->to_string())};
    }
}

/// "whylink-orders-20260101T134800.000Z"
std::string bundle_name(const std::vector<std::string>& names, std::chrono::system_clock::time_point now) {
    const std::string what = names.size() == 1 ? names.front() : vantage_point();
    return fmt::format("whylink-{}-{}", evidence_target(evidence_name(now, what, Cause::healthy)),
                       evidence_stamp(now));
}

int write_bundle(const std::string& file, std::string_view bytes) {
    if (const auto fault = write_private_file(file, bytes)) {
        complain(*fault);
        return exit_unknown;
    }
    std::error_code error;
    // Into a pipe the archive alone is written.
    return fs::is_regular_file(file, error) ? print(fs::absolute(file, error).string() + "\n", exit_healthy)
                                            : exit_healthy;
}

}  // namespace

int run_bundle(const BundleCommand& command, const CommandLine& line) {
    Gathering gathering(command, line);
    const auto gathered = gathering.files();
    if (const auto* fault = std::get_if<GiveUp>(&gathered)) {
        complain(fault->why);
        return fault->status;
    }
    const std::string name = bundle_name(command.names, gathering.made_at());
    return write_bundle(command.output.empty() ? name + ".tar.gz" : command.output,
                        tar_gz(name, std::get<std::vector<BundleFile>>(gathered), gathering.made_at()));
}

}  // namespace whylink::daemon
