#include <algorithm>
#include <sstream>
#include <vector>

#include "daemon/commands/help.hpp"
#include "manual/pages.hpp"

namespace whylink::manual {
namespace {

using daemon::CommandDescription;
using daemon::OptionDescription;

std::string term_of(const OptionDescription& option) {
    std::string term;
    for (const std::string& name : option.names) {
        term += (term.empty() ? "`" : ", `") + name + "`";
    }
    return term + (option.value.empty() ? "" : " " + option.value);
}

/// "whylink check [OPTION...] [NAME...]"
std::string synopsis_of(const CommandDescription& command) {
    std::string line = "whylink " + command.name + " [OPTION...]";
    for (const OptionDescription& argument : command.arguments) {
        const std::string name = argument.names.front() + (argument.repeats ? "..." : "");
        line += argument.required ? " " + name : " [" + name + "]";
    }
    return line;
}

/// Those that can be run: of `config` its own commands.
std::vector<CommandDescription> runnable(const CommandDescription& program) {
    std::vector<CommandDescription> all;
    for (const CommandDescription& command : program.commands) {
        if (command.commands.empty()) {
            all.push_back(command);
        } else {
            all.insert(all.end(), command.commands.begin(), command.commands.end());
        }
    }
    return all;
}

void add_options(Roff& page, const std::vector<OptionDescription>& options) {
    for (const OptionDescription& option : options) {
        page.item(term_of(option), {option.help + "."});
    }
}

/// What the help ends with: headings, and indented lines behind them.
void add_footer(Roff& page, const std::string& footer) {
    std::istringstream text(footer);
    std::vector<std::string> example;
    const auto end_example = [&] {
        if (!example.empty()) {
            page.example(example);
            example.clear();
        }
    };
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with("  ")) {
            example.push_back(line.substr(2));
        } else if (!line.empty()) {
            end_example();
            page.paragraph(line);
        }
    }
    end_example();
}

/// The exit status of most commands has a section of its own.
std::string without_exit_status(std::string footer) {
    const std::string_view status = daemon::exit_status_help();
    const std::size_t at = footer.find(status);
    return at == std::string::npos ? footer : footer.erase(at, status.size());
}

void add_command(Roff& page, const CommandDescription& command,
                 const std::vector<OptionDescription>& of_all) {
    page.subheading("whylink " + command.name);
    page.paragraph(command.help + ".");
    add_options(page, command.arguments);
    std::vector<OptionDescription> own;
    std::ranges::copy_if(command.options, std::back_inserter(own), [&of_all](const OptionDescription& one) {
        return std::ranges::find(of_all, one.names, &OptionDescription::names) == of_all.end();
    });
    add_options(page, own);
    add_footer(page, without_exit_status(command.footer));
}

void add_exit_status(Roff& page) {
    page.heading("EXIT STATUS");
    std::istringstream text{std::string(daemon::exit_status_help())};
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with("  ")) {
            lines.push_back(line.substr(2));
        }
    }
    page.paragraph("Of `check`, `diagnose`, `zone` and `status`:");
    page.example(lines);
}

void add_files(Roff& page) {
    page.heading("FILES");
    page.item("`/etc/whylink/whylink.toml`", {"The configuration: whylink.toml(5)."});
    page.item("`/etc/whylink/conf.d`, `/etc/whylink/profiles.d`, `/etc/whylink/keys`",
              {"More configuration files, your own profiles, and the keys of client certificates."});
    page.item("`/var/lib/whylink/evidence`", {"The packets of failures, as pcapng files."});
    page.item("`/var/lib/whylink/history.db`", {"What `whylink history` prints."});
    page.item("`/usr/share/whylink/report.schema.json`", {"The JSON Schema of the JSON report."});
    page.item("`/usr/share/doc/whylink`", {"Guides, reference pages, alert rules and drop-ins of the unit."});
}

void add_environment(Roff& page) {
    page.heading("ENVIRONMENT");
    page.item("`NO_COLOR`, `CLICOLOR_FORCE`", {"Switch colour off, or on where the output is no terminal."});
    page.item("`COLUMNS`", {"The width of the report where the output is no terminal."});
}

}  // namespace

std::string command_page(const CommandDescription& program, const Release& release) {
    const std::vector<CommandDescription> commands = runnable(program);
    Roff page("whylink", 1, "find out why a private link does not work", release);
    page.heading("SYNOPSIS");
    std::vector<std::string> lines;
    std::ranges::transform(commands, std::back_inserter(lines), synopsis_of);
    page.example(lines);
    page.heading("DESCRIPTION");
    page.paragraph(program.help + ".");
    page.paragraph(
        "`whylink` checks every layer of a connection: DNS, TCP, TLS and the application. It reports one cause with its "
        "confidence, and the steps that fix it. `whylink run` is the daemon, which systemd starts as `whylink.service`.");
    page.heading("COMMANDS");
    for (const CommandDescription& command : commands) {
        add_command(page, command, program.options);
    }
    page.heading("OPTIONS OF EVERY COMMAND");
    add_options(page, program.options);
    add_exit_status(page);
    add_files(page);
    add_environment(page);
    page.references({"whylink.toml(5)", "whylink-metrics(7)", "systemctl(1)", "journalctl(1)"});
    return page.take();
}

}  // namespace whylink::manual
