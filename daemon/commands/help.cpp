#include "daemon/commands/help.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/report/human/canvas.hpp"

namespace whylink::daemon {
namespace {

// Wherever it is read: a page of help is copied into tickets.
constexpr HumanStyle style{.width = 80};
constexpr std::size_t column = 30;

/// A name, and behind it what it does.
std::string row(const std::string& name, std::string_view text) {
    Canvas canvas(style);
    const std::string indented = "  " + name;
    if (canvas.width_of(indented) + 2 > column) {
        canvas.line(canvas.paint(indented));
        canvas.hang(spaces(column), text);
    } else {
        canvas.hang(canvas.cell(indented, column), text);
    }
    return canvas.take();
}

std::string paragraph(const std::string& text) {
    Canvas canvas(style);
    canvas.hang({}, text);
    return canvas.take();
}

/// Options of every command stand last.
std::vector<std::string> ordered_groups(const CLI::App& app) {
    std::vector<std::string> groups = app.get_groups();
    std::ranges::stable_partition(groups, [](const std::string& group) { return group != "Options"; });
    return groups;
}

class HelpFormatter final : public CLI::Formatter {
  public:
    HelpFormatter() {
        label("SUBCOMMAND", "COMMAND");
        label("Positionals", "Arguments");
    }

    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
        std::string text = make_description(app) + "\n" + make_usage(app, std::move(name)) +
                           make_positionals(app) + make_subcommands(app, mode);
        for (const std::string& group : ordered_groups(*app)) {
            const auto options = app->get_options([&group](const CLI::Option* one) {
                return one->nonpositional() && one->get_group() == group;
            });
            if (!options.empty()) {
                text += make_group(group, false, options);
            }
        }
        return text + "\n" + app->get_footer();
    }

    std::string make_description(const CLI::App* app) const override {
        return paragraph(app->get_description() + ".");
    }

    std::string make_option(const CLI::Option* option, bool is_positional) const override {
        std::string name = make_option_name(option, is_positional) + make_option_opts(option);
        name.resize(name.find_last_not_of(' ') + 1);
        return row(name, option->get_description());
    }

    std::string make_subcommand(const CLI::App* command) const override {
        return row(command->get_name(), command->get_description());
    }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter() {
    return std::make_shared<HelpFormatter>();
}

std::string examples(std::initializer_list<std::string_view> lines) {
    std::string text = "Examples:\n";
    for (const std::string_view line : lines) {
        text += "  ";
        text += line;
        text += '\n';
    }
    return text;
}

std::string_view exit_status_help() {
    return "\nExit status:\n"
           "  0  all healthy, warnings included\n"
           "  1  at least one target is unhealthy\n"
           "  2  the command line or the configuration is wrong\n"
           "  3  unknown: local error, no permission, no daemon, or nothing to check\n"
           "  With --format nagios: 0 ok, 1 warning, 2 critical, 3 unknown.\n";
}

}  // namespace whylink::daemon
