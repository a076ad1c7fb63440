#include "daemon/commands/status.hpp"

#include <fmt/format.h>
#include <httplib.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <variant>

#include "config/load.hpp"
#include "daemon/commands/give_up.hpp"
#include "daemon/commands/url.hpp"
#include "daemon/report/human/terminal.hpp"
#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

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
    url = url_of_listener(loaded.config.daemon.listen);
    if (const auto* fault = std::get_if<std::string>(&url)) {
        return give_up(*line.format, exit_unknown, *fault);
    }
    return std::get<Url>(url);
}

std::string path_of(const Url& url, const StatusCommand& command, const CommandLine& line) {
    httplib::Params query{{"format", std::string(line.format->slug)}};
    for (const std::string& name : command.names) {
        query.emplace("name", name);
    }
    if (line.format->styled) {
        const HumanStyle style = style_for(STDOUT_FILENO, line.color);
        query.emplace("columns", std::to_string(style.width));
        query.emplace("colour", style.colour ? "1" : "0");
        query.emplace("utf8", style.utf8 ? "1" : "0");
        // Daemons of earlier versions refuse a key that they do not know.
        if (line.verbose) {
            query.emplace("verbose", "1");
        }
    }
    return httplib::append_query_params(url.prefix + "/api/v1/report", query);
}

/// Ends the exchange when it has taken too long: the library's own timeouts start again with every byte.
class Watchdog {
  public:
    Watchdog(httplib::ClientImpl& client, std::chrono::milliseconds limit)
        : thread_([this, &client, limit](const std::stop_token& stop) {
              std::unique_lock lock(mutex_);
              if (!done_.wait_for(lock, stop, limit, [this] { return finished_; }) &&
                  !stop.stop_requested()) {
                  client.stop();
              }
          }) {}
    ~Watchdog() {
        const std::lock_guard lock(mutex_);
        finished_ = true;
        done_.notify_all();
    }
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

  private:
    std::mutex mutex_;
    std::condition_variable_any done_;
    bool finished_ = false;
    std::jthread thread_;
};

std::string_view what_happened(httplib::Error error) {
    switch (error) {
        case httplib::Error::Connection:
        case httplib::Error::ConnectionTimeout:
            return "connection refused or timed out";
        case httplib::Error::SSLConnection:
            return "the TLS handshake failed";
        case httplib::Error::SSLLoadingCerts:
        case httplib::Error::SSLServerVerification:
            return "the certificate is not trusted";
        default:
            return "connected, but no complete response";
    }
}

httplib::Result ask(const Url& url, const std::string& path, const StatusTimeouts& timeouts) {
    // Not httplib::Client, which does not understand every IPv6 address.
    const std::unique_ptr<httplib::ClientImpl> client =
        url.tls ? std::make_unique<httplib::SSLClient>(url.host, url.port)
                : std::make_unique<httplib::ClientImpl>(url.host, url.port);
    client->set_connection_timeout(timeouts.connect);
    client->set_read_timeout(timeouts.answer);
    client->set_write_timeout(timeouts.answer);
    client->set_keep_alive(false);
    client->set_follow_location(false);
    client->set_url_encode(false);
    const Watchdog watchdog(*client, timeouts.connect + timeouts.answer);
    return client->Get(path, httplib::Headers{{"Host", url.authority()}});
}

/// Of a daemon's report, and of its refusal of a name; nothing for what no daemon of ours says.
std::optional<int> exit_status_of(const httplib::Response& response) {
    const std::string text = response.get_header_value(exit_status_header);
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

int print_answer(const httplib::Result& result, const Url& url, const ReportFormat& format) {
    if (!result) {
        return give_up(format, exit_unknown,
                       fmt::format("no daemon answers at {}: {}; start `whylink run`, or set --url",
                                   url.to_string(), what_happened(result.error())));
    }
    const auto status = exit_status_of(*result);
    if (status && result->status == 200) {
        return print(result->body, *status);
    }
    if (status && result->status == 404) {
        return give_up(format, exit_usage, without_newline(result->body));
    }
    return give_up(format, exit_unknown,
                   fmt::format("{} answers with HTTP status {}: {}", url.to_string(), result->status,
                               result->status >= 500 ? "the daemon is not ready" : "not a whylink daemon"));
}

}  // namespace

int run_status(const StatusCommand& command, const CommandLine& line, const StatusTimeouts& timeouts) {
    const auto where = where_to_ask(command, line);
    if (const int* status = std::get_if<int>(&where)) {
        return *status;
    }
    const Url& url = std::get<Url>(where);
    return print_answer(ask(url, path_of(url, command, line), timeouts), url, *line.format);
}

DaemonAnswer ask_daemon(const Url& url, const std::string& path, const StatusTimeouts& timeouts) {
    const httplib::Result result = ask(url, url.prefix + path, timeouts);
    return result ? DaemonAnswer{result->status, result->body, exit_status_of(*result).has_value()}
                  : DaemonAnswer{0, std::string(what_happened(result.error())), false};
}

}  // namespace whylink::daemon
