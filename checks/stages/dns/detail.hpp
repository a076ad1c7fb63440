// What there is to say of one name's answer, with numbers.
#pragma once

#include <set>
#include <string>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

std::string dns_detail(const probes::DnsFacts& facts, const Expectation& expectation);
/// Of the name that must not exist and has no address: "AAAA: no reply in 2 s".
std::string failing_text(const probes::DnsFacts& facts);
/// Which of the addresses no connection was made to; `probed` are those of the round, one at least.
std::string not_probed_text(const probes::DnsFacts& facts, const std::set<IpAddress>& probed);

}  // namespace whylink::checks
