// The daemon under test: the real program, in the client's namespace.
#pragma once

#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config_text.hpp"
#include "documents.hpp"
#include "http_client.hpp"
#include "metrics.hpp"
#include "poll_until.hpp"
#include "support/process.hpp"
#include "support/topology.hpp"

namespace whylink::daemon_test {

struct DaemonOptions {
    std::map<std::string, std::string> environment = {};
    int error = -1;                       ///< where standard error goes instead of the log that log() reads
    std::vector<std::string> under = {};  ///< the program, with its arguments, that becomes the daemon
};

/// Of DaemonOptions::under: takes CAP_NET_RAW away.
inline const std::vector<std::string> without_net_raw{"setpriv", "--bounding-set", "-net_raw", "--inh-caps",
                                                      "-net_raw"};

/// `whylink run`. Its end, at the latest with this object, must be clean: asked for by SIGTERM, status 0, no
/// line of the log that is no record, which is how a sanitizer speaks. A test fails where that is not so.
class Daemon {
  public:
    Daemon(const lab::Topology& net, const std::string& config, const DaemonOptions& options = {});
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    const std::filesystem::path& config_file() const { return config_file_; }
    void write_config(const std::string& text) const;
    void signal(int number) const { process_.signal(number); }
    pid_t pid() const { return process_.pid(); }
    /// The status it ends with; 128 and more for a signal. A test fails when it does not end.
    int wait();
    /// SIGTERM; the test fails unless it then ends with 0.
    void stop();

    /// Asks the port that it listened on at the start.
    std::optional<HttpReply> get(const std::string& path) const;
    std::optional<HttpReply> reload() const;
    bool ready() const;
    /// Throw std::runtime_error when there is no answer.
    Metrics metrics() const;
    std::map<std::string, TargetReport> report() const;

    std::string log_text() const { return process_.log(); }
    std::vector<LogRecord> log(const std::string& event) const;
    /// `whylink status` with these arguments, asked on the client.
    lab::Completed status(const std::vector<std::string>& arguments) const;

    /// Polls the metrics until they are as wanted, and gives these. Throws std::runtime_error when they never
    /// are, with `what` and the log.
    Metrics await(const std::string& what, const std::function<bool(const Metrics&)>& wanted) const;
    /// Until every target had its first round.
    Metrics await_ready() const;
    /// Until the log has a record like this, which it gives. Throws as above.
    LogRecord await_record(const std::string& what,
                           const std::function<bool(const LogRecord&)>& wanted) const;

  private:
    const lab::Topology& net_;
    std::filesystem::path config_file_;
    bool waited_ = false;
    lab::Background process_;
};

/// Runs whylink with these arguments on the client, to its end.
lab::Completed run_whylink(const lab::Topology& net, const std::vector<std::string>& arguments,
                           const std::map<std::string, std::string>& environment = {},
                           const std::vector<std::string>& under = {});

/// A new path for a configuration, and the folder of it.
std::filesystem::path new_config_file();

}  // namespace whylink::daemon_test
