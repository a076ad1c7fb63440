#include "daemon/report/human/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

#include "checks/explain/explain.hpp"
#include "checks/texts/causes.hpp"
#include "daemon/report/human/standing.hpp"
#include "daemon/report/human/target_text.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

/// Without the detail of a probe at its end, which the line of its stage says.
std::string without_detail(std::string summary, const checks::Details& details) {
    for (const std::string& detail : details.probes) {
        for (const std::string& end : {": " + detail, ": " + detail + "."}) {
            if (!detail.empty() && summary.ends_with(end)) {
                summary.resize(summary.size() - end.size());
            }
        }
    }
    return summary;
}

/// What the summary says beyond the title.
std::string beyond_title(const std::string& summary, const std::string& title) {
    std::string said = sentence(summary);
    if (said == sentence(title)) {
        return {};
    }
    for (const std::string_view separator : {": ", "; "}) {
        const std::string repeated = capitalised(title) + std::string(separator);
        if (said.starts_with(repeated)) {
            return sentence(said.substr(repeated.size()));
        }
    }
    return said;
}

std::string place_of(checks::Actor who) {
    return capitalised(std::string(title(who))) + ": ";
}

/// Where a step says that it is taken; steps say "This host" where the actor is "your host".
std::optional<checks::Actor> stated_by(const std::string& step) {
    if (step.starts_with("This host: ")) {
        return checks::Actor::host;
    }
    for (const checks::Actor who : {checks::Actor::network, checks::Actor::service}) {
        if (step.starts_with(place_of(who))) {
            return who;
        }
    }
    return std::nullopt;
}

/// Behind what is watched stands this host: its service side is here.
checks::Actor actor_of(const ReportEntry& entry, const std::vector<std::string>& steps) {
    const auto stated = steps.empty() ? std::nullopt : stated_by(steps.front());
    const checks::Actor who = stated.value_or(checks::text(entry.verdict->decision.cause).who);
    const config::Watch* watch = entry.target->watch();
    const bool here = watch != nullptr && watch->direction == config::Direction::inbound;
    return here && who == checks::Actor::service ? checks::Actor::host : who;
}

std::string actor_text(const ReportEntry& entry, checks::Actor who) {
    const std::string service = who == checks::Actor::service ? service_of(*entry.target) : "";
    return service.empty() ? std::string(title(who)) : fmt::format("{} ({})", title(who), service);
}

/// As a word of a shell.
std::string shell_word(const std::string& name) {
    const auto is_plain = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("._-:/@").find(c) != std::string_view::npos;
    };
    if (std::ranges::all_of(name, is_plain)) {
        return name;
    }
    std::string word = "'";
    for (const char c : name) {
        word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return word + "'";
}

}  // namespace

std::string summary_beside_title(const ReportEntry& entry, const checks::Explanation& explanation) {
    const std::string title(checks::title_of(entry.verdict->decision));
    return beyond_title(without_detail(explanation.summary, explanation.details), title);
}

std::string common_change_text(const Group& group) {
    const auto history_of = [](const ReportEntry& entry) {
        return entry.standing ? entry.standing->history.get() : nullptr;
    };
    const std::string first = changed_text(*group.example().verdict, history_of(group.example()));
    const bool all = std::ranges::all_of(group.entries, [&](const ReportEntry* entry) {
        return changed_text(*entry->verdict, history_of(*entry)) == first;
    });
    return all ? first : std::string();
}

Fix fix_of(const ReportEntry& entry, std::vector<std::string> steps) {
    const checks::Actor who = actor_of(entry, steps);
    for (std::string& step : steps) {
        if (stated_by(step) == who) {
            step = capitalised(step.substr(step.find(": ") + 2));
        }
    }
    return {actor_text(entry, who), std::move(steps)};
}

std::string again_text(const Group& group) {
    if (!group.alone()) {
        return "Run again: whylink check";
    }
    const TargetText text = text_of(*group.example().target);
    return text.configured ? "Run again: whylink check " + shell_word(text.name) : std::string();
}

std::string alternatives_text(const checks::Decision& decision) {
    std::vector<std::string> names;
    for (const Cause cause : decision.alternatives) {
        names.push_back(fmt::format("{} ({})", checks::text(cause).title, slug(cause)));
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace whylink::daemon
