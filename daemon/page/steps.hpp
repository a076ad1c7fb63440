// What to do, as text and commands that can be copied.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/page/html.hpp"

namespace whylink::daemon::page {

/// One step: its sentences, each long command in a block of its own, each short one among the words.
void write_step(Html& html, std::string_view step);

/// A command in a block of its own; the script puts a button beside it that copies it.
void write_command(Html& html, std::string_view command);

}  // namespace whylink::daemon::page
