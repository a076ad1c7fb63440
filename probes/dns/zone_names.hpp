// The names by which a wildcard zone is tried.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/observation.hpp"

namespace whylink::probes {

struct ZoneName {
    std::string name;
    NameRole role = NameRole::known_label;
};

/// "whylink-" and twelve lower-case letters and digits, the first of them a letter: nobody has it in use, and
/// no cache has seen it before.
std::string random_label();

/// The names to ask for in one round: the known labels; `random_labels` fresh names of one label; unless that
/// is 0, one of two labels, because a wildcard covers any depth until a name in between exists (RFC 4592
/// section 2.2.1); and the control name, which must not exist: a random one under "invalid.", which is
/// reserved for that (RFC 6761 section 6.4) and tells nobody outside of the zone.
std::vector<ZoneName> zone_names(std::string_view zone, const std::vector<std::string>& known_labels,
                                 unsigned random_labels);

}  // namespace whylink::probes
