#include "daemon/report/human/stage_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>
#include <variant>

#include "checks/explain/text.hpp"
#include "checks/followups/evidence.hpp"
#include "config/dns_name.hpp"
#include "daemon/report/human/packets.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon {
namespace {

using probes::AppFacts;
using probes::DnsFacts;
using probes::TcpFacts;
using probes::TlsFacts;

/// More than these are counted.
constexpr std::size_t max_named = 4;
/// Characters of what a server says.
constexpr std::size_t max_said = 60;

std::string joined(std::string text, std::string_view more, std::string_view separator = "; ") {
    checks::append(text, more, separator);
    return text;
}

bool failed(const checks::JudgedProbe& probe) {
    return probe.observation.local || !checks::passes(probe.outcome);
}

// ---- what a stage has to say ----

std::string tls_text(const TlsFacts& facts) {
    if (facts.progress != probes::TlsProgress::complete) {
        return {};
    }
    return facts.chain.empty() ? facts.version
                               : fmt::format("{}, certificate valid until {}", facts.version,
                                             rfc3339(facts.chain.front().not_after).substr(0, 10));
}

/// "Redis (7.0.15): PONG"; who asks for credentials says so in the detail.
std::string app_text(const AppFacts& facts, const std::string& detail) {
    std::string text = checks::protocol_title(facts.protocol);
    if (!facts.server.empty()) {
        text += fmt::format(" ({})", shortened(facts.server, max_said));
    }
    const std::string said = shortened(checks::reply_text(facts), max_said);
    return said.empty() || !detail.empty() ? text : text + ": " + said;
}

/// Of a probe that passes, where it is not DNS or a connection: what there is beside its detail.
std::string passed_text(const checks::JudgedProbe& probe, const std::string& detail) {
    const probes::Facts& facts = probe.observation.facts;
    if (const auto* tls = get_if<TlsFacts>(&facts)) {
        return joined(tls_text(*tls), detail);
    }
    if (const auto* app = get_if<AppFacts>(&facts)) {
        return joined(app_text(*app, detail), detail);
    }
    if (const auto* listener = get_if<probes::ListenerFacts>(&facts)) {
        return listener_text(*listener);
    }
    return detail;
}

std::string failed_text(const checks::JudgedProbe& probe, const std::string& detail) {
    return detail.empty() ? words_of(slug(probe.outcome)) : detail;
}

// ---- DNS ----

/// The name as far as it differs from what the header says.
std::string name_part(const DnsFacts& facts, std::string_view zone) {
    using probes::NameRole;
    if (facts.role == NameRole::host) {
        return {};
    }
    // Nobody will see these names again; the JSON has them.
    if (facts.role == NameRole::random_label || facts.role == NameRole::random_two_labels) {
        return facts.role == NameRole::random_label ? "random name" : "random name of two labels";
    }
    const std::string suffix = "." + canonical_name(zone);
    return !zone.empty() && facts.name.ends_with(suffix)
               ? facts.name.substr(0, facts.name.size() - suffix.size())
               : facts.name;
}

std::string resolver_name(const DnsFacts& facts) {
    const bool usual = facts.source == probes::NameSource::resolver && facts.resolver_port == 53;
    return usual ? facts.resolver.to_string() : resolver_text(facts);
}

/// An address of one family, and none of the other: nearly every name is so, and saying it each time hides
/// the rest.
bool is_of_one_family(const checks::JudgedProbe& probe, const DnsFacts& facts) {
    using checks::Outcome;
    return facts.hosts_file.empty() && probe.outcome == Outcome::ok &&
           std::ranges::all_of(probe.query_outcomes, [](Outcome outcome) {
               return outcome == Outcome::ok || outcome == Outcome::nodata;
           });
}

std::string answers_text(const DnsFacts& facts) {
    std::vector<std::string> texts;
    for (const probes::DnsAnswer& answer : answers_of(facts)) {
        texts.push_back(answer.address.to_string());
    }
    return abridged(std::move(texts), max_named);
}

/// ", TTL 300 s)" behind the resolver.
std::string ttl_text(const DnsFacts& facts) {
    const std::vector<probes::DnsAnswer> answers = answers_of(facts);
    return answers.empty() || facts.source != probes::NameSource::resolver
               ? ")"
               : fmt::format(", TTL {} s)", answers.front().ttl);
}

void say_dns(StageLine& line, const checks::JudgedProbe& probe, const DnsFacts& facts,
             const std::string& detail, std::string_view zone) {
    const std::string name = name_part(facts, zone);
    const std::string answers = answers_text(facts);
    if (!answers.empty() && !failed(probe)) {
        const std::string more = is_of_one_family(probe, facts) || detail.empty() ? "" : "; " + detail;
        line.before = name.empty() ? answers + " (" : "";
        line.subjects = {name.empty() ? resolver_name(facts) : name};
        line.after = (name.empty() ? "" : fmt::format(": {} ({}", answers, resolver_name(facts))) +
                     ttl_text(facts) + more;
        return;
    }
    std::string said = failed_text(probe, detail);
    if (!answers.empty() && said.find(answers) == std::string::npos) {
        said = answers + ": " + said;
    }
    line.subjects = {name.empty() ? resolver_name(facts) : name};
    line.after = ": " + said + (name.empty() ? "" : fmt::format(" ({})", resolver_name(facts)));
}

// ---- connections ----

void say_tcp(StageLine& line, const checks::JudgedProbe& probe, const TcpFacts& facts,
             const std::string& detail) {
    if (failed(probe)) {
        line.after = ": " + failed_text(probe, detail);
        return;
    }
    line.before = "connected to ";
    if (facts.info && facts.info->retransmits > 0) {
        line.after = ", " + checks::count_text(facts.info->retransmits + 1, "SYN");
    }
    line.after += detail.empty() ? "" : "; " + detail;
}

/// Which address it was is said where there are several.
void say(StageLine& line, std::string said, bool several) {
    if (several && !line.subjects.empty()) {
        line.after = ": " + said;
    } else {
        line.subjects.clear();
        line.before = std::move(said);
    }
}

bool has_several_addresses(const checks::Assessment& round) {
    const auto addressed = [](const checks::JudgedProbe& probe) {
        return probe.observation.address.has_value();
    };
    const auto first = std::ranges::find_if(round.probes, addressed);
    return std::any_of(first, round.probes.end(), [&](const checks::JudgedProbe& probe) {
        return addressed(probe) && probe.observation.address != first->observation.address;
    });
}

StageLine line_of(const checks::JudgedProbe& probe, const std::string& detail, std::string_view zone,
                  bool several) {
    StageLine line{std::string(stage_title(probe.observation.stage)), mark_of(probe)};
    line.took = probe.observation.took;
    if (probe.observation.address) {
        line.subjects = {probe.observation.address->to_string()};
    }
    if (const auto* dns = probe.dns()) {
        say_dns(line, probe, *dns, detail, zone);
    } else if (const auto* tcp = probe.tcp()) {
        say_tcp(line, probe, *tcp, detail);
    } else {
        say(line, failed(probe) ? failed_text(probe, detail) : passed_text(probe, detail), several);
    }
    return line;
}

StageLine line_of(const checks::JudgedHold& hold, const std::string& detail, bool several) {
    StageLine line{"Idle", checks::passes(hold.outcome) ? Mark::good : Mark::bad};
    line.subjects = {hold.connection.address.to_string()};
    line.took = hold.connection.took;
    say(line, detail.empty() ? words_of(slug(hold.outcome)) : detail, several);
    return line;
}

/// Real traffic has more to say than its detail, which counts the attempts.
void add_traffic(std::vector<StageLine>& lines, const checks::JudgedProbe& probe) {
    const auto* traffic = get_if<probes::TrafficFacts>(&probe.observation.facts);
    std::string text = traffic == nullptr || probe.observation.local ? "" : traffic_text(*traffic);
    if (!text.empty()) {
        lines.push_back({"", Mark::aside, std::move(text)});
    }
}

bool begins_with_unit(std::string_view text) {
    for (const std::string_view unit : {" ms", " s"}) {
        if (!text.starts_with(unit)) {
            continue;
        }
        const std::string_view behind = text.substr(unit.size());
        if (behind.empty() || std::isalpha(static_cast<unsigned char>(behind.front())) == 0) {
            return true;
        }
    }
    return false;
}

/// Without its times, by which alone two addresses differ that fail alike.
std::string timeless(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
        const bool is_time = digits > 0 && begins_with_unit(text.substr(digits));
        const std::size_t taken = std::max<std::size_t>(digits, 1);
        result += is_time ? std::string_view("#") : text.substr(0, taken);
        text.remove_prefix(taken);
    }
    return result;
}

/// Of lines that differ in their subjects and times alone one is made.
void merge(std::vector<StageLine>& lines, StageLine line) {
    const auto same = std::ranges::find_if(lines, [&line](const StageLine& known) {
        return known.stage == line.stage && known.mark == line.mark &&
               timeless(known.before) == timeless(line.before) &&
               timeless(known.after) == timeless(line.after) &&
               known.subjects.empty() == line.subjects.empty();
    });
    if (same == lines.end()) {
        lines.push_back(std::move(line));
        return;
    }
    for (std::string& subject : line.subjects) {
        checks::add_once(same->subjects, std::move(subject));
    }
    same->took = std::max(same->took, line.took);
}

bool is_shown(const checks::JudgedProbe& probe) {
    return probe.counts || probe.dns() == nullptr;
}

// ---- follow-up tests ----

Mark finding_mark(checks::Finding finding) {
    switch (finding) {
        case checks::Finding::answered:
            return Mark::good;
        case checks::Finding::same:
        case checks::Finding::worse:
            return Mark::bad;
        case checks::Finding::nothing:
            break;
    }
    return Mark::unknown;
}

constexpr std::string_view test_stage = "test";
/// Longer ones leave no room for what the test means.
constexpr std::size_t max_shown = 32;

std::string brief_text(const checks::FollowUpLine& test) {
    const bool tell =
        test.meaning.empty() || (test.finding == checks::Finding::answered && test.shown.size() <= max_shown);
    return words_of(slug(test.kind)) + ": " + joined(tell ? test.shown : "", test.meaning);
}

std::string full_text(const checks::FollowUpLine& test) {
    const std::string target = test.target.empty() ? "" : fmt::format(" ({})", test.target);
    return fmt::format("{}{}: {}", words_of(slug(test.kind)), target, joined(test.shown, test.meaning));
}

template <class Text>
std::vector<StageLine> test_lines(const checks::Assessment& round, const checks::Details& details,
                                  bool only_deciding, Text text) {
    std::vector<StageLine> lines;
    for (const checks::FollowUpLine& test : checks::follow_up_lines(round, details.follow_ups)) {
        if (!only_deciding || test.finding != checks::Finding::nothing) {
            merge(lines, {std::string(test_stage), finding_mark(test.finding), text(test)});
        }
    }
    return lines;
}

}  // namespace

std::string_view stage_title(probes::Stage stage) {
    using probes::Stage;
    switch (stage) {
        case Stage::dns:
            return "DNS";
        case Stage::tcp:
            return "TCP";
        case Stage::tls:
            return "TLS";
        case Stage::app:
            return "App";
        case Stage::listener:
            return "Listen";
        case Stage::packets:
            return "Traffic";
    }
    return {};
}

std::string words_of(std::string_view slug) {
    std::string words(slug);
    std::ranges::replace(words, '_', ' ');
    return words;
}

std::string StageLine::text() const {
    return before + abridged(subjects, max_named) + after;
}

std::vector<StageLine> stage_lines(const config::Target& target, const checks::Assessment& round,
                                   const checks::Details& details) {
    const config::Zone* zone = target.zone();
    const std::string_view of_zone = zone == nullptr ? std::string_view() : std::string_view(zone->zone);
    const bool several = has_several_addresses(round);
    const auto detail_of = [](const std::vector<std::string>& texts, std::size_t i) {
        return i < texts.size() ? texts[i] : std::string();
    };
    std::vector<StageLine> lines;
    for (std::size_t i = 0; i < round.probes.size(); ++i) {
        const checks::JudgedProbe& probe = round.probes[i];
        if (is_shown(probe)) {
            merge(lines, line_of(probe, detail_of(details.probes, i), of_zone, several));
            add_traffic(lines, probe);
        }
    }
    for (std::size_t i = 0; i < round.holds.size(); ++i) {
        merge(lines, line_of(round.holds[i], detail_of(details.holds, i), several));
    }
    return lines;
}

std::vector<StageLine> limited(std::vector<StageLine> lines, std::size_t most) {
    std::vector<StageLine> kept;
    for (std::size_t first = 0; first < lines.size();) {
        const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(first);
        const auto end = std::find_if(begin, lines.end(),
                                      [&](const StageLine& line) { return line.stage != begin->stage; });
        const auto size = static_cast<std::size_t>(end - begin);
        const std::string stage = begin->stage;
        // A line that says "and 1 more" has room for the one.
        const bool cut = size > most + 1;
        if (cut && stage == test_stage) {
            // A test that works where the ordinary connection fails is what decides.
            std::stable_partition(begin, end, [](const StageLine& line) { return line.mark == Mark::good; });
        } else if (cut) {
            std::stable_sort(begin, end,
                             [](const StageLine& a, const StageLine& b) { return a.mark < b.mark; });
        }
        std::move(begin, begin + static_cast<std::ptrdiff_t>(cut ? most : size), std::back_inserter(kept));
        if (cut) {
            kept.push_back({stage, Mark::aside, fmt::format("and {} more", size - most)});
        }
        first += size;
    }
    return kept;
}

std::vector<StageLine> deciding_tests(const checks::Assessment& round, const checks::Details& details) {
    return test_lines(round, details, true, brief_text);
}

std::vector<StageLine> all_tests(const checks::Assessment& round, const checks::Details& details) {
    return test_lines(round, details, false, full_text);
}

std::vector<StageLine> packet_lines(const std::vector<probes::CapturedConnection>& packets) {
    std::vector<StageLine> lines;
    for (const probes::CapturedConnection& connection : packets) {
        lines.push_back(
            {"pkt", Mark::aside,
             endpoint_text(connection.address, connection.port) + ": " + packets_text(connection.facts)});
    }
    return lines;
}

std::string SlowestStage::text() const {
    return stage.empty() ? "" : stage + " " + checks::duration_text(took);
}

SlowestStage slowest_stage(const checks::Assessment& round) {
    SlowestStage slowest;
    for (const checks::JudgedProbe& probe : round.probes) {
        const probes::Stage stage = probe.observation.stage;
        const bool waits_for_nobody = stage == probes::Stage::listener || stage == probes::Stage::packets;
        if (probe.counts && !waits_for_nobody && probe.observation.took > slowest.took) {
            slowest = {std::string(stage_title(stage)), probe.observation.took};
        }
    }
    return slowest;
}

// ---- in columns ----

namespace {

constexpr std::size_t indent = 2;
constexpr std::size_t gap = 2;

std::string took_text(const StageLine& line) {
    return line.took ? checks::duration_text(*line.took) : std::string();
}

Painted lead_of(const Canvas& canvas, const StageLine& line, std::size_t stage_width) {
    return spaces(indent) + canvas.cell(line.stage, stage_width, Ink::dim) + spaces(gap) +
           painted(canvas, line.mark);
}

/// As wide as the widest line wants, within what the terminal has.
std::size_t edge_of(const Canvas& canvas, const std::vector<StageLine>& lines, std::size_t stage_width) {
    std::size_t edge = canvas.text_edge();
    for (const StageLine& line : lines) {
        const std::string took = took_text(line);
        const std::size_t end = took.empty() ? 0 : gap + took.size();
        edge = std::max(edge, lead_of(canvas, line, stage_width).width + canvas.width_of(line.text()) + end);
    }
    return std::min(edge, canvas.evidence_edge());
}

void write_stage(Canvas& canvas, const StageLine& line, std::size_t stage_width, std::size_t edge,
                 std::size_t took_width, std::size_t max_height) {
    const Painted lead = lead_of(canvas, line, stage_width);
    const std::size_t room = edge - lead.width - took_width;
    std::vector<std::string> parts = canvas.broken(line.text(), room);
    if (parts.size() > max_height) {
        parts[max_height - 1] = canvas.cut_to(parts[max_height - 1] + " " + parts[max_height], room);
        parts.resize(max_height);
    }
    const Ink ink = line.mark == Mark::aside ? Ink::dim : Ink::plain;
    canvas.ends(lead + canvas.paint(parts.front(), ink), canvas.paint(took_text(line), Ink::dim), edge);
    for (std::size_t i = 1; i < parts.size(); ++i) {
        canvas.line(spaces(lead.width) + canvas.paint(parts[i], ink));
    }
}

}  // namespace

void write_stages(Canvas& canvas, const std::vector<StageLine>& lines, std::size_t max_height) {
    std::size_t stage_width = 4;
    std::size_t took_width = 0;
    for (const StageLine& line : lines) {
        stage_width = std::max(stage_width, line.stage.size());
        took_width = std::max(took_width, line.took ? gap + took_text(line).size() : 0);
    }
    const std::size_t edge = edge_of(canvas, lines, stage_width);
    for (const StageLine& line : lines) {
        write_stage(canvas, line, stage_width, edge, line.took ? took_width : 0, max_height);
    }
}

}  // namespace whylink::daemon
