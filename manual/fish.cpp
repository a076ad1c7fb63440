#include "manual/completions.hpp"
#include "manual/values.hpp"

namespace whylink::manual {
namespace {

using daemon::CommandDescription;
using daemon::OptionDescription;

std::string in_quotes(std::string_view text) {
    std::string made = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            made += '\\';
        }
        made += c;
    }
    return made + "'";
}

std::string offer(const Values& values) {
    switch (values.offer) {
        case Offer::words:
            return " -x -a " + in_quotes(joined(values.words, " "));
        case Offer::files:
            return " -r -F";
        case Offer::targets:
            return " -x -a '(__whylink_targets)'";
        case Offer::accounts:
            return " -x -a '(__whylink_accounts)'";
        case Offer::nothing:
            break;
    }
    return " -x";
}

/// The beginning of each line: it holds where that command is typed.
std::string begin_of(const std::string& path) {
    return "complete -c whylink -n " + in_quotes("__whylink_at " + path);
}

void add_option(std::string& script, const std::string& path, const CommandDescription& command,
                const OptionDescription& option) {
    script += begin_of(path);
    for (const std::string& name : option.names) {
        script += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    script += (option.value.empty() ? "" : offer(values_of(command.name, option))) + " -d " +
              in_quotes(option.help) + "\n";
}

void add_argument(std::string& script, const std::string& path, const CommandDescription& command,
                  const OptionDescription& argument) {
    const Values values = values_of(command.name, argument);
    if (values.offer != Offer::nothing) {
        script += begin_of(path) + offer(values) + "\n";
    }
}

void add_command(std::string& script, const std::string& path, const CommandDescription& command) {
    for (const CommandDescription& one : command.commands) {
        script += begin_of(path) + " -a " + one.name.substr(one.name.rfind(' ') + 1) + " -d " +
                  in_quotes(one.help) + "\n";
    }
    for (const OptionDescription& argument : command.arguments) {
        add_argument(script, path, command, argument);
    }
    for (const OptionDescription& option : command.options) {
        add_option(script, path, command, option);
    }
    for (const CommandDescription& one : command.commands) {
        add_command(script, one.name, one);
    }
}

/// Every path of commands, as a word in quotes.
void add_paths(std::string& list, const CommandDescription& command) {
    for (const CommandDescription& one : command.commands) {
        list += " " + in_quotes(one.name);
        add_paths(list, one);
    }
}

}  // namespace

std::string fish_completion(const CommandDescription& program) {
    std::string paths;
    add_paths(paths, program);
    std::string script =
        "# Completion of whylink for fish, made by whylink-manual.\n\nfunction __whylink_targets\n    " +
        std::string(print_targets) + "\nend\n\nfunction __whylink_accounts\n    " +
        std::string(print_accounts) +
        "\nend\n\n"
        "# Whether these words are the command that was typed.\n"
        "function __whylink_at\n"
        "    set -l path\n"
        "    for word in (commandline -opc)[2..]\n"
        "        set -l longer (string join -- ' ' $path $word)\n"
        "        if contains -- $longer" +
        paths +
        "\n            set path $longer\n"
        "        end\n"
        "    end\n"
        "    test \"$path\" = \"$argv\"\n"
        "end\n\n"
        "complete -c whylink -f\n";
    add_command(script, "", program);
    return script;
}

}  // namespace whylink::manual
