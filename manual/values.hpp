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
    accounts,
};

struct Values {
    Offer offer = Offer::nothing;
    std::vector<std::string> words = {};
};

/// `command`: that of the option: "config check"; of the program "whylink".
Values values_of(std::string_view command, const daemon::OptionDescription& option);

/// A command of the shell that prints the name of every target, one a line: behind a name stands the header of its table.
inline constexpr std::string_view print_targets =
    R"sh(whylink config show 2>/dev/null | sed -n -e '/^\[/h' )sh"
    R"sh(-e '/^name = /{G;/\n\[\[account\]\]$/d;s/^name = "\(.*\)"\n.*$/\1/p;}')sh";
/// The same of the accounts.
inline constexpr std::string_view print_accounts =
    R"sh(whylink config show 2>/dev/null | sed -n -e '/^\[/h' )sh"
    R"sh(-e '/^name = /{G;s/^name = "\(.*\)"\n\[\[account\]\]$/\1/p;}')sh";

/// With that between them.
std::string joined(const std::vector<std::string>& words, std::string_view between);

}  // namespace whylink::manual
