#include "daemon/commands/status.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "config/files.hpp"
#include "config/load.hpp"
#include "config/outside_text.hpp"
#include "daemon/commands/foreign_report.hpp"
#include "daemon/commands/give_up.hpp"
#include "daemon/commands/url.hpp"
#include "daemon/http/client.hpp"
#include "daemon/http/socket_owner.hpp"
#include "daemon/http/target.hpp"
#include "daemon/report/human/terminal.hpp"
#include "daemon/report/report.hpp"
#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

constexpr const char* daemon_account = "whylink";

/// Or, once it has been said why there is no place, the status to exit with.
std::variant<Url, int> where_to_ask(const StatusCommand& command, const CommandLine& line) {
    std::variant<Url, std::string> url;
    if (!command.url.empty()) {
        url = parse_url(command.url);
        if (const auto* fault = std::get_if<std::string>(&url)) {
            return give_up(*line.format, exit_usage, "--url: " + *fault);
        }
        return std::get<Url>(url);
    }
    const config::LoadResult loaded = config::load_file(line.config_file);
    if (!loaded.ok()) {
        return give_up(*line.format, loaded.errors);
    }
    url = url_of_listener(loaded.config.daemon.listen, loaded.config.daemon.tls.on());
    if (const auto* fault = std::get_if<std::string>(&url)) {
        return give_up(*line.format, exit_unknown, *fault);
    }
    return std::get<Url>(url);
}

std::string target_of(const Url& url, const StatusCommand& command, const ReportFormat& format,
                      const HumanStyle& style) {
    std::string target = fmt::format("{}/api/v1/report?format={}", url.prefix, format.slug);
    for (const std::string& name : command.names) {
        target += "&name=" + http::percent_encoded(name);
    }
    if (format.styled) {
        target += fmt::format("&columns={}&colour={}&utf8={}", style.width, style.colour ? 1 : 0,
                              style.utf8 ? 1 : 0);
        // Daemons of earlier versions refuse a key that they do not know.
        target += style.verbose ? "&verbose=1" : "";
    }
    return target;
}

/// Or what is wrong with the options.
std::variant<std::string, config::FileFault> credentials_of(const Url& url, const StatusCommand& command) {
    if (command.password_file.empty()) {
        if (url.password) {
            complain("every user of this host can read a password in --url; use --password-file FILE");
        }
        return url.user.empty() ? std::string() : url.user + ":" + url.password.value_or("");
    }
    if (url.user.empty()) {
        return config::FileFault{"needs a user in --url, as in http://USER@HOST:PORT"};
    }
    auto text = config::system_files().read(command.password_file);
    if (auto* fault = std::get_if<config::FileFault>(&text)) {
        return config::FileFault{fmt::format("{}: {}", command.password_file, fault->why)};
    }
    const std::string& content = std::get<std::string>(text);
    return url.user + ":" + content.substr(0, content.find_first_of("\r\n"));
}

std::string_view what_happened(http::ClientFault fault) {
    switch (fault) {
        case http::ClientFault::name:
            return "the host name does not resolve";
        case http::ClientFault::connect:
            return "connection refused or timed out";
        case http::ClientFault::ca_file:
            return "the CA file cannot be read";
        case http::ClientFault::handshake:
            return "the TLS handshake failed";
        case http::ClientFault::certificate:
            return "the certificate is not trusted";
        case http::ClientFault::too_large:
            return "the response is larger than 64 MiB";
        case http::ClientFault::exchange:
            break;
    }
    return "connected, but no complete response";
}

/// Of a daemon's report, and of its refusal of a name; nothing for what no daemon of ours says.
std::optional<int> exit_status_of(const http::ClientAnswer& answer) {
    const std::string& text = answer.exit_status;
    if (text.size() != 1 || text.front() < '0' || text.front() > '3') {
        return std::nullopt;
    }
    return text.front() - '0';
}

std::string without_newline(std::string text) {
    while (text.ends_with('\n')) {
        text.pop_back();
    }
    return text;
}

uid_t account(const char* name, uid_t otherwise) {
    const passwd* entry = getpwnam(name);
    return entry != nullptr ? entry->pw_uid : otherwise;
}

std::string name_of(uid_t user) {
    const passwd* entry = getpwuid(user);
    return entry != nullptr ? fmt::format("{} (UID {})", printable(entry->pw_name), user)
                            : fmt::format("UID {}", user);
}

/// Any user of this host may have taken the port while the daemon was down.
void name_stranger(const IpAddress& peer, const Url& url) {
    const uid_t self = geteuid();
    const uid_t daemon = account(daemon_account, self);
    const auto owner = http::listener_owner(peer, url.port, {0, self, daemon});
    if (owner && *owner != 0 && *owner != self && *owner != daemon) {
        complain(fmt::format("the process that answers at {} runs as user {}, not as root, {} or you",
                             url.to_string(), name_of(*owner), daemon_account));
    }
}

int refused(const http::ClientAnswer& answer, const Url& url, const ReportFormat& format) {
    const std::string_view what = answer.status == 401   ? "the daemon needs another user or password"
                                  : answer.status == 403 ? "use an address or localhost in the URL"
                                  : answer.status >= 500 ? "the daemon is not ready"
                                                         : "not a whylink daemon";
    return give_up(format, exit_unknown,
                   fmt::format("{} answers with HTTP status {}: {}", url.to_string(), answer.status, what));
}

ReportText kind_of(const ReportFormat& format, const HumanStyle& style) {
    if (format.slug == json_format.slug) {
        return ReportText::json;
    }
    return format.styled && style.colour ? ReportText::coloured : ReportText::plain;
}

int print_answer(const http::ClientAnswer& answer, const Url& url, const ReportFormat& format,
                 const HumanStyle& style) {
    const auto status = exit_status_of(answer);
    if (status && answer.status == 200) {
        return print(fit_for_terminal(answer.body, kind_of(format, style)), *status);
    }
    if (status && answer.status == 404) {
        return give_up(format, exit_usage, fit_for_terminal(without_newline(answer.body), ReportText::plain));
    }
    return refused(answer, url, format);
}

}  // namespace

int run_status(const StatusCommand& command, const CommandLine& line, const StatusTimeouts& timeouts) {
    const auto where = where_to_ask(command, line);
    if (const int* status = std::get_if<int>(&where)) {
        return *status;
    }
    const Url& url = std::get<Url>(where);
    const auto credentials = credentials_of(url, command);
    if (const auto* fault = std::get_if<config::FileFault>(&credentials)) {
        return give_up(*line.format, exit_usage, "--password-file " + fault->why);
    }
    HumanStyle style = style_for(STDOUT_FILENO, line.color);
    style.verbose = line.verbose;
    const http::ClientResult result = http::ask({.tls = url.tls,
                                                 .host = url.host,
                                                 .port = url.port,
                                                 .authority = url.authority(),
                                                 .target = target_of(url, command, *line.format, style),
                                                 .credentials = std::get<std::string>(credentials),
                                                 .ca_file = command.ca_file,
                                                 .connect = timeouts.connect,
                                                 .answer = timeouts.answer});
    if (result.peer) {
        name_stranger(*result.peer, url);
    }
    if (const auto* fault = std::get_if<http::ClientFault>(&result.outcome)) {
        return give_up(*line.format, exit_unknown,
                       fmt::format("no daemon answers at {}: {}; start `whylink run`, or set --url",
                                   url.to_string(), what_happened(*fault)));
    }
    return print_answer(std::get<http::ClientAnswer>(result.outcome), url, *line.format, style);
}

}  // namespace whylink::daemon
