// What to do about a cause, in the provider's own words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checks/explain/wording.hpp"
#include "checks/judge.hpp"
#include "checks/table/cause.hpp"
#include "config/cloud.hpp"

namespace whylink::checks {

/// The steps of the subject's profile for the cause, then those of the profile that it extends, then the
/// general ones for its provider; without a profile that has one the general ones for the cloud that the name belongs to,
/// else for the one that the host is in, else for all providers, each saying for whom it is. Nothing is said twice, and where a profile has steps for both sides of
/// the link each says on which it is taken. An identifier that is not configured is named (ENDPOINT_ID) and explained by a
/// last step. Before all of these stand the steps of `faults`, keys of checks/texts/faults.toml, as far as they are meant for the cause; where
/// one of them says all there is to say, the general steps are left out. `host` is the cloud that this host runs in.
std::vector<std::string> remediation(Cause cause, const config::Target& target, Wording wording,
                                     std::span<const std::string> faults = {},
                                     std::optional<config::Cloud> host = {});

/// What the names mean that stand in the steps for identifiers that are not configured, each in a few words: "ENDPOINT_ID
/// is the private endpoint's Resource ID". The last steps say where to find them.
std::vector<std::string> named_identifiers(Cause cause, const config::Target& target, Wording wording);

/// What would settle whether it is this cause: filled in as the steps are. Empty where the cause has no such text.
std::string settle(Cause cause, const config::Target& target, Wording wording);

}  // namespace whylink::checks
