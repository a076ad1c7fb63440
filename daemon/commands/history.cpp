#include "daemon/commands/history.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <string_view>
#include <variant>

#include "config/duration.hpp"
#include "config/nearest.hpp"
#include "config/outside_text.hpp"
#include "daemon/commands/status.hpp"
#include "daemon/commands/url.hpp"
#include "daemon/history/past.hpp"
#include "daemon/history/render.hpp"
#include "daemon/history/store.hpp"
#include "daemon/http/target.hpp"
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

int print_past(const Past& past, const HistoryCommand& command) {
    return print(command.json ? past_json(past) : render_past(past, style_for(STDOUT_FILENO, command.color)),
                 exit_healthy);
}

/// "no daemon answers at http://vm-7:9797: connection refused"
int refuse(const DaemonAnswer& answer, const Url& url) {
    const std::string first = printable(answer.body.substr(0, answer.body.find('\n')));
    if (answer.http_status == 0) {
        return refuse(fmt::format("no daemon answers at {}: {}", url.to_string(), first), exit_unknown);
    }
    const bool ours = answer.http_status == 404 && first.starts_with("nothing in the history");
    return refuse(
        ours ? first : fmt::format("{} answers with HTTP status {}", url.to_string(), answer.http_status),
        ours ? exit_usage : exit_unknown);
}

int ask_for_history(const HistoryCommand& command) {
    const auto parsed = parse_url(command.access.url);
    if (const auto* fault = std::get_if<std::string>(&parsed)) {
        return refuse("--url: " + *fault, exit_usage);
    }
    const Url& url = std::get<Url>(parsed);
    std::string path = "/api/v1/history?since=" + http::percent_encoded(command.since);
    for (const std::string& name : command.names) {
        path += "&name=" + http::percent_encoded(name);
    }
    const DaemonAnswer answer = ask_daemon(url, path, command.access);
    if (answer.http_status != 200) {
        return refuse(answer, url);
    }
    try {
        return print_past(past_of_json(answer.body), command);
    } catch (const std::exception&) {
        return refuse(url.to_string() + " does not answer as a whylink daemon does", exit_unknown);
    }
}

int read_history(const HistoryCommand& command, std::chrono::milliseconds span) {
    const std::filesystem::path file = state_directory() / history_file_name;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        return refuse(fmt::format("there is no history at {}; start `whylink run`, or set STATE_DIRECTORY",
                                  file.string()),
                      exit_unknown);
    }
    const auto now = std::chrono::system_clock::now();
    const std::size_t width = style_for(STDOUT_FILENO, command.color).width;
    Past past;
    try {
        past = read_past(file, {command.names, now - span, now, std::min<std::size_t>(width, 80) - margins});
    } catch (const std::exception& fault) {
        return refuse(fmt::format("{}: {}", file.string(), fault.what()), exit_unknown);
    }
    if (!past.unknown_names.empty()) {
        return refuse(unknown_name(past), exit_usage);
    }
    return print_past(past, command);
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
    return command.access.url.empty() ? read_history(command, *span) : ask_for_history(command);
}

}  // namespace whylink::daemon
