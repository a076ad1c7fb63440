// What is wrong with a command line that cannot be parsed, with the word that was probably meant.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>

namespace whylink::daemon {

std::string unknown_command(const std::string& word, std::span<const std::string_view> commands);

/// The library's words, or better ones. After a parse that failed with the error.
std::string fault_text(const CLI::App& app, const CLI::ParseError& error);

/// A line of its own: the command whose help says more.
std::string help_hint(const CLI::App& app);

}  // namespace whylink::daemon
