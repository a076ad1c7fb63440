// How `--help` is laid out: 80 columns, the examples and the exit status behind the options.
#pragma once

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace whylink::daemon {

/// For the program and, as it is inherited, for the commands that are added to it afterwards.
std::shared_ptr<CLI::FormatterBase> help_formatter();

/// The end of a command's help: command lines that work, one a line.
std::string examples(std::initializer_list<std::string_view> lines);

/// What the exit status of `check`, `diagnose`, `zone` and `status` says.
std::string_view exit_status_help();

}  // namespace whylink::daemon
