#include "control/program/server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include "control/protocol/json.hpp"

namespace whylink::control {

namespace {

using Clock = std::chrono::steady_clock;

/// A descriptor, closed at its end.
class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { ::close(value_); }
    int get() const { return value_; }

  private:
    int value_;
};

/// How long a peer may take to read an answer.
constexpr int write_timeout_ms = 10'000;
/// What cannot be accepted, as without a descriptor left, is still in the queue: at once it would fail at once.
constexpr int accept_pause_ms = 100;

/// A connection and its requests. Answers are written by the threads that made them; the lock keeps lines whole.
class Connection {
  public:
    explicit Connection(int descriptor) : socket_(descriptor) {}

    int descriptor() const { return socket_.get(); }
    bool is_open() const { return !closed_; }
    bool may_read() const { return is_open() && open_ < max_open_requests; }
    bool is_busy() const { return open_ > 0; }
    void begin_request() { ++open_; }

    /// What has come; the whole lines of it. Nothing: the connection has ended or says what it may not.
    std::optional<std::vector<std::string>> take_lines() {
        std::string part(64UL << 10, '\0');
        const ssize_t got = ::recv(descriptor(), part.data(), part.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return std::vector<std::string>{};
        }
        if (got <= 0) {
            return std::nullopt;
        }
        pending_.append(part, 0, static_cast<std::size_t>(got));
        std::vector<std::string> lines;
        for (std::size_t end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
            lines.push_back(pending_.substr(0, end));
            pending_.erase(0, end + 1);
        }
        return pending_.size() > max_request_line ? std::nullopt : std::optional(std::move(lines));
    }

    void write(std::string line) {
        line += '\n';
        const std::lock_guard lock(writing_);
        for (std::size_t at = 0; at < line.size() && is_open();) {
            const ssize_t sent =
                ::send(descriptor(), line.data() + at, line.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent >= 0) {
                at += static_cast<std::size_t>(sent);
            } else if (errno == EAGAIN) {
                pollfd ready{descriptor(), POLLOUT, 0};
                closed_ = closed_ || ::poll(&ready, 1, write_timeout_ms) <= 0;
            } else if (errno != EINTR) {
                closed_ = true;
            }
        }
    }

    void end_request() { --open_; }
    void close() { closed_ = true; }

  private:
    Descriptor socket_;
    std::mutex writing_;
    std::string pending_;
    std::atomic<bool> closed_ = false;
    std::atomic<std::size_t> open_ = 0;
};

/// A few threads and a queue; what is under way at the end is waited for.
class Pool {
  public:
    explicit Pool(std::size_t threads) {
        for (std::size_t i = 0; i < threads; ++i) {
            threads_.emplace_back([this] { work(); });
        }
    }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    ~Pool() {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        more_.notify_all();
    }

    void add(std::function<void()> job) {
        {
            const std::lock_guard lock(mutex_);
            jobs_.push_back(std::move(job));
        }
        more_.notify_one();
    }

  private:
    void work() {
        while (true) {
            std::unique_lock lock(mutex_);
            more_.wait(lock, [this] { return ended_ || !jobs_.empty(); });
            if (ended_) {
                return;
            }
            const auto job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job();
        }
    }

    std::mutex mutex_;
    std::condition_variable more_;
    std::deque<std::function<void()>> jobs_;
    bool ended_ = false;
    std::vector<std::jthread> threads_;
};

/// SIGTERM and the end of a request, as something to poll.
class WakeUp {
  public:
    WakeUp() {
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0) {
            read_.emplace(ends[0]);
            write_.emplace(ends[1]);
            signalled = ends[1];
        }
        struct sigaction action {};
        action.sa_handler = [](int) {
            stopping = 1;
            wake(signalled);
        };
        ::sigaction(SIGTERM, &action, nullptr);
        ::sigaction(SIGINT, &action, nullptr);
    }

    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;
    ~WakeUp() {
        ::signal(SIGTERM, SIG_DFL);
        ::signal(SIGINT, SIG_DFL);
        signalled = -1;
    }

    int descriptor() const { return read_ ? read_->get() : -1; }
    void wake() const { wake(signalled); }
    void clear() const {
        char bytes[64];
        while (::read(descriptor(), bytes, sizeof bytes) > 0) {
        }
    }
    static bool is_stopping() { return stopping != 0; }

  private:
    static void wake(int descriptor) {
        const int error = errno;
        [[maybe_unused]] const ssize_t written = ::write(descriptor, "", 1);
        errno = error;
    }

    static inline volatile std::sig_atomic_t stopping = 0;
    static inline volatile int signalled = -1;
    std::optional<Descriptor> read_;
    std::optional<Descriptor> write_;
};

class Server {
  public:
    Server(Reader& reader, const ServerLimits& limits)
        : reader_(reader), limits_(limits), pool_(limits.threads) {}

    void add(int descriptor) { connections_.push_back(std::make_shared<Connection>(descriptor)); }

    /// `listening`: none for a single connection, with whose end it ends.
    int run(std::optional<int> listening) {
        auto used = Clock::now();
        while (!WakeUp::is_stopping() && (listening || !connections_.empty())) {
            std::vector<pollfd> ready = waited_for(listening);
            const bool idle = is_idle();
            if (!idle) {
                used = Clock::now();
            }
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(used + limits_.idle - Clock::now())
                    .count();
            if (listening && left <= 0) {
                return 0;
            }
            const bool may_end_idle = listening && idle;
            if (::poll(ready.data(), ready.size(), may_end_idle ? static_cast<int>(left) + 1 : -1) < 0 &&
                errno != EINTR) {
                return 1;
            }
            wake_up_.clear();
            if (listening && ready.back().revents != 0) {
                accept(*listening);
                used = Clock::now();
            }
            serve(ready);
            drop_closed();
        }
        return 0;
    }

  private:
    bool is_idle() const {
        return std::ranges::none_of(connections_,
                                    [](const auto& connection) { return connection->is_busy(); });
    }

    /// The wake-up first, then the connections in their order, then the listening socket.
    std::vector<pollfd> waited_for(std::optional<int> listening) const {
        std::vector<pollfd> all{{wake_up_.descriptor(), POLLIN, 0}};
        for (const auto& connection : connections_) {
            const short events = connection->may_read() ? POLLIN : 0;
            all.push_back({connection->descriptor(), events, 0});
        }
        if (listening) {
            const bool room = connections_.size() < limits_.connections;
            all.push_back({*listening, static_cast<short>(room ? POLLIN : 0), 0});
        }
        return all;
    }

    void accept(int listening) {
        const int descriptor = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (descriptor >= 0) {
            add(descriptor);
        } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            ::poll(nullptr, 0, accept_pause_ms);
        }
    }

    void serve(const std::vector<pollfd>& ready) {
        std::size_t at = 1;
        for (const auto& connection : connections_) {
            if (at >= ready.size() || ready[at].fd != connection->descriptor()) {
                break;  // accepted just now
            }
            if (ready[at].revents != 0 && connection->may_read()) {
                take(connection);
            } else if ((ready[at].revents & (POLLHUP | POLLERR)) != 0) {
                connection->close();
            }
            ++at;
        }
    }

    void take(const std::shared_ptr<Connection>& connection) {
        auto lines = connection->take_lines();
        if (!lines) {
            connection->close();
            return;
        }
        for (std::string& line : *lines) {
            connection->begin_request();
            pool_.add([this, connection, line = std::move(line)] {
                connection->write(answer(line));
                connection->end_request();
                wake_up_.wake();
            });
        }
    }

    std::string answer(const std::string& line) {
        try {
            const auto request = parse_request(line);
            if (const auto* malformed = std::get_if<Malformed>(&request)) {
                return to_line(Refusal{0, malformed->reason});
            }
            return reader_.line(std::get<Request>(request));
        } catch (const std::exception& fault) {
            return to_line(Refusal{0, std::string("not enough of something: ") + fault.what()});
        }
    }

    void drop_closed() {
        std::erase_if(connections_, [](const auto& connection) { return !connection->is_open(); });
    }

    Reader& reader_;
    const ServerLimits limits_;
    WakeUp wake_up_;
    std::list<std::shared_ptr<Connection>> connections_;
    Pool pool_;
};

}  // namespace

int serve_listening(int descriptor, Reader& reader, const ServerLimits& limits) {
    // A client that has gone again must not make accept(2) wait.
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    Server server(reader, limits);
    return server.run(descriptor);
}

int serve_connection(int descriptor, Reader& reader, const ServerLimits& limits) {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    Server server(reader, limits);
    server.add(descriptor);
    return server.run(std::nullopt);
}

}  // namespace whylink::control
