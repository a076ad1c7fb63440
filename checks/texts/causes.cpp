#include "checks/texts/causes.hpp"

#include <algorithm>
#include <array>

#include "checks/texts/files.hpp"
#include "checks/texts/read.hpp"
#include "config/embedded.hpp"

namespace whylink::checks {
namespace {

using config::Provider;

/// Where the steps of the providers stand among the general ones.
constexpr std::string_view providers_place = "{providers}";

std::string place_of(Provider provider) {
    return "{" + std::string(slug(provider)) + "}";
}

/// By cause.
using StepsByCause = std::array<std::vector<std::string>, count_of<Cause>>;

struct ProviderSteps {
    Provider provider;
    StepsByCause steps;

    const std::vector<std::string>& of(Cause cause) const {
        return steps.at(static_cast<std::size_t>(cause));
    }
};

ProviderSteps read_provider(const config::EmbeddedToml& file) {
    const auto provider = from_slug<Provider>(file.name);
    if (!provider) {
        refuse_text(file.name, "no such provider");
    }
    const config::Table root = parse_texts(file);
    TextTable table("steps/" + std::string(file.name) + ".toml", root);
    ProviderSteps read{*provider, {}};
    std::ranges::transform(slugs_of<Cause>, read.steps.begin(),
                           [&table](std::string_view slug) { return table.list(slug); });
    table.end();
    return read;
}

/// The general steps of a cause, and at their places those of the providers.
std::vector<Step> steps_of(Cause cause, const std::vector<std::string>& listed,
                           const std::vector<ProviderSteps>& providers) {
    const auto is_listed = [&listed](std::string_view place) {
        return std::ranges::find(listed, place) != listed.end();
    };
    std::vector<Step> steps;
    for (const std::string& entry : listed) {
        bool is_place = entry == providers_place;
        for (const ProviderSteps& own : providers) {
            const std::string place = place_of(own.provider);
            is_place = is_place || entry == place;
            if (entry == place || (entry == providers_place && !is_listed(place))) {
                for (const std::string& step : own.of(cause)) {
                    steps.push_back({own.provider, step});
                }
            }
        }
        if (!is_place) {
            steps.push_back({Provider::generic, entry});
        }
    }
    for (const ProviderSteps& own : providers) {
        if (!own.of(cause).empty() && !is_listed(providers_place) && !is_listed(place_of(own.provider))) {
            refuse_text(slug(cause), "no place for the steps of " + std::string(slug(own.provider)));
        }
    }
    return steps;
}

/// `who`; this host where it is left out.
Actor actor_in(Cause cause, TextTable& table) {
    const std::string word = table.optional_text("who");
    if (word.empty()) {
        return Actor::host;
    }
    const auto actor = from_slug<Actor>(word);
    if (!actor) {
        refuse_text(slug(cause), "who must be host, network or service; found " + word);
    }
    return *actor;
}

}  // namespace

std::string prefix(Provider provider) {
    return title(provider).empty() ? std::string() : std::string(title(provider)) + ": ";
}

std::vector<CauseText> read_cause_texts(const config::EmbeddedToml& causes,
                                        std::span<const config::EmbeddedToml> provider_steps) {
    std::vector<ProviderSteps> providers;
    std::ranges::transform(provider_steps, std::back_inserter(providers), read_provider);
    return read_texts<Cause>(causes, [&providers](Cause cause, TextTable& table) {
        return CauseText{cause,
                         table.text("title"),
                         table.text("meaning"),
                         table.text("told_apart"),
                         steps_of(cause, table.list("steps"), providers),
                         actor_in(cause, table),
                         table.optional_text("settle")};
    });
}

std::span<const CauseText> cause_texts() {
    static const std::vector<CauseText> texts =
        read_cause_texts(text_file("causes"), config::provider_steps());
    return texts;
}

const CauseText& text(Cause cause) {
    return cause_texts()[static_cast<std::size_t>(cause)];
}

}  // namespace whylink::checks
