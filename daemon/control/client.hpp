// The daemon's side of the reader of accounts: asks `whylink-control` over its socket, or over a pair to a child that it
// starts, and goes on without it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include "control/protocol/messages.hpp"

namespace whylink::daemon {

/// Why there is no answer: the reader is not there, ended, or speaks another version. Nothing follows from it for a
/// target.
struct NoReader {
    std::string reason;
};

class ControlClient {
  public:
    struct Options {
        /// Empty: no socket is tried.
        std::string socket = std::string(control::socket_path);
        /// Where the program is; empty: it is not installed.
        std::string program;
        /// Whether the program is started when the socket does not answer; under systemd it is not.
        bool starts = true;
        /// Runs a job on another thread, false where there is no room: long messages are made and parsed there. Empty:
        /// they are here.
        std::function<bool(std::function<void()>)> beside = {};
    };
    ControlClient(asio::any_io_executor executor, Options options);
    ~ControlClient();
    ControlClient(const ControlClient&) = delete;
    ControlClient& operator=(const ControlClient&) = delete;

    /// The answer, at most 250 ms after the request's own time-out. The id is set here. Requests may overlap. A child
    /// that ended is started again, not more often than once in 10 s.
    asio::awaitable<std::variant<control::Answer, NoReader>> ask(control::Request request);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

/// `whylink-control` beside the running program, else in libexec; empty: neither.
std::string find_reader();

}  // namespace whylink::daemon
