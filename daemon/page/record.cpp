#include "daemon/page/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "checks/texts/causes.hpp"
#include "daemon/page/charts.hpp"
#include "daemon/page/frame.hpp"
#include "daemon/page/table.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon::page {
namespace {

/// The newest ones; `whylink history` has all.
constexpr std::size_t max_outages = 20;
constexpr std::size_t max_changes = 40;
constexpr std::size_t max_before = 4;
constexpr std::size_t max_files = 20;

std::string length_text(const Outage& outage, Time now) {
    const auto length =
        std::chrono::duration_cast<std::chrono::seconds>(outage.until.value_or(now) - outage.since);
    return age_text(std::max(length, std::chrono::seconds(0))) + (outage.until ? "" : " so far");
}

std::vector<Day::Count> parts_of(const TargetPast& past) {
    std::vector<Day::Count> parts;
    std::ranges::transform(past.timeline, std::back_inserter(parts), [](const RoundCount& count) {
        return Day::Count{static_cast<std::uint32_t>(count.rounds), static_cast<std::uint32_t>(count.passed)};
    });
    return parts;
}

/// A version of whylink that wrote the file may know other causes.
std::string cause_text(const std::string& word) {
    const auto cause = from_slug<Cause>(word);
    return cause ? capitalised(checks::text(*cause).title) : word;
}

std::string before_text(const Outage& outage) {
    if (outage.never_healthy) {
        return "Never healthy before";
    }
    return outage.changes.empty() ? "Nothing changed" : changes_text(outage.changes, max_before);
}

void write_outage(Html& html, const Outage& outage, Time now) {
    const auto row = html.in("tr");
    {
        const auto at = html.in("th", {{"scope", "row"}});
        write_time(html, outage.since, now);
    }
    html.put("td", {{"class", "took"}}, length_text(outage, now));
    html.put("td", cause_text(outage.cause));
    html.put("td", before_text(outage));
}

/// The outages show the others.
bool is_shown(const Change& change) {
    return change.what != What::health && change.what != What::cause;
}

void write_change(Html& html, const Change& change, Time now) {
    const auto row = html.in("tr");
    {
        const auto at = html.in("th", {{"scope", "row"}});
        write_time(html, change.at, now);
    }
    html.put("td", title(change.what).empty() ? slug(change.what) : title(change.what));
    html.put("td", {{"class", "value"}},
             fmt::format("{} → {}", value_text(change.from), value_text(change.to)));
}

struct File {
    std::string path;
    std::string what;
};

std::vector<File> files_of(const TargetStatus& status, const TargetPast* past, Time now) {
    std::vector<File> files;
    const auto add = [&files](const std::string& path, std::string what) {
        if (!path.empty() && std::ranges::find(files, path, &File::path) == files.end()) {
            files.push_back({path, std::move(what)});
        }
    };
    add(status.evidence_file, "packets of the present failure");
    if (past != nullptr) {
        for (auto outage = past->outages.rbegin(); outage != past->outages.rend() && files.size() < max_files;
             ++outage) {
            for (auto one = outage->files.rbegin(); one != outage->files.rend(); ++one) {
                add(one->file, fmt::format("{}, {}", cause_text(one->cause), clock_text(one->at, now)));
            }
        }
    }
    return files;
}

}  // namespace

void write_outages(Html& html, const Input& input, const TargetPast& past) {
    const Section section(html, "outages", "Outages of the last 7 days");
    html.put("p", {{"class", "minor"}}, fmt::format("Availability {}", share_text(past.availability())));
    write_strip(html, parts_of(past), "Last 7 days");
    if (past.outages.empty()) {
        html.put("p", "No outages.");
        return;
    }
    const Table table(html, "Outages", {"Since", "Length", "Cause", "Changed before it"});
    const auto body = html.in("tbody");
    std::size_t written = 0;
    for (auto outage = past.outages.rbegin(); outage != past.outages.rend() && written < max_outages;
         ++outage) {
        write_outage(html, *outage, input.now);
        ++written;
    }
}

void write_changes(Html& html, const Input& input, const TargetPast& past) {
    const Section section(html, "changes", "What changed in the last 7 days");
    std::vector<const Change*> changes;
    for (auto change = past.changes.rbegin(); change != past.changes.rend() && changes.size() < max_changes;
         ++change) {
        if (is_shown(*change)) {
            changes.push_back(&*change);
        }
    }
    if (changes.empty()) {
        html.put("p", "Nothing changed.");
        return;
    }
    const Table table(html, "Changes", {"When", "What", "From → to"});
    const auto body = html.in("tbody");
    for (const Change* change : changes) {
        write_change(html, *change, input.now);
    }
}

void write_evidence(Html& html, const Input& input, const TargetStatus& status, const TargetPast* past) {
    const std::vector<File> files = files_of(status, past, input.now);
    if (files.empty()) {
        return;
    }
    const Section section(html, "evidence", "Evidence");
    const auto list = html.in("ul", {{"class", "files"}});
    for (const File& file : files) {
        const auto item = html.in("li");
        const std::string name = file.path.substr(file.path.rfind('/') + 1);
        html.put("a", {Attribute::href(Link::evidence(file.path)), {"download", name}}, name);
        html.text(" ");
        html.put("span", {{"class", "minor"}}, file.what);
    }
}

}  // namespace whylink::daemon::page
