#include "daemon/bundle/summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "checks/explain/remediation.hpp"
#include "checks/texts/causes.hpp"
#include "config/cause.hpp"
#include "daemon/history/change.hpp"
#include "daemon/report/human/steps.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

using Json = nlohmann::json;
using checks::Actor;

/// Bytes of a line.
constexpr std::size_t max_line_size = 400;
/// Targets that are described; of several, less is said of each.
constexpr std::size_t max_described = 2;
constexpr std::size_t max_listed = 4;
constexpr std::size_t max_outages = 3;
constexpr std::size_t max_changes = 4;
constexpr std::size_t max_missing = 3;
constexpr std::size_t max_files = 8;

constexpr std::size_t max_named_files = 3;

struct Room {
    std::size_t tried;
    std::size_t asked;
    bool list;  ///< of identifiers; else they are one line
};
constexpr Room room_alone{16, 6, true};
constexpr Room room_of_several{3, 2, false};

class Page {
  public:
    void line(std::string_view text) {
        text_ += shortened(text, max_line_size);
        text_ += '\n';
    }
    void item(std::string_view text) { line(fmt::format("- {}", text)); }
    void heading(std::string_view text) {
        line("");
        line(fmt::format("## {}", text));
        line("");
    }
    /// The first `most`, and how many more there are.
    void items(const std::vector<std::string>& all, std::size_t most, std::string_view rest_is_in) {
        for (std::size_t i = 0; i < std::min(all.size(), most); ++i) {
            item(all[i]);
        }
        if (all.size() > most) {
            item(fmt::format("{} more: {}", all.size() - most, rest_is_in));
        }
    }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

// ---- JSON ----

std::string text_of(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& list_of(const Json& object, const char* key) {
    static const Json none = Json::array();
    const auto found = object.find(key);
    return found != object.end() && found->is_array() ? *found : none;
}

std::vector<std::string> strings_of(const Json& list) {
    std::vector<std::string> all;
    for (const Json& value : list) {
        all.push_back(value.get<std::string>());
    }
    return all;
}

/// "2026-01-01 13:48:00": of RFC 3339 in UTC, without what stands in the heading.
constexpr std::size_t to_seconds = 19;
/// As a provider's log has them.
constexpr std::size_t to_milliseconds = 23;

std::string time_text(std::string time, std::size_t size = to_seconds) {
    time.resize(std::min(time.size(), size));
    std::replace(time.begin(), time.end(), 'T', ' ');
    return time;
}

std::string changes_text(const Json& changes) {
    std::vector<std::string> all;
    for (const Json& change : changes) {
        const auto what = from_slug<What>(text_of(change, "what"));
        if (what && *what != What::health && *what != What::cause) {
            all.push_back(fmt::format(
                "{} at {}", change_text({{}, *what, text_of(change, "from"), text_of(change, "to")}),
                time_text(text_of(change, "at"))));
        }
    }
    const std::size_t shown = std::min(all.size(), max_changes);
    const std::string more = all.size() > shown ? fmt::format("; {} more", all.size() - shown) : "";
    all.resize(shown);
    return fmt::format("{}{}", fmt::join(all, "; "), more);
}

std::vector<const Json*> entries_of(const Json& report) {
    std::vector<const Json*> all;
    for (const char* kind : {"endpoints", "zones", "watches"}) {
        for (const Json& entry : list_of(report, kind)) {
            all.push_back(&entry);
        }
    }
    return all;
}

// ---- a target ----

struct Subject {
    const Json* entry;
    config::TargetPtr target;  ///< null: it is not configured here
    const Json& diagnosis() const { return entry->at("diagnosis"); }
    std::string name() const { return text_of(*entry, "name"); }
    std::optional<Cause> cause() const { return from_slug<Cause>(text_of(diagnosis(), "cause")); }
};

std::string title_text(const Subject& subject) {
    const Json& diagnosis = subject.diagnosis();
    const std::string slug_text = text_of(diagnosis, "cause");
    const auto cause = subject.cause();
    return fmt::format("{}: {} ({}), {}, {} confidence", subject.name(),
                       cause ? checks::text(*cause).title : slug_text, slug_text,
                       text_of(diagnosis, "severity"), text_of(diagnosis, "confidence"));
}

std::string when_text(const Subject& subject) {
    const auto history = subject.entry->find("history");
    if (history == subject.entry->end()) {
        return fmt::format("Fails since: {}", time_text(text_of(*subject.entry, "health_since")));
    }
    const std::string since = fmt::format("Fails since: {}", time_text(text_of(*history, "since")));
    const std::string healthy = text_of(*history, "last_healthy");
    if (healthy.empty()) {
        return since + ". Never healthy before";
    }
    const std::string changed = changes_text(list_of(*history, "changes"));
    return fmt::format(
        "{}. Last healthy: {}. {}", since, time_text(healthy),
        changed.empty() ? "Nothing changed in between that whylink observes (DNS, certificate, client's host)"
                        : "Changed in between: " + changed);
}

/// Of its probes, each once.
std::vector<std::string> values_of(const Json& entry, const char* key) {
    std::vector<std::string> all;
    for (const Json& probe : list_of(entry, "probes")) {
        std::string value = text_of(probe, key);
        if (!value.empty() && std::ranges::find(all, value) == all.end()) {
            all.push_back(std::move(value));
        }
    }
    return all;
}

std::string place_text(const Json& entry) {
    if (entry.contains("zone")) {
        return "*." + text_of(entry, "zone");
    }
    const std::string port = entry.contains("port") ? entry.at("port").dump() : "any";
    return entry.contains("host") ? fmt::format("{}:{}", text_of(entry, "host"), port)
                                  : fmt::format("{} traffic to port {}", text_of(entry, "direction"), port);
}

/// "endpoint ID: vpce-1", "service: S": as they are configured.
std::vector<std::string> identifiers_of(const config::Target& target) {
    std::vector<std::string> all;
    const config::Endpoint* endpoint = target.endpoint();
    if (endpoint == nullptr) {
        return all;
    }
    const auto add = [&all](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            all.push_back(fmt::format("{}: {}", name, value));
        }
    };
    add("endpoint ID", endpoint->endpoint_id);
    add("service", endpoint->service);
    add("SNI", endpoint->tls.mode == config::TlsMode::off ? "" : endpoint->tls.server_name);
    return all;
}

std::vector<std::string> identifiers_of(const Subject& subject) {
    std::vector<std::string> all{fmt::format("target: {}", place_text(*subject.entry))};
    const auto add = [&all](std::string_view name, const std::vector<std::string>& values) {
        if (!values.empty()) {
            all.push_back(fmt::format("{}: {}", name, fmt::join(values, ", ")));
        }
    };
    add("address", values_of(*subject.entry, "address"));
    add("client's address", values_of(*subject.entry, "local_address"));
    if (subject.target) {
        std::ranges::move(identifiers_of(*subject.target), std::back_inserter(all));
    }
    if (const std::string profile = text_of(*subject.entry, "profile"); !profile.empty()) {
        all.push_back(fmt::format("profile of whylink: {}", profile));
    }
    return all;
}

/// "10.0.0.4:9440", or the DNS server.
std::string place_of(const Json& probe) {
    const std::string address = text_of(probe, "address");
    if (address.empty()) {
        return text_of(probe, "resolver");
    }
    const std::string host = address.find(':') == std::string::npos ? address : fmt::format("[{}]", address);
    return probe.contains("port") ? fmt::format("{}:{}", host, probe.at("port").dump()) : host;
}

/// What was seen, and the outcome's slug where that is not what was seen already.
std::string found_text(const Json& probe) {
    std::vector<std::string> answers;
    for (const Json& answer : list_of(probe, "answers")) {
        answers.push_back(text_of(answer, "address"));
    }
    const std::string outcome = text_of(probe, "outcome");
    const std::string detail = text_of(probe, "detail");
    std::string text = detail.empty() ? outcome : fmt::format("{} ({})", detail, outcome);
    if (!answers.empty()) {
        text += fmt::format(", {}", fmt::join(answers, ", "));
    }
    return text;
}

std::string probe_text(const Json& probe) {
    std::string text = fmt::format("{} {} {}", time_text(text_of(probe, "started_at"), to_milliseconds),
                                   text_of(probe, "stage"), place_of(probe));
    if (const std::string local = text_of(probe, "local_address"); !local.empty()) {
        text += fmt::format(" from {} port {}", local, probe.value("local_port", 0));
    }
    text += fmt::format(": {}", found_text(probe));
    const std::string experiment = text_of(probe, "experiment");
    return experiment.empty() ? text : fmt::format("{}; follow-up test {}", text, experiment);
}

std::vector<std::string> tried(const Json& entry) {
    std::vector<std::string> all;
    for (const Json& probe : list_of(entry, "probes")) {
        all.push_back(probe_text(probe));
    }
    return all;
}

// ---- what is asked ----

/// "Ask the provider whether X." is said to the provider itself.
struct Request {
    std::string_view of_us;
    std::string_view of_them;
};
constexpr std::array<Request, 6> requests{{{"Ask the provider whether ", "Say whether "},
                                           {"Ask the service side whether ", "Say whether "},
                                           {"Ask the service side which ", "Say which "},
                                           {"Ask the service side what ", "Say what "},
                                           {"Ask the service side for its log", "Send your log"},
                                           {"Ask the service side for ", "Send "}}};

checks::Wording wording_of(const Subject& subject) {
    checks::Wording wording;
    const Json& entry = *subject.entry;
    wording.name = subject.name();
    wording.host = text_of(entry, "host");
    wording.port = entry.contains("port") ? entry.at("port").dump() : "";
    wording.zone = text_of(entry, "zone");
    wording.address = fmt::format("{}", fmt::join(values_of(entry, "address"), ", "));
    if (const config::Endpoint* endpoint = subject.target ? subject.target->endpoint() : nullptr) {
        wording.endpoint_id = endpoint->endpoint_id;
        wording.service = endpoint->service;
        wording.public_host = endpoint->public_host;
    }
    return wording;
}

checks::Wording wording_of(const config::Target& target) {
    checks::Wording wording;
    wording.name = target.name();
    if (const config::Endpoint* endpoint = target.endpoint()) {
        wording.host = endpoint->host;
        wording.port = std::to_string(endpoint->port);
        wording.endpoint_id = endpoint->endpoint_id;
        wording.service = endpoint->service;
        wording.public_host = endpoint->public_host;
    }
    return wording;
}

std::optional<std::string> question(const checks::CauseText& text, const checks::Wording& wording) {
    const std::string settle = checks::fill(text.settle, wording);
    for (const Request& request : requests) {
        if (settle.starts_with(request.of_us)) {
            return fmt::format("{}{}", request.of_them, settle.substr(request.of_us.size()));
        }
    }
    return std::nullopt;
}

/// Who reads it is at another host.
std::string to_provider(std::string text) {
    constexpr std::string_view ours = "this host";
    constexpr std::string_view theirs = "the client's host";
    for (std::size_t at = text.find(ours); at != std::string::npos;
         at = text.find(ours, at + theirs.size())) {
        text.replace(at, ours.size(), theirs);
    }
    return text;
}

/// What it says to do, without the command: the provider has tools of its own. Empty where it is a command alone,
/// which the client runs.
std::string action_of(const std::string& step) {
    const std::vector<StepPart> parts = step_parts(first_action(step), 0);
    if (parts.empty() || parts.front().command || parts.front().text == "Run:") {
        return {};
    }
    std::string text = parts.front().text;
    if (text.ends_with(':')) {
        text.back() = '.';
    }
    return to_provider(std::move(text));
}

/// The steps print these where the configuration does not have them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> placeholders{
    {{"ENDPOINT_ID", "endpoint_id"}, {"SERVICE", "service"}}};

void add_placeholders(std::vector<std::string>& asked) {
    std::vector<std::string> notes;
    for (const auto& [placeholder, key] : placeholders) {
        if (std::ranges::any_of(asked, [&name = placeholder](const std::string& line) {
                return line.find(name) != std::string::npos;
            })) {
            notes.push_back(
                fmt::format("{}: `{}` is not configured; name it in the ticket", placeholder, key));
        }
    }
    asked.insert(asked.begin() + (asked.empty() ? 0 : 1), notes.begin(), notes.end());
}

std::vector<std::string> asked_of_provider(const Subject& subject, const checks::CauseText* text,
                                           const std::vector<std::string>& steps) {
    std::vector<std::string> asked;
    if (const auto asks = text != nullptr ? question(*text, wording_of(subject)) : std::nullopt) {
        asked.push_back(*asks);
    }
    if (text == nullptr || text->who == Actor::service) {
        for (const std::string& step : steps) {
            if (std::string action = action_of(step); !action.empty()) {
                asked.push_back(std::move(action));
            }
        }
    }
    add_placeholders(asked);
    return asked;
}

void add_asked(Page& page, const Subject& subject, std::size_t most) {
    const std::vector<std::string> steps = strings_of(list_of(subject.diagnosis(), "remediation"));
    const auto cause = subject.cause();
    const checks::CauseText* text = cause ? &checks::text(*cause) : nullptr;
    const std::vector<std::string> asked = asked_of_provider(subject, text, steps);
    page.line("");
    if (!asked.empty() || text == nullptr) {
        page.line("Asked of the provider:");
        page.items(asked, most, "`remediation` in report.json, with commands");
        return;
    }
    page.line(
        fmt::format("Asked of the provider: nothing yet. The cause points to the client's {}. Checked there:",
                    slug(text->who)));
    page.items(steps, most, "report.json");
}

void add_identifiers(Page& page, const Subject& subject, bool list) {
    const std::vector<std::string> all = identifiers_of(subject);
    if (!list) {
        page.item(fmt::format("{}", fmt::join(all, "; ")));
        return;
    }
    page.line("");
    page.line("Identifiers:");
    page.items(all, all.size(), "");
}

void add_subject(Page& page, const Subject& subject, Room room) {
    page.heading(title_text(subject));
    page.item(text_of(subject.diagnosis(), "summary"));
    page.item(when_text(subject));
    if (const std::string file = text_of(*subject.entry, "evidence_file"); !file.empty()) {
        page.item(fmt::format("Packets: evidence/{}", file.substr(file.rfind('/') + 1)));
    }
    if (room.list) {
        add_asked(page, subject, room.asked);
        add_identifiers(page, subject, true);
    } else {
        add_identifiers(page, subject, false);
        add_asked(page, subject, room.asked);
    }
    page.line("");
    page.line("Tried:");
    page.items(tried(*subject.entry), room.tried, "report.json");
}

// ---- the page ----

config::TargetPtr target_named(const std::vector<config::TargetPtr>& targets, const std::string& name) {
    const auto found = std::ranges::find_if(
        targets, [&name](const config::TargetPtr& target) { return target->name() == name; });
    return found == targets.end() ? nullptr : *found;
}

std::vector<Subject> failing_in(const Json& report, const SummaryInput& input) {
    std::vector<Subject> failing;
    for (const Json* entry : entries_of(report)) {
        if (!entry->value("healthy", true)) {
            failing.push_back({entry, target_named(input.targets, text_of(*entry, "name"))});
        }
    }
    return failing;
}

void add_failing(Page& page, const std::vector<Subject>& failing) {
    const std::size_t described = std::min(failing.size(), max_described);
    for (std::size_t i = 0; i < described; ++i) {
        add_subject(page, failing[i], failing.size() == 1 ? room_alone : room_of_several);
    }
    if (failing.size() > described) {
        page.heading("Further failing targets");
        std::vector<std::string> titles;
        for (std::size_t i = described; i < failing.size(); ++i) {
            titles.push_back(title_text(failing[i]));
        }
        page.items(titles, max_listed, "report.json");
    }
}

/// Of what does not fail now, or of which no daemon says how it is.
void add_configured(Page& page, const std::vector<config::TargetPtr>& targets) {
    std::vector<std::string> lines;
    for (const config::TargetPtr& target : targets) {
        const config::Endpoint* endpoint = target->endpoint();
        const std::string place = endpoint == nullptr ? std::string(slug(target->kind()))
                                                      : fmt::format("{}:{}", endpoint->host, endpoint->port);
        std::vector<std::string> all{fmt::format("{}: {}", target->name(), place)};
        std::ranges::move(identifiers_of(*target), std::back_inserter(all));
        lines.push_back(fmt::format("{}", fmt::join(all, "; ")));
    }
    page.heading("Targets");
    page.items(lines, max_listed, "config.toml");
}

struct PastOutage {
    std::string target;
    const Json* outage;
    std::string since() const { return text_of(*outage, "since"); }
};

/// The newest first.
std::vector<PastOutage> outages_of(const Json& history) {
    std::vector<PastOutage> outages;
    for (const Json& target : list_of(history, "targets")) {
        for (const Json& outage : list_of(target, "outages")) {
            outages.push_back({text_of(target, "name"), &outage});
        }
    }
    std::ranges::stable_sort(outages, std::ranges::greater(), &PastOutage::since);
    return outages;
}

/// "; packets: evidence/A, evidence/B"
std::string packets_text(const Json& outage) {
    std::vector<std::string> names;
    for (const Json& one : list_of(outage, "evidence_files")) {
        const std::string file = text_of(one, "file");
        names.push_back("evidence/" + file.substr(file.rfind('/') + 1));
    }
    return names.empty() ? "" : "; packets: " + abridged(std::move(names), max_named_files);
}

std::string outage_text(const PastOutage& past) {
    const std::string until = text_of(*past.outage, "until");
    const std::string changed = changes_text(list_of(*past.outage, "changes"));
    return fmt::format("{}: {} to {}: {}{}{}", past.target, time_text(past.since()),
                       until.empty() ? "now" : time_text(until), text_of(*past.outage, "cause"),
                       changed.empty() ? "" : "; changed before: " + changed, packets_text(*past.outage));
}

/// Of what does not fail now, or of which no daemon says how it is: the ticket is about the latest outage.
void add_latest(Page& page, const PastOutage& past, const SummaryInput& input) {
    const std::string slug_text = text_of(*past.outage, "cause");
    const auto cause = from_slug<Cause>(slug_text);
    const checks::CauseText* text = cause ? &checks::text(*cause) : nullptr;
    page.heading(fmt::format("Latest outage: {}: {} ({})", past.target,
                             text != nullptr ? text->title : slug_text, slug_text));
    page.item(outage_text(past));
    if (const std::string summary = text_of(*past.outage, "summary"); !summary.empty()) {
        page.item(summary);
    }
    for (const std::string& line : strings_of(list_of(*past.outage, "evidence"))) {
        page.item(fmt::format("Seen: {}", line));
    }
    const config::TargetPtr target = target_named(input.targets, past.target);
    const auto asks =
        text != nullptr && target != nullptr ? question(*text, wording_of(*target)) : std::nullopt;
    if (asks) {
        page.item(fmt::format("Asked of the provider: {}", *asks));
    }
}

void add_outages(Page& page, const Json& history, const std::vector<PastOutage>& outages) {
    page.heading(fmt::format("Outages since {}", time_text(text_of(history, "since"))));
    if (outages.empty()) {
        page.item("None");
        return;
    }
    std::vector<std::string> lines;
    std::ranges::transform(outages, std::back_inserter(lines), outage_text);
    page.items(lines, max_outages, "history.json");
}

void add_heading(Page& page, const Json& report, const std::vector<Subject>& failing,
                 const SummaryInput& input) {
    std::string what = "no daemon answered; the history alone";
    if (!report.is_null()) {
        const std::size_t targets = entries_of(report).size();
        what = failing.empty()       ? fmt::format("{} targets, none fails now", targets)
               : failing.size() == 1 ? failing.front().name() + " fails"
                                     : fmt::format("{} of {} targets fail", failing.size(), targets);
    }
    page.line(fmt::format("# whylink bundle: {}", what));
    page.line("");
    const std::string reported = report.is_null() ? "" : text_of(report, "vantage_point");
    const std::string cloud =
        report.is_null() || !report.contains("host") ? "" : text_of(report.at("host"), "cloud");
    page.line(fmt::format(
        "Made at {} by whylink {} on {}{}. All times are UTC.", time_text(rfc3339(input.now)), input.version,
        reported.empty() ? input.vantage_point : reported, cloud.empty() ? "" : fmt::format(" ({})", cloud)));
}

}  // namespace

std::string bundle_summary(const SummaryInput& input) {
    const Json report = input.report.empty() ? Json() : Json::parse(input.report);
    const std::vector<Subject> failing =
        report.is_null() ? std::vector<Subject>() : failing_in(report, input);
    Page page;
    add_heading(page, report, failing, input);
    add_failing(page, failing);
    if (failing.empty() && !input.targets.empty()) {
        add_configured(page, input.targets);
    }
    if (!input.history.empty()) {
        const Json history = Json::parse(input.history);
        const std::vector<PastOutage> outages = outages_of(history);
        if (failing.empty() && !outages.empty()) {
            add_latest(page, outages.front(), input);
        }
        add_outages(page, history, outages);
    }
    if (!input.missing.empty()) {
        page.heading("Not in this bundle");
        page.items(input.missing, max_missing, "run `whylink bundle` again");
    }
    page.heading("Files");
    page.item("MANIFEST: SHA-256, size in bytes and name of each file; nothing else is in the archive");
    page.item(abridged(input.files, max_files));
    return page.take();
}

}  // namespace whylink::daemon
