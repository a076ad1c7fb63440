#include "daemon/page/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "checks/explain/explain.hpp"
#include "checks/explain/text.hpp"
#include "checks/stages/clouds.hpp"
#include "daemon/page/steps.hpp"
#include "daemon/report/human/answer.hpp"
#include "daemon/report/human/stage_lines.hpp"
#include "daemon/report/human/standing.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon::page {
namespace {

/// Lines of each stage.
constexpr std::size_t max_lines = 8;
/// Steps that one sees at once: what is tried first. One more is no reason to fold.
constexpr std::size_t first_steps = 3;

void write_line(Html& html, std::string_view look, const std::string& text) {
    if (!text.empty()) {
        html.put("p", {{"class", look}}, text);
    }
}

void write_answer(Html& html, const ReportEntry& entry, const checks::Explanation& explanation, Time now) {
    const checks::Decision& decision = entry.verdict->decision;
    const std::optional<State> state = state_of(mark_of(*entry.verdict));
    {
        const auto heading = html.in("h2", {{"id", "diagnosis"}, {"class", "verdict"}});
        write_icon(html, state.value_or(State::healthy), false);
        html.text(state == State::healthy ? "Healthy" : capitalised(std::string(checks::title_of(decision))));
    }
    if (state != State::healthy) {
        html.put("p", {{"class", "rating"}},
                 fmt::format("{} · {} confidence", slug(decision.severity), slug(decision.confidence)));
        write_line(html, "summary", summary_beside_title(entry, explanation));
        if (!entry.verdict->passed()) {
            write_line(html, "summary", sentence(checks::other_cloud_text(*entry.target, *entry.verdict)));
        }
    }
    write_line(html, "standing", standing_text(*entry.verdict, *entry.standing, now));
}

// ---- what proves it ----

void write_stage(Html& html, const StageLine& line) {
    const auto row = html.in("tr");
    html.put("th", {{"scope", "row"}}, line.stage);
    {
        const auto sign = html.in("td", {{"class", "sign"}});
        if (const std::optional<State> state = state_of(line.mark)) {
            write_icon(html, *state, false);
        }
    }
    html.put("td", {{"class", "text"}}, line.text());
    html.put("td", {{"class", "took"}}, line.took ? checks::duration_text(*line.took) : "");
}

void write_proof(Html& html, const ReportEntry& entry, const checks::Explanation& explanation) {
    const checks::Verdict& verdict = *entry.verdict;
    std::vector<StageLine> lines =
        limited(stage_lines(*entry.target, verdict, explanation.details), max_lines);
    std::ranges::move(limited(deciding_tests(verdict, explanation.details), max_lines),
                      std::back_inserter(lines));
    if (lines.empty()) {
        return;
    }
    const auto table = html.in("table", {{"class", "stages"}});
    html.put("caption", {{"class", "unseen"}}, "What each stage found");
    {
        const auto head = html.in("thead", {{"class", "unseen"}});
        const auto row = html.in("tr");
        for (const std::string_view heading : {"Stage", "Result", "Finding", "Time"}) {
            html.put("th", {{"scope", "col"}}, heading);
        }
    }
    const auto body = html.in("tbody");
    for (const StageLine& line : lines) {
        write_stage(html, line);
    }
}

// ---- what to do ----

void write_steps(Html& html, std::span<const std::string> steps) {
    for (const std::string& step : steps) {
        const auto item = html.in("li");
        write_step(html, step);
    }
}

void write_again(Html& html, const ReportEntry& entry) {
    const std::string again = again_text({mark_of(*entry.verdict), {&entry}});
    if (const std::size_t colon = again.find(": "); colon != std::string::npos) {
        const auto item = html.in("li");
        html.put("p", again.substr(0, colon + 1));
        write_command(html, again.substr(colon + 2));
    }
}

void write_further_steps(Html& html, std::span<const std::string> steps) {
    const auto further = html.in("details", {{"class", "further"}, {"id", "further-steps"}});
    html.put("summary", fmt::format("Still failing? {} more steps", steps.size()));
    const auto list = html.in("ol");
    write_steps(html, steps);
}

void write_fix(Html& html, const ReportEntry& entry, const checks::Explanation& explanation) {
    const auto [actor, steps] = fix_of(entry, explanation.steps);
    if (steps.empty()) {
        return;
    }
    const auto fix = html.in("section", {{"class", "fix"}, {"aria-labelledby", "fix"}});
    html.put("h3", {{"id", "fix"}}, "Fix: " + actor);
    const std::size_t shown = steps.size() > first_steps + 1 ? first_steps : steps.size();
    {
        const auto list = html.in("ol");
        write_steps(html, std::span(steps).first(shown));
        write_again(html, entry);
    }
    if (shown < steps.size()) {
        write_further_steps(html, std::span(steps).subspan(shown));
    }
    for (const std::string& identifier : explanation.identifiers) {
        write_line(html, "minor", identifier);
    }
}

// ---- what is open ----

void write_fact(Html& html, std::string_view term, const std::string& text) {
    if (!text.empty()) {
        html.put("dt", term);
        html.put("dd", text);
    }
}

void write_rest(Html& html, const ReportEntry& entry, const checks::Explanation& explanation) {
    const checks::Decision& decision = entry.verdict->decision;
    const auto rest = html.in("dl", {{"class", "open"}});
    for (const std::string& text : explanation.unexplained) {
        write_fact(html, "Not explained", sentence(text));
    }
    write_fact(html, "Also possible", alternatives_text(decision));
    if (decision.confidence != checks::Confidence::high) {
        write_fact(html, "To settle it", explanation.settle);
    }
    write_fact(html, "More", fmt::format("whylink explain {}", slug(decision.cause)));
}

}  // namespace

void write_diagnosis(Html& html, const Input& input, const TargetStatus& status) {
    const ReportEntry entry = entry_of(status);
    const auto explanation = entry.explained();
    const bool healthy = state_of(status) == State::healthy;
    const std::string look = fmt::format("diagnosis {}", slug(state_of(status)));
    const auto section = html.in("section", {{"class", look}, {"aria-labelledby", "diagnosis"}});
    {
        const auto answer = html.in("div", {{"class", "answer"}});
        write_answer(html, entry, *explanation, input.now);
        write_proof(html, entry, *explanation);
        if (!healthy) {
            write_rest(html, entry, *explanation);
        }
    }
    if (!healthy) {
        write_fix(html, entry, *explanation);
    }
}

}  // namespace whylink::daemon::page
