// The command line as data, from which the man page and the completions of the shells are made (manual/).
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace whylink::daemon {

/// An option, or an argument.
struct OptionDescription {
    std::vector<std::string> names;  ///< "-v", "--verbose"; an argument has one, "NAME"
    std::string value;               ///< what stands for its value: "FILE"; empty: a flag or an argument
    std::vector<std::string> words;  ///< the values that it takes; empty: any, or a flag
    std::string help;
    bool required = false;
    bool repeats = false;  ///< an argument that may be given more than once
};

struct CommandDescription {
    std::string name;  ///< "config check"; of the program "whylink"
    std::string help;
    std::string footer;  ///< examples, and behind them what else its help ends with
    std::vector<OptionDescription> arguments;
    std::vector<OptionDescription> options;
    std::vector<CommandDescription> commands;
};

/// Everything that parse_command_line() takes.
CommandDescription describe_command_line();

/// Of an application that is complete. Not const, for the library gives validators only so.
CommandDescription describe(CLI::App& app);

/// The name of a validator whose description is a list of words with spaces between them.
inline constexpr auto word_list = "words";

}  // namespace whylink::daemon
