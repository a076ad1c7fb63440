// `whylink status`: what a running daemon last found.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "daemon/commands/cli.hpp"
#include "daemon/commands/url.hpp"

namespace whylink::daemon {

struct StatusTimeouts {
    std::chrono::milliseconds connect = std::chrono::seconds(5);
    std::chrono::milliseconds answer = std::chrono::seconds(15);  ///< the whole of it
};

/// Asks the daemon over HTTP and prints its report; the status to exit with.
int run_status(const StatusCommand& command, const CommandLine& line, const StatusTimeouts& timeouts = {});

/// What a daemon answers to GET.
struct DaemonAnswer {
    int http_status = 0;       ///< 0: there is no answer
    std::string body;          ///< without an answer: why
    bool from_daemon = false;  ///< a report of ours, or a refusal of a name
};
/// `access` says by which files it is asked (--ca-file, --password-file).
DaemonAnswer ask_daemon(const Url& url, const std::string& path, const StatusCommand& access,
                        const StatusTimeouts& timeouts = {});

}  // namespace whylink::daemon
