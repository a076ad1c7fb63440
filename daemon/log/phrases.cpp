#include "daemon/log/phrases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

#include "checks/stages/addresses.hpp"
#include "checks/stages/stage.hpp"
#include "checks/table/rules.hpp"
#include "config/outside_text.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

using checks::AddressState;
using checks::FactSet;
using checks::JudgedProbe;

// A pager cuts a long line; the details under it have the whole step.
constexpr std::size_t max_step = 160;

bool is_upper(char character) {
    return std::isupper(static_cast<unsigned char>(character)) != 0;
}

/// Of the addresses that fail the first that shows what the cause takes from the addresses; else the first that fails.
const JudgedProbe* deciding_address(const std::vector<AddressState>& states, FactSet wanted) {
    const auto shows = [wanted](const AddressState& state) {
        return state.fails() && checks::summarise_address(state).contains_all(wanted);
    };
    auto found = std::ranges::find_if(states, shows);
    if (found == states.end()) {
        found = std::ranges::find_if(states, &AddressState::fails);
    }
    return found == states.end() ? nullptr : found->last;
}

/// Null where the cause follows from several observations and none of them fails.
const JudgedProbe* deciding_probe(const config::Target& target, const checks::Verdict& verdict) {
    const std::vector<AddressState> states = checks::address_states(target, verdict);
    const checks::Row* row = verdict.decision.row;
    const FactSet wanted = row == nullptr ? FactSet() : checks::shown_of(row->when, states);
    const auto failing = std::ranges::find_if(verdict.probes, &JudgedProbe::fails);
    const bool about_names = wanted.empty() && failing != verdict.probes.end() && failing->dns() != nullptr;
    if (!about_names) {
        if (const JudgedProbe* probe = deciding_address(states, wanted)) {
            return probe;
        }
    }
    return failing == verdict.probes.end() ? nullptr : &*failing;
}

std::string evidence_of(const JudgedProbe& probe, const checks::Verdict& verdict,
                        const checks::Explanation& explanation) {
    const auto place = static_cast<std::size_t>(&probe - verdict.probes.data());
    const std::vector<std::string>& details = explanation.details.probes;
    return checks::evidence_line(probe, place < details.size() ? details[place] : std::string());
}

/// Whether a sentence ends where `rest` begins, or leads over to a command or a list.
bool ends_sentence(std::string_view rest) {
    return rest == "." || rest.starts_with(". ") || rest.starts_with("; ") || rest == ":" ||
           rest.starts_with(": `");
}

/// How much of a text is its first sentence. What stands in backticks or in parentheses ends none.
std::size_t sentence_length(std::string_view text) {
    bool command = false;
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char character = text[i];
        command = command != (character == '`');
        depth += !command && character == '(' ? 1U : 0U;
        depth -= !command && character == ')' && depth > 0 ? 1U : 0U;
        if (!command && depth == 0 && ends_sentence(text.substr(i))) {
            return i;
        }
    }
    return text.size();
}

}  // namespace

std::string lower_first(std::string_view text) {
    std::string lower(text);
    const bool abbreviation = lower.size() > 1 && is_upper(lower[1]);
    if (!lower.empty() && !abbreviation) {
        lower[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(lower[0])));
    }
    return lower;
}

std::string title_clause(const checks::Decision& decision) {
    return fmt::format("{} ({})", lower_first(checks::title_of(decision)), slug(decision.confidence));
}

std::string deciding_evidence(const TargetStatus& status, const checks::Explanation& explanation) {
    const checks::Verdict& verdict = *status.verdict;
    // Of what comes and goes the first line counts the rounds.
    if (verdict.recent && !explanation.evidence.empty()) {
        return explanation.evidence.front();
    }
    const JudgedProbe* probe = deciding_probe(*status.target, verdict);
    return probe != nullptr ? evidence_of(*probe, verdict, explanation) : explanation.summary;
}

std::string first_step(const checks::Explanation& explanation) {
    if (explanation.steps.empty()) {
        return {};
    }
    // A command may stand on a line of its own.
    std::string_view step = explanation.steps.front();
    step = step.substr(0, step.find('\n'));
    return shortened(lower_first(step.substr(0, sentence_length(step))), max_step);
}

std::string since_clause(std::chrono::system_clock::time_point since,
                         std::chrono::system_clock::time_point now) {
    const std::string time = rfc3339(since);  // "2026-01-01T13:48:00.000Z"
    const std::string hour = time.substr(11, 5);
    if (now - since < std::chrono::hours(24)) {
        return fmt::format("since {} UTC", hour);
    }
    return fmt::format("since {} {} UTC", time.substr(0, 10), hour);
}

}  // namespace whylink::daemon
