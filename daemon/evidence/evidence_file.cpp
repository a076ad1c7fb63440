#include "daemon/evidence/evidence_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/explain/explain.hpp"
#include "daemon/report/human/text.hpp"
#include "probes/packets/pcapng.hpp"

namespace whylink::daemon {
namespace {

constexpr std::string_view ending = ".pcapng";
constexpr std::size_t max_file_name = 200;
/// As evidence_name() begins: '9' is a digit, the rest itself.
constexpr std::string_view stamp_form = "99999999T999999.999Z_";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_kept(char c) {
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
}

/// One "-" for each character that does not stay, however many bytes it has in UTF-8.
std::string file_part(std::string_view target) {
    std::string part;
    for (const char c : target) {
        const bool continuation = (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
        if (is_kept(c)) {
            part += c;
        } else if (!continuation || part.empty()) {
            part += '-';
        }
    }
    return part.empty() ? "-" : part;
}

/// What comes before a number that numbered() has added.
std::string_view without_number(std::string_view stem) {
    const std::size_t dash = stem.rfind('-');
    const std::string_view number = dash == std::string_view::npos ? "" : stem.substr(dash + 1);
    return !number.empty() && std::ranges::all_of(number, is_digit) ? stem.substr(0, dash) : stem;
}

/// "TARGET_cause" or "TARGET_cause-2"; a cause's last word is in lower case.
bool ends_in_cause(std::string_view stem) {
    stem = without_number(stem);
    const std::size_t underscore = stem.rfind('_');
    if (underscore == std::string_view::npos || underscore == 0 || underscore + 1 == stem.size()) {
        return false;
    }
    return std::ranges::all_of(stem.substr(underscore + 1), is_lower);
}

/// So many bytes of a target's name stand in every file of it, whatever the cause is called.
constexpr std::size_t common_part() {
    std::size_t longest = 0;
    for (const Term<Cause>& cause : terms_of<Cause>) {
        longest = std::max(longest, cause.slug.size());
    }
    return max_file_name - stamp_form.size() - 1 - longest - ending.size();
}

/// "TARGET" of "TARGET_cause". Of a cause that this version does not know only the last word goes.
std::string_view without_cause(std::string_view stem) {
    std::size_t target = stem.rfind('_');
    for (const Term<Cause>& cause : terms_of<Cause>) {
        const std::size_t end = cause.slug.size() + 1;
        if (stem.size() > end && stem.ends_with(cause.slug) && stem[stem.size() - end] == '_') {
            target = std::min(target, stem.size() - end);
        }
    }
    return stem.substr(0, target);
}

std::string_view word_of(const checks::Verdict& verdict) {
    // The daemon's health waits for further rounds; the packets are of this one.
    if (verdict.healthy) {
        return verdict.decision.severity == checks::Severity::critical ? "latest round failed; still healthy"
                                                                       : "healthy";
    }
    return verdict.decision.cause == Cause::local_limit ? "not checked" : "unhealthy";
}

std::string verdict_text(const checks::Verdict& verdict) {
    const checks::Decision& decision = verdict.decision;
    return fmt::format("{}: {} ({}), {}, {} confidence", word_of(verdict), checks::title_of(decision),
                       slug(decision.cause), slug(decision.severity), slug(decision.confidence));
}

void describe(const EvidenceSubject& subject, std::vector<std::string>& comments) {
    const auto add = [&](std::string_view line) {
        if (!line.empty()) {
            comments.push_back(printable(line));
        }
    };
    const config::Target& target = *subject.entry.target;
    add(fmt::format("{} {}: {}, checked from {} at {}", slug(target.kind()), target.name(), subject.what,
                    subject.vantage_point, rfc3339(subject.round_started)));
    add(verdict_text(*subject.entry.verdict));
    const auto explanation = subject.entry.explained();
    add(explanation->summary);
    for (const std::string& line : explanation->evidence) {
        add("- " + line);
    }
}

/// Who reads the packets must know that what is not there may have been.
void describe_gaps(const CaptureOrigin& origin, const probes::KeptFrames& frames,
                   std::vector<std::string>& comments) {
    if (origin.dropped > 0) {
        comments.push_back(fmt::format(
            "not complete: the kernel dropped {} packets while these were captured", origin.dropped));
    }
    if (frames.left_out > 0) {
        comments.push_back(
            fmt::format("not complete: {} further packets were left out to bound the file", frames.left_out));
    }
}

}  // namespace

std::string evidence_stamp(std::chrono::system_clock::time_point time) {
    // RFC 3339 without what some file systems refuse in a name.
    std::string text = rfc3339(time);
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text;
}

std::string evidence_name(std::chrono::system_clock::time_point round_started, std::string_view target,
                          Cause cause) {
    const std::string begin = evidence_stamp(round_started) + "_";
    const std::string end = fmt::format("_{}{}", slug(cause), ending);
    return begin + file_part(target).substr(0, max_file_name - begin.size() - end.size()) + end;
}

std::string numbered(std::string_view evidence_name, unsigned number) {
    const std::string_view stem = evidence_name.substr(0, evidence_name.size() - ending.size());
    return fmt::format("{}-{}{}", stem, number, ending);
}

bool is_evidence_name(std::string_view name) {
    if (name.size() <= stamp_form.size() + ending.size() || !name.ends_with(ending)) {
        return false;
    }
    for (std::size_t i = 0; i < stamp_form.size(); ++i) {
        if (stamp_form[i] == '9' ? !is_digit(name[i]) : name[i] != stamp_form[i]) {
            return false;
        }
    }
    name.remove_prefix(stamp_form.size());
    name.remove_suffix(ending.size());
    return std::ranges::all_of(name, is_kept) && ends_in_cause(name);
}

std::string evidence_target(std::string_view evidence_name) {
    std::string_view stem = evidence_name;
    stem.remove_prefix(stamp_form.size());
    stem.remove_suffix(ending.size());
    return std::string(without_cause(without_number(stem)).substr(0, common_part()));
}

std::string evidence_bytes(const std::vector<EvidenceSubject>& subjects, const CaptureOrigin& origin,
                           const probes::KeptFrames& frames) {
    probes::PcapngSection section;
    section.application = "whylink " WHYLINK_VERSION;
    section.interface = origin.interface;
    section.filter = origin.filter;
    section.snapshot_length = origin.snapshot_length;
    section.dropped = origin.dropped;
    for (const EvidenceSubject& subject : subjects) {
        describe(subject, section.comments);
    }
    describe_gaps(origin, frames, section.comments);
    return probes::pcapng(section, frames);
}

}  // namespace whylink::daemon
