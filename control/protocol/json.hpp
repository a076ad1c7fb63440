// The messages as lines of JSON and back. Strict: a member that is not known, missing where it must be, out of range or
// of the wrong type is refused with where it stands, so that two versions that differ say so. Never throws for any text.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "control/protocol/messages.hpp"

namespace whylink::control {

/// What is wrong, and where: "readings.facts.endpoints[2].state: …".
struct Malformed {
    std::string reason;
};

/// One line without its line feed. Text that is not UTF-8 loses what is not. Members with their default are left out.
std::string to_line(const Request& request);
std::string to_line(const Answer& answer);

std::variant<Request, Malformed> parse_request(std::string_view line);
std::variant<Answer, Malformed> parse_answer(std::string_view line);

}  // namespace whylink::control
