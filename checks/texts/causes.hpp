// What is said of each cause: causes.toml, and the steps of the providers, config/profiles/steps/.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/cause.hpp"
#include "config/embedded.hpp"
#include "config/profiles.hpp"
#include "config/vocabulary.hpp"

namespace whylink::checks {

/// A remedial step, and for whom it is meant.
struct Step {
    config::Provider provider;  ///< generic: for everyone
    /// May hold the placeholders of wording.hpp: {host}, {address}, {endpoint_id} and so on.
    std::string text;
};

/// Who has to act.
enum class Actor : std::uint8_t { host, network, service };

consteval auto vocabulary(Actor) {
    using enum Actor;
    return terms<Actor>({{host, "host", "your host"},
                         {network, "network", "your network"},
                         {service, "service", "service side"}});
}

/// How a step says for whom it is: "AWS: ", "Azure: ", "GCP: "; empty for a generic one.
std::string prefix(config::Provider provider);

struct CauseText {
    Cause cause;
    std::string title;        ///< a few words: "not on the service's allow-list"
    std::string meaning;      ///< what is wrong, for `explain`
    std::string told_apart;   ///< by what it is told from the causes that look alike
    std::vector<Step> steps;  ///< what to do, in order
    Actor who = Actor::host;
    /// A sentence that names the one question, command or permission that would settle what the confidence leaves open;
    /// with the placeholders of wording.hpp. Empty: there is none.
    std::string settle;
};

/// In the order of the enumeration. `explain` and the remediation of a diagnosis both come from here. Read
/// when first asked for.
std::span<const CauseText> cause_texts();
const CauseText& text(Cause cause);

/// Of other files than those that are built in; throws std::logic_error for what is wrong with them.
std::vector<CauseText> read_cause_texts(const config::EmbeddedToml& causes,
                                        std::span<const config::EmbeddedToml> provider_steps);

}  // namespace whylink::checks
