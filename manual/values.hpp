// What a shell offers for the value of an option, or for an argument.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/commands/description.hpp"

namespace whylink::manual {

enum class Offer {
    nothing,
    words,
    files,
    targets,  ///< the names in the configuration, which a command prints
};

struct Values {
    Offer offer = Offer::nothing;
    std::vector<std::string> words = {};
};

/// `command`: that of the option: "config check"; of the program "whylink".
Values values_of(std::string_view command, const daemon::OptionDescription& option);

/// A command of the shell that prints the name of every target, one a line.
inline constexpr std::string_view print_targets =
    R"sh(whylink config show 2>/dev/null | sed -n 's/^name = "\(.*\)"$/\1/p')sh";

/// With that between them.
std::string joined(const std::vector<std::string>& words, std::string_view between);

}  // namespace whylink::manual
