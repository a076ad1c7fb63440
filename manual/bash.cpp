#include <algorithm>
#include <iterator>

#include "manual/completions.hpp"
#include "manual/values.hpp"

namespace whylink::manual {
namespace {

using daemon::CommandDescription;
using daemon::OptionDescription;

/// As `case` matches it. None of the program's words has a quote in it.
std::string in_quotes(const std::string& text) {
    return "\"" + text + "\"";
}

/// What completes the current word; empty: nothing does.
std::string offer(const Values& values) {
    switch (values.offer) {
        case Offer::words:
            return "_whylink_words \"" + joined(values.words, " ") + "\"";
        case Offer::files:
            return "_whylink_files";
        case Offer::targets:
            return "_whylink_lines \"$(_whylink_targets)\"";
        case Offer::accounts:
            return "_whylink_lines \"$(_whylink_accounts)\"";
        case Offer::nothing:
            break;
    }
    return ":";
}

/// The values of a command's options.
void add_values(std::string& script, const std::string& path, const CommandDescription& command) {
    for (const OptionDescription& option : command.options) {
        if (option.value.empty()) {
            continue;
        }
        std::vector<std::string> patterns;
        std::ranges::transform(option.names, std::back_inserter(patterns),
                               [&path](const std::string& name) { return in_quotes(path + " " + name); });
        script += "        " + joined(patterns, " | ") + ") " + offer(values_of(command.name, option)) +
                  "; return ;;\n";
    }
}

void add_options(std::string& script, const std::string& path, const CommandDescription& command) {
    std::vector<std::string> names;
    for (const OptionDescription& option : command.options) {
        std::ranges::copy(option.names, std::back_inserter(names));
    }
    script += "            " + in_quotes(path) + ") _whylink_words \"" + joined(names, " ") + "\" ;;\n";
}

void add_arguments(std::string& script, const std::string& path, const CommandDescription& command) {
    std::string what;
    if (!command.commands.empty()) {
        std::vector<std::string> names;
        std::ranges::transform(
            command.commands, std::back_inserter(names),
            [](const CommandDescription& one) { return one.name.substr(one.name.rfind(' ') + 1); });
        what = "_whylink_words \"" + joined(names, " ") + "\"";
    } else if (!command.arguments.empty()) {
        what = offer(values_of(command.name, command.arguments.front()));
    } else {
        return;
    }
    script += "        " + in_quotes(path) + ") " + what + " ;;\n";
}

using Add = void (*)(std::string&, const std::string&, const CommandDescription&);

/// For the program, whose path is empty, and for each command below it.
void for_all(const CommandDescription& command, const std::string& path, std::string& script, Add add) {
    add(script, path, command);
    for (const CommandDescription& one : command.commands) {
        for_all(one, one.name, script, add);
    }
}

void add_path(std::string& script, const std::string& path, const CommandDescription&) {
    script += path.empty() ? "" : (script.empty() ? "" : " | ") + in_quotes(path);
}

constexpr auto helpers = R"sh(
_whylink_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }

# A line is a name, in which nothing is expanded. As those of files, spaces in it are quoted.
_whylink_lines() {
    local line
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do
        [[ $line != "$cur"* ]] || COMPREPLY+=("$line")
    done <<<"$1"
}

_whylink_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

_whylink() {
    local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' path i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        path="$command${command:+ }${COMP_WORDS[i]}"
        case "$path" in
)sh";

}  // namespace

std::string bash_completion(const CommandDescription& program) {
    std::string paths;
    for_all(program, "", paths, add_path);
    std::string script =
        "# Completion of whylink for bash, made by whylink-manual.\n\n_whylink_targets() {\n    " +
        std::string(print_targets) + "\n}\n\n_whylink_accounts() {\n    " + std::string(print_accounts) +
        "\n}\n" + helpers + "            " + paths + ") command=$path ;;\n        esac\n    done\n" +
        R"sh(    # --option=value is three words.
    if [ "$cur" = = ]; then
        cur=
    elif [ "$previous" = = ]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case "$command $previous" in
)sh";
    for_all(program, "", script, add_values);
    script += "    esac\n    if [[ $cur == -* ]]; then\n        case \"$command\" in\n";
    for_all(program, "", script, add_options);
    script += "        esac\n        return\n    fi\n    case \"$command\" in\n";
    for_all(program, "", script, add_arguments);
    return script + "    esac\n}\n\ncomplete -F _whylink whylink\n";
}

}  // namespace whylink::manual
