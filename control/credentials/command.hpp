// What a command of this host prints, and what a descriptor gives: bounded in time and size.
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "control/credentials/environment.hpp"

namespace whylink::control {

/// All of it up to max_credential_file, by `until`; closes the descriptor.
std::variant<std::string, Environment::Unreadable> read_to_end(int descriptor,
                                                               std::chrono::steady_clock::time_point until);

/// The output of a command that ends with status 0 by `until`. One that does not is killed, with all that it started in its
/// process group. `error` is 0 where it ended otherwise.
std::variant<std::string, Environment::Unreadable> output_of(std::vector<std::string> words,
                                                             std::chrono::steady_clock::time_point until);

}  // namespace whylink::control
