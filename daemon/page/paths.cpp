#include "daemon/page/paths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "checks/explain/text.hpp"
#include "daemon/page/charts.hpp"
#include "daemon/page/table.hpp"
#include "daemon/report/human/packets.hpp"
#include "daemon/report/human/stage_lines.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon::page {
namespace {

using checks::JudgedProbe;
using probes::Stage;

/// The JSON report has all.
constexpr std::size_t max_rows = 64;
constexpr std::size_t max_answers = 8;

/// The sign, and the outcome where it is more than the sign says.
void write_outcome(Html& html, const JudgedProbe& probe) {
    if (const std::optional<State> state = state_of(mark_of(probe))) {
        write_icon(html, *state, false);
    }
    if (probe.outcome != checks::Outcome::ok) {
        html.text(words_of(slug(probe.outcome)) + " ");
    }
}

void write_more(Html& html, std::size_t all) {
    if (all > max_rows) {
        html.put("p", {{"class", "minor"}}, fmt::format("and {} more, in the JSON report", all - max_rows));
    }
}

// ---- addresses ----

constexpr std::array connection_stages{Stage::tcp, Stage::tls, Stage::app};

using ByStage = std::map<Stage, const JudgedProbe*>;

/// Of several probes of a stage, one that fails.
std::map<std::pair<IpAddress, std::uint16_t>, ByStage> by_address(const checks::Verdict& verdict) {
    std::map<std::pair<IpAddress, std::uint16_t>, ByStage> addresses;
    for (const JudgedProbe& probe : verdict.probes) {
        if (!probe.observation.address) {
            continue;
        }
        const auto place = std::pair(*probe.observation.address, probe.observation.port);
        const JudgedProbe*& known = addresses[place][probe.observation.stage];
        if (known == nullptr || probe.fails()) {
            known = &probe;
        }
    }
    return addresses;
}

void write_stage(Html& html, const ByStage& stages, Stage stage) {
    const auto at = html.in("td");
    const auto probe = stages.find(stage);
    if (probe == stages.end()) {
        html.put("span", {{"class", "minor"}}, "–");
        return;
    }
    write_outcome(html, *probe->second);
    html.put("span", {{"class", "number"}}, checks::duration_text(probe->second->observation.took));
}

std::string packets_of(const checks::Verdict& verdict, const IpAddress& address, std::uint16_t port) {
    const auto seen = std::ranges::find_if(verdict.packets, [&](const probes::CapturedConnection& one) {
        return one.address == address && one.port == port;
    });
    return seen == verdict.packets.end() ? std::string() : packets_text(seen->facts);
}

// ---- DNS servers ----

std::string answers_text(const probes::DnsFacts& facts) {
    std::vector<std::string> texts;
    for (const probes::DnsAnswer& answer : answers_of(facts)) {
        texts.push_back(answer.address.to_string());
    }
    return texts.empty() ? "–" : abridged(std::move(texts), max_answers);
}

std::string ttl_text(const probes::DnsFacts& facts) {
    const std::vector<probes::DnsAnswer> answers = answers_of(facts);
    return answers.empty() || facts.source != probes::NameSource::resolver
               ? "–"
               : fmt::format("{} s", answers.front().ttl);
}

void write_resolver(Html& html, const JudgedProbe& probe, const probes::DnsFacts& facts) {
    const auto row = html.in("tr");
    html.put("th", {{"scope", "row"}}, resolver_text(facts));
    html.put("td", facts.name);
    {
        const auto at = html.in("td");
        write_outcome(html, probe);
    }
    html.put("td", answers_text(facts));
    html.put("td", {{"class", "took"}}, ttl_text(facts));
    html.put("td", {{"class", "took"}}, checks::duration_text(probe.observation.took));
}

// ---- the waterfall ----

/// "TLS 10.0.0.4", "DNS 10.0.0.2:53"
std::string place_text(const JudgedProbe& probe) {
    if (const probes::DnsFacts* dns = probe.dns()) {
        return resolver_text(*dns);
    }
    return probe.observation.address ? probe.observation.address->to_string() : std::string();
}

std::vector<const JudgedProbe*> by_start(const checks::Verdict& verdict) {
    std::vector<const JudgedProbe*> ordered;
    for (const JudgedProbe& probe : verdict.probes) {
        if (probe.counts) {
            ordered.push_back(&probe);
        }
    }
    std::ranges::stable_sort(ordered, {},
                             [](const JudgedProbe* probe) { return probe->observation.started; });
    return ordered;
}

/// From the start of the first to the end of the last.
std::chrono::nanoseconds whole_of(const std::vector<const JudgedProbe*>& ordered) {
    std::chrono::nanoseconds whole{1};
    for (const JudgedProbe* probe : ordered) {
        const probes::Observation& observation = probe->observation;
        whole = std::max<std::chrono::nanoseconds>(
            whole, observation.started - ordered.front()->observation.started + observation.took);
    }
    return whole;
}

}  // namespace

void write_addresses(Html& html, const checks::Verdict& verdict) {
    const auto addresses = by_address(verdict);
    if (addresses.empty()) {
        return;
    }
    {
        const Table table(html, "Addresses", {"Address", "TCP", "TLS", "Application", "Packets"});
        const auto body = html.in("tbody");
        std::size_t written = 0;
        for (const auto& [place, stages] : addresses) {
            if (++written > max_rows) {
                break;
            }
            const auto row = html.in("tr");
            html.put("th", {{"scope", "row"}}, endpoint_text(place.first, place.second));
            for (const Stage stage : connection_stages) {
                write_stage(html, stages, stage);
            }
            const std::string packets = packets_of(verdict, place.first, place.second);
            html.put("td", packets.empty() ? "–" : std::string_view(packets));
        }
    }
    write_more(html, addresses.size());
}

void write_resolvers(Html& html, const checks::Verdict& verdict) {
    std::vector<const JudgedProbe*> queries;
    for (const JudgedProbe& probe : verdict.probes) {
        if (probe.dns() != nullptr) {
            queries.push_back(&probe);
        }
    }
    if (queries.empty()) {
        return;
    }
    {
        const Table table(html, "DNS servers", {"DNS server", "Name", "Result", "Answer", "TTL", "Time"});
        const auto body = html.in("tbody");
        for (std::size_t i = 0; i < std::min(queries.size(), max_rows); ++i) {
            write_resolver(html, *queries[i], *queries[i]->dns());
        }
    }
    write_more(html, queries.size());
}

void write_waterfall(Html& html, const TargetStatus& status) {
    const std::vector<const JudgedProbe*> ordered = by_start(*status.verdict);
    if (ordered.empty()) {
        return;
    }
    const std::chrono::nanoseconds whole = whole_of(ordered);
    const Table table(html, "Stages of the latest check", {"Stage", "Where", "Started", "Span", "Time"});
    const auto body = html.in("tbody");
    for (std::size_t i = 0; i < std::min(ordered.size(), max_rows); ++i) {
        const probes::Observation& observation = ordered[i]->observation;
        const std::chrono::nanoseconds begin = observation.started - ordered.front()->observation.started;
        const auto row = html.in("tr");
        html.put("th", {{"scope", "row"}}, stage_title(observation.stage));
        html.put("td", place_text(*ordered[i]));
        html.put("td", {{"class", "took"}}, "+" + checks::duration_text(begin));
        {
            const auto at = html.in("td", {{"class", "wide"}});
            write_span(html, begin, observation.took, whole, state_of(mark_of(*ordered[i])));
        }
        html.put("td", {{"class", "took"}}, checks::duration_text(observation.took));
    }
}

}  // namespace whylink::daemon::page
