// A target as accounts are asked about it, and as what they answered is judged by. Pure.
#pragma once

#include "checks/control/subject.hpp"
#include "checks/judge.hpp"
#include "config/config.hpp"

namespace whylink::daemon {

/// `latest`: addresses, CNAMEs and source addresses of its latest round; null before there was one. Lists are sorted and
/// each entry stands once, so that rounds that saw the same ask the same.
control::Subject subject_of(const config::Target& target, const checks::Assessment* latest);
/// The same of a round that is not judged yet.
control::Subject subject_of(const config::Target& target, const probes::Round& round);

}  // namespace whylink::daemon
