#include <algorithm>
#include <iterator>

#include "manual/completions.hpp"
#include "manual/values.hpp"

namespace whylink::manual {
namespace {

using daemon::CommandDescription;
using daemon::OptionDescription;

/// Inside a word in single quotes, which is a specification of _arguments(zshcompsys(1)).
std::string escape(std::string_view text) {
    std::string made;
    for (const char c : text) {
        if (c == '\'') {
            made += "'\\''";
        } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
            made += std::string("\\") + c;
        } else {
            made += c;
        }
    }
    return made;
}

/// What is behind the last colon of a specification.
std::string action(const Values& values) {
    switch (values.offer) {
        case Offer::words:
            return "(" + joined(values.words, " ") + ")";
        case Offer::files:
            return "_files";
        case Offer::targets:
            return "_whylink_targets";
        case Offer::accounts:
            return "_whylink_accounts";
        case Offer::nothing:
            break;
    }
    return " ";
}

void add_option(std::string& script, const CommandDescription& command, const OptionDescription& option) {
    const std::string value =
        option.value.empty() ? ""
                             : ":" + escape(option.value) + ":" + action(values_of(command.name, option));
    for (const std::string& name : option.names) {
        // With the asterisk an option is offered again: some are repeatable.
        script += " \\\n        '*" + name + "[" + escape(option.help) + "]" + value + "'";
    }
}

void add_argument(std::string& script, const CommandDescription& command, const OptionDescription& argument) {
    script += std::string(" \\\n        '") + (argument.repeats ? "*" : "") + ":" +
              escape(argument.names.front()) + ":" + action(values_of(command.name, argument)) + "'";
}

std::string function_of(const CommandDescription& command) {
    std::string name = "_whylink_" + command.name;
    std::ranges::replace(name, ' ', '_');
    return name;
}

/// A command that has commands of its own, or the program.
void add_group(std::string& script, const CommandDescription& group) {
    std::string list;
    std::string cases;
    for (const CommandDescription& command : group.commands) {
        const std::string word = command.name.substr(command.name.rfind(' ') + 1);
        list += "                '" + word + ":" + escape(command.help) + "'\n";
        cases += "                " + word + ") " + function_of(command) + " ;;\n";
    }
    script +=
        " \\\n        '1:COMMAND:->command' \\\n        '*::ARGUMENT:->argument'\n    case $state in\n        command)\n"
        "            commands=(\n" +
        list +
        "            )\n            _describe -t commands COMMAND commands\n            ;;\n        argument)\n"
        "            case $words[1] in\n" +
        cases + "            esac\n            ;;\n    esac\n";
}

void add_function(std::string& script, const CommandDescription& command) {
    const bool is_group = !command.commands.empty();
    script += "\n" + function_of(command) + "() {\n";
    script += is_group
                  ? "    local curcontext=$curcontext state line\n    local -a commands\n    _arguments -C"
                  : "    _arguments -s";
    for (const OptionDescription& option : command.options) {
        add_option(script, command, option);
    }
    for (const OptionDescription& argument : command.arguments) {
        add_argument(script, command, argument);
    }
    if (is_group) {
        add_group(script, command);
    }
    script += is_group ? "}\n" : "\n}\n";
    for (const CommandDescription& one : command.commands) {
        add_function(script, one);
    }
}

/// A function that offers the names that the command prints.
void add_names(std::string& script, std::string_view function, std::string_view print) {
    script += "\n" + std::string(function) + "() {\n    local -a names\n    names=(${(f)\"$(" +
              std::string(print) + ")\"})\n    compadd -a names\n}\n";
}

}  // namespace

std::string zsh_completion(const CommandDescription& program) {
    std::string script = "#compdef whylink\n# Completion of whylink for zsh, made by whylink-manual.\n";
    add_names(script, "_whylink_targets", print_targets);
    add_names(script, "_whylink_accounts", print_accounts);
    add_function(script, program);
    return script + "\n" + function_of(program) + " \"$@\"\n";
}

}  // namespace whylink::manual
