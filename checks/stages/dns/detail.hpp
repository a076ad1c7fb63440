// What there is to say of one name's answer, with numbers.
#pragma once

#include <string>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

std::string dns_detail(const probes::DnsFacts& facts, const Expectation& expectation);
/// Of the name that must not exist and has no address: "AAAA: no reply in 2 s".
std::string failing_text(const probes::DnsFacts& facts);

}  // namespace whylink::checks
