#include "daemon.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "lab.hpp"
#include "support/sandbox.hpp"

namespace whylink::daemon_test {
namespace {

lab::Command command_for(const lab::Topology& net, const std::vector<std::string>& arguments,
                         const std::vector<std::string>& under) {
    lab::Command command;
    command.argv = under;
    command.argv.emplace_back(WHYLINK_PROGRAM);
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.netns = net.client.fd();
    return command;
}

std::filesystem::path written(const std::string& config) {
    std::filesystem::path file = new_config_file();
    write_file(file, config);
    return file;
}

lab::Command daemon_command(const lab::Topology& net, const std::filesystem::path& config,
                            const DaemonOptions& options) {
    lab::Command command = command_for(net, {"run", "--config", config}, options.under);
    command.environment = options.environment;
    // A history of its own, which the next daemon with this file goes on from.
    command.environment.emplace("STATE_DIRECTORY", config.parent_path());
    command.error = options.error;
    return command;
}

const HttpReply& expect_ok(const std::optional<HttpReply>& reply, const std::string& path) {
    if (!reply || reply->status != 200) {
        throw std::runtime_error(path + ": " + (reply ? std::to_string(reply->status) : "no answer"));
    }
    return *reply;
}

/// The end of a log that may be long.
std::string tail(const std::string& log) {
    constexpr std::size_t most = 6000;
    return log.size() > most ? "..." + log.substr(log.size() - most) : log;
}

}  // namespace

std::filesystem::path new_config_file() {
    static int made = 0;
    return lab::scratch_directory() / ("daemon-" + std::to_string(++made)) / "whylink.toml";
}

lab::Completed run_whylink(const lab::Topology& net, const std::vector<std::string>& arguments,
                           const std::map<std::string, std::string>& environment,
                           const std::vector<std::string>& under) {
    lab::Command command = command_for(net, arguments, under);
    command.environment = environment;
    return lab::run(command);
}

Daemon::Daemon(const lab::Topology& net, const std::string& config, const DaemonOptions& options)
    : net_(net), config_file_(written(config)), process_(daemon_command(net, config_file_, options)) {}

Daemon::~Daemon() {
    if (!waited_) {
        stop();
    }
    EXPECT_EQ(parse_log(log_text()).strays, std::vector<std::string>());
}

void Daemon::write_config(const std::string& text) const {
    write_file(config_file_, text);
}

int Daemon::wait() {
    waited_ = true;
    const auto status = process_.wait(deadline);
    EXPECT_TRUE(status.has_value()) << "the daemon does not end:\n" << tail(log_text());
    return status.value_or(-1);
}

void Daemon::stop() {
    signal(SIGTERM);
    EXPECT_EQ(wait(), 0) << tail(log_text());
}

std::optional<HttpReply> Daemon::get(const std::string& path) const {
    return http_request(net_.client, http_port, "GET", path);
}

std::optional<HttpReply> Daemon::reload() const {
    return http_request(net_.client, http_port, "POST", "/-/reload");
}

bool Daemon::ready() const {
    const auto reply = get("/-/ready");
    return reply && reply->status == 200;
}

Metrics Daemon::metrics() const {
    return Metrics::parse(expect_ok(get("/metrics"), "/metrics").body);
}

std::map<std::string, TargetReport> Daemon::report() const {
    return parse_report(expect_ok(get("/api/v1/report"), "/api/v1/report").body);
}

std::vector<LogRecord> Daemon::log(const std::string& event) const {
    std::vector<LogRecord> records = parse_log(log_text()).records;
    std::erase_if(records, [&event](const LogRecord& record) { return record.event != event; });
    return records;
}

lab::Completed Daemon::status(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{"status", "--config", config_file_};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_whylink(net_, all);
}

Metrics Daemon::await(const std::string& what, const std::function<bool(const Metrics&)>& wanted) const {
    Metrics metrics;
    const bool there = poll_until([&] {
        const auto reply = get("/metrics");
        if (!reply || reply->status != 200) {
            return false;
        }
        metrics = Metrics::parse(reply->body);
        return wanted(metrics);
    });
    if (!there) {
        const auto page = get("/metrics");
        throw std::runtime_error("never seen: " + what + "\n--- log\n" + tail(log_text()) +
                                 "\n--- metrics\n" + (page ? page->body : "none"));
    }
    return metrics;
}

Metrics Daemon::await_ready() const {
    if (!poll_until([this] { return ready(); })) {
        throw std::runtime_error("never ready\n--- log\n" + tail(log_text()));
    }
    return metrics();
}

LogRecord Daemon::await_record(const std::string& what,
                               const std::function<bool(const LogRecord&)>& wanted) const {
    LogRecord found;
    const bool there = poll_until([&] {
        const std::vector<LogRecord> records = parse_log(log_text()).records;
        const auto record = std::ranges::find_if(records, wanted);
        if (record != records.end()) {
            found = *record;
        }
        return record != records.end();
    });
    if (!there) {
        throw std::runtime_error("never in the log: " + what + "\n" + tail(log_text()));
    }
    return found;
}

}  // namespace whylink::daemon_test
