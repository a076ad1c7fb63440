#include "daemon/commands/history.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <string_view>

#include "config/duration.hpp"
#include "config/nearest.hpp"
#include "daemon/history/past.hpp"
#include "daemon/history/render.hpp"
#include "daemon/history/store.hpp"
#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

constexpr std::size_t margins = 4;

int refuse(const std::string& why, int status) {
    complain(why);
    return status;
}

std::string unknown_name(const Past& past) {
    const std::string& name = past.unknown_names.front();
    const std::vector<std::string_view> known(past.known_names.begin(), past.known_names.end());
    std::string hint = config::name_hint(name, known);
    if (hint.empty() && !known.empty()) {
        hint = fmt::format("; `whylink history` lists all {}", known.size());
    }
    return fmt::format("the history has no target named \"{}\"{}", name, hint);
}

}  // namespace

int run_history(const HistoryCommand& command) {
    const auto span = config::parse_duration(command.since);
    if (!span || span->count() == 0) {
        return refuse(
            fmt::format("--since: \"{}\" is not valid; use a number and ms, s, m, h or d, such as 7d",
                        command.since),
            exit_usage);
    }
    const std::filesystem::path file = state_directory() / history_file_name;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        return refuse(fmt::format("there is no history at {}; start `whylink run`, or set STATE_DIRECTORY",
                                  file.string()),
                      exit_unknown);
    }
    const HumanStyle style = style_for(STDOUT_FILENO, command.color);
    const auto now = std::chrono::system_clock::now();
    PastQuery query{command.names, now - *span, now, std::min<std::size_t>(style.width, 80) - margins};
    Past past;
    try {
        past = read_past(file, query);
    } catch (const std::exception& fault) {
        return refuse(fmt::format("{}: {}", file.string(), fault.what()), exit_unknown);
    }
    if (!past.unknown_names.empty()) {
        return refuse(unknown_name(past), exit_usage);
    }
    return print(command.json ? past_json(past) : render_past(past, style), exit_healthy);
}

}  // namespace whylink::daemon
