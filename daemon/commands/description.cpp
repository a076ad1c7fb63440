#include "daemon/commands/description.hpp"

#include <CLI/CLI.hpp>
#include <iterator>
#include <sstream>

namespace whylink::daemon {
namespace {

/// In the order in which they are typed, without the name of the program.
std::string path_of(const CLI::App& app) {
    const CLI::App* parent = app.get_parent();
    return parent == nullptr || parent->get_parent() == nullptr ? app.get_name()
                                                                : path_of(*parent) + " " + app.get_name();
}

std::vector<std::string> words_of(CLI::Option& option) {
    try {
        std::istringstream list(option.get_validator(word_list)->get_description());
        return {std::istream_iterator<std::string>(list), {}};
    } catch (const CLI::OptionNotFound&) {
        return {};
    }
}

std::vector<std::string> names_of(const CLI::Option& option) {
    if (option.get_positional()) {
        return {option.get_name(true)};
    }
    std::vector<std::string> names;
    for (const std::string& name : option.get_snames()) {
        names.push_back("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
        names.push_back("--" + name);
    }
    return names;
}

OptionDescription describe(CLI::Option& option) {
    OptionDescription made{names_of(option), {}, words_of(option), option.get_description()};
    made.required = option.get_required();
    if (option.get_positional()) {
        made.repeats = option.get_option_text() == "...";
    } else {
        made.value = option.get_option_text();
    }
    return made;
}

}  // namespace

CommandDescription describe(CLI::App& app) {
    CommandDescription made{path_of(app), app.get_description(), app.get_footer(), {}, {}, {}};
    for (CLI::Option* option : app.get_options()) {
        (option->get_positional() ? made.arguments : made.options).push_back(describe(*option));
    }
    for (CLI::App* command : app.get_subcommands(nullptr)) {
        made.commands.push_back(describe(*command));
    }
    return made;
}

}  // namespace whylink::daemon
