#include "daemon/commands/mistakes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "config/ascii.hpp"
#include "config/nearest.hpp"

namespace whylink::daemon {
namespace {

/// The program, or the last of its commands that was named.
const CLI::App& deepest(const CLI::App& app) {
    const CLI::App* command = &app;
    while (!command->get_subcommands().empty()) {
        command = command->get_subcommands().front();
    }
    return *command;
}

bool looks_like_option(std::string_view word) {
    return word.starts_with("--") ? word.size() > 2 : word.size() > 1 && word[0] == '-' && is_letter(word[1]);
}

std::string unknown_option(const CLI::App& command, const std::string& word) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string name = word.substr(0, word.find('='));
    const std::string hint = config::did_you_mean(name, known);
    return fmt::format("unknown option \"{}\"{}{}", name, hint.empty() ? "" : "; ", hint);
}

/// `before`: the commands that it stands behind.
std::string unknown_word(std::string_view before, std::string_view word,
                         std::span<const std::string_view> commands) {
    return fmt::format(
        "unknown command \"{}{}\"; {}", before, word,
        config::did_you_mean(word, commands, fmt::format("there are {}", fmt::join(commands, ", "))));
}

std::string unexpected_argument(const CLI::App& command, const std::string& word) {
    std::vector<std::string> names;
    for (const CLI::App* further : command.get_subcommands({})) {
        names.push_back(further->get_name());
    }
    if (names.empty()) {
        return fmt::format("unexpected argument \"{}\"", word);
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string before = command.get_parent() == nullptr ? "" : command.get_name() + " ";
    return unknown_word(before, word, known);
}

/// What is left over of the command line; an option before all else, for what it takes may be left over too.
std::optional<std::string> fault_of_rest(const CLI::App& app) {
    std::vector<std::string> rest = app.remaining(true);
    std::erase(rest, "--");
    const auto option = std::ranges::find_if(rest, looks_like_option);
    if (option != rest.end()) {
        return unknown_option(deepest(app), *option);
    }
    return rest.empty() ? std::nullopt : std::optional(unexpected_argument(deepest(app), rest.front()));
}

}  // namespace

std::string unknown_command(const std::string& word, std::span<const std::string_view> commands) {
    return unknown_word({}, word, commands);
}

std::string help_hint(const CLI::App& app) {
    std::string words;
    for (const CLI::App* command = &deepest(app); command != nullptr; command = command->get_parent()) {
        words = command->get_name() + (words.empty() ? "" : " ") + words;
    }
    return fmt::format("\nsee {} --help", words);
}

std::string fault_text(const CLI::App& app, const CLI::ParseError& error) {
    if (auto fault = fault_of_rest(app)) {
        return *std::move(fault);
    }
    const std::string text = error.what();
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && text.ends_with(" missing")) {
        const std::string name = text.substr(0, text.find(':'));
        const CLI::Option* option = deepest(app).get_option_no_throw(name);
        return option == nullptr
                   ? text
                   : fmt::format("{0}: the value is missing; use {0} {1}", name, option->get_option_text());
    }
    constexpr std::string_view conversion = "Could not convert: ";
    const std::size_t equals = text.find(" = ");
    if (text.starts_with(conversion) && equals != std::string::npos) {
        return fmt::format("{}: \"{}\" is not valid; use a whole number, such as 3",
                           text.substr(conversion.size(), equals - conversion.size()),
                           text.substr(equals + 3));
    }
    return text;
}

}  // namespace whylink::daemon
