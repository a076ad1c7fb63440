#include "checks/explain/remediation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "checks/explain/text.hpp"
#include "checks/stages/clouds.hpp"
#include "checks/texts/causes.hpp"
#include "checks/texts/faults.hpp"
#include "config/host_pattern.hpp"
#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

using config::Profile;
using config::Provider;
using config::Side;

// `extends` may be a user's, and a chain of them is as long as they like.
constexpr int max_profiles = 16;

// Stands for the names of a wildcard zone.
constexpr auto any_label = "any-label";

struct SidedStep {
    Side side;
    std::string_view text;
};

/// Of the profile and of those that it extends, and whether that is all there is to say.
struct ProfileSteps {
    std::vector<SidedStep> steps;
    bool complete = false;
};

ProfileSteps steps_of(const Profile* profile, Cause cause) {
    ProfileSteps result;
    for (int i = 0; profile != nullptr && !result.complete && i < max_profiles; ++i) {
        for (const config::Remedy& remedy : profile->remedies) {
            if (remedy.cause != slug(cause)) {
                continue;
            }
            result.complete = result.complete || remedy.complete;
            for (const std::string& step : remedy.steps) {
                result.steps.push_back({remedy.side, step});
            }
        }
        profile = config::base_of(*profile);
    }
    return result;
}

std::string_view prefix(Side side) {
    switch (side) {
        case Side::consumer:
            return "Your network: ";
        case Side::provider:
            return "Service side: ";
        case Side::either:
            break;
    }
    return {};
}

bool has_both_sides(const std::vector<SidedStep>& steps) {
    const auto has = [&steps](Side side) {
        return std::ranges::find(steps, side, &SidedStep::side) != steps.end();
    };
    return has(Side::consumer) && has(Side::provider);
}

/// A zone's {host} is "*." and the zone, which no command takes: in a command it is a name of that zone.
std::string fill_step(std::string_view text, const Wording& wording) {
    if (!wording.host.starts_with("*.")) {
        return fill(text, wording);
    }
    Wording of_command = wording;
    of_command.host = any_label + wording.host.substr(1);
    std::string filled;
    bool command = false;
    for (;;) {
        const std::size_t end = text.find('`');
        filled += fill(text.substr(0, end), command ? of_command : wording);
        if (end == std::string_view::npos) {
            return filled;
        }
        filled += '`';
        text.remove_prefix(end + 1);
        command = !command;
    }
}

/// Where a step is taken, as texts begin that say so by themselves.
constexpr std::array<std::string_view, 3> places{"Service side: ", "Your network: ", "This host: "};

bool begins_with_place(std::string_view text) {
    return std::ranges::any_of(places, [text](std::string_view place) { return text.starts_with(place); });
}

/// "AWS: Check …"; of "Service side: Check …" it is "AWS, service side: Check …".
std::string said_for(Provider provider, std::string_view text) {
    if (!begins_with_place(text)) {
        return checks::prefix(provider) + std::string(text);
    }
    std::string lower(text);
    lower.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(lower.front())));
    return fmt::format("{}, {}", title(provider), lower);
}

std::string said_on(Side side, std::string_view text) {
    return std::string(begins_with_place(text) ? std::string_view() : prefix(side)) + std::string(text);
}

void add_step(std::vector<std::string>& steps, std::string_view text, const Wording& wording) {
    add_once(steps, fill_step(text, wording));
}

/// `own` is known by the profile. That the link belongs to the host's cloud is likely and not certain, so these say
/// for whom they are.
void add_general(std::vector<std::string>& steps, Cause cause, Provider own, Provider of_host,
                 const Wording& wording) {
    for (const Step& step : text(cause).steps) {
        if (step.provider == Provider::generic || step.provider == own) {
            add_step(steps, step.text, wording);
        } else if (own == Provider::generic && (of_host == Provider::generic || step.provider == of_host)) {
            add_step(steps, said_for(step.provider, step.text), wording);
        }
    }
}

/// True: there is nothing more to say in general.
bool add_faults(std::vector<std::string>& steps, Cause cause, std::span<const std::string> faults,
                const Wording& wording) {
    bool complete = false;
    // Some addresses work: what is wrong with the others is a fault like any other.
    const bool partly = cause == Cause::one_address_failing;
    for (const std::string& key : faults) {
        const FaultText* own = fault_text(key, cause);
        const FaultText* fault = own == nullptr && partly ? fault_text(key) : own;
        if (fault == nullptr) {
            continue;
        }
        complete = complete || (own != nullptr && fault->complete);
        for (const std::string& step : fault->steps) {
            add_step(steps, step, wording);
        }
    }
    return complete;
}

bool stands_alone(Cause cause, std::span<const std::string> faults) {
    return std::ranges::any_of(faults, [cause](const std::string& key) {
        const FaultText* fault = fault_text(key, cause);
        return fault != nullptr && fault->alone;
    });
}

bool names(const std::vector<SidedStep>& steps, std::string_view placeholder) {
    return std::ranges::any_of(steps, [placeholder](const SidedStep& step) {
        return step.text.find(placeholder) != std::string_view::npos;
    });
}

/// What the profile knows of an identifier that the steps need and the endpoint does not configure.
struct Identifier {
    std::string_view placeholder;
    std::string_view key;
    std::string_view name;
    std::string Wording::*value;
    std::string Profile::*meaning;
};

constexpr Identifier identifiers[]{
    {"{endpoint_id}", "endpoint_id", "ENDPOINT_ID", &Wording::endpoint_id, &Profile::endpoint_id},
    {"{service}", "service", "SERVICE", &Wording::service, &Profile::service},
};

std::vector<std::string> name_identifiers(const config::Target& target, const Profile& profile,
                                          const std::vector<SidedStep>& steps, Wording& wording) {
    std::vector<std::string> notes;
    for (const Identifier& identifier : identifiers) {
        const std::string& meaning = profile.*identifier.meaning;
        if (!(wording.*identifier.value).empty() || !names(steps, identifier.placeholder)) {
            continue;
        }
        wording.*identifier.value = identifier.name;
        if (meaning.empty()) {
            continue;
        }
        std::string& note = notes.emplace_back(fmt::format("{} is {}.", identifier.name, meaning));
        if (target.endpoint() != nullptr) {
            note += fmt::format(" With `{}` in the config it stands here.", identifier.key);
        }
    }
    return notes;
}

/// No private endpoint has a part in what happens to the service's public name.
void leave_out_private_endpoint(const config::Target& target, const Profile& profile, ProfileSteps& own) {
    if (target.endpoint() == nullptr || target.endpoint()->address ||
        !config::is_public_host(profile, target.endpoint()->host)) {
        return;
    }
    std::erase_if(own.steps, [](const SidedStep& step) {
        return step.text.find("{endpoint_id}") != std::string_view::npos;
    });
}

void fill_in_names(const config::Target& target, const Profile& profile, Wording& wording) {
    // Of a watch it is words, "port 6379 of this host", which no command takes.
    if (target.watch() != nullptr) {
        wording.host = "HOST";
    }
    if (target.watch() != nullptr || (target.endpoint() != nullptr && target.endpoint()->address)) {
        return;
    }
    const auto match =
        config::match_host(profile, target.zone() != nullptr ? any_label + ("." + target.zone()->zone)
                                                             : target.endpoint()->host);
    if (!match) {
        return;
    }
    if (!match->zone.empty()) {
        wording.zone = match->zone;
    }
    if (wording.public_host.empty()) {
        wording.public_host = match->public_host;
        if (target.zone() != nullptr && wording.public_host.starts_with(any_label)) {
            wording.public_host.replace(0, std::string_view(any_label).size(), "*");
        }
    }
}

/// The profile's, and what the names in them mean.
struct OwnSteps : ProfileSteps {
    std::vector<std::string> notes;
};

/// `wording` gains the names that the profile knows.
OwnSteps own_steps(Cause cause, const config::Target& target, Wording& wording) {
    const Profile* profile = config::profile_of(target);
    OwnSteps own{steps_of(profile, cause), {}};
    if (profile != nullptr) {
        fill_in_names(target, *profile, wording);
        leave_out_private_endpoint(target, *profile, own);
        own.notes = name_identifiers(target, *profile, own.steps, wording);
    }
    return own;
}

}  // namespace

std::vector<std::string> remediation(Cause cause, const config::Target& target, Wording wording,
                                     std::span<const std::string> faults, std::optional<config::Cloud> host) {
    const Profile* profile = config::profile_of(target);
    OwnSteps own = own_steps(cause, target, wording);
    std::vector<std::string> steps;
    own.complete = add_faults(steps, cause, faults, wording) || own.complete;
    if (stands_alone(cause, faults)) {
        return steps;
    }
    const bool both = has_both_sides(own.steps);
    for (const SidedStep& step : own.steps) {
        add_step(steps, both ? said_on(step.side, step.text) : std::string(step.text), wording);
    }
    if (!own.complete) {
        const Provider by_name = provider_by_name(target);
        add_general(steps, cause, profile == nullptr ? Provider::generic : profile->provider,
                    by_name == Provider::generic ? provider_of(host) : by_name, wording);
    }
    std::ranges::move(own.notes, std::back_inserter(steps));
    return steps;
}

std::vector<std::string> named_identifiers(Cause cause, const config::Target& target, Wording wording) {
    std::vector<std::string> names = own_steps(cause, target, wording).notes;
    for (std::string& name : names) {
        name.resize(
            std::min({name.size(), name.find(": "), name.find(", `"), name.find("; "), name.find(". ")}));
        name += name.ends_with('.') ? "" : ".";
    }
    return names;
}

std::string settle(Cause cause, const config::Target& target, Wording wording) {
    if (const Profile* profile = config::profile_of(target)) {
        fill_in_names(target, *profile, wording);
    }
    return fill_step(text(cause).settle, wording);
}

}  // namespace whylink::checks
