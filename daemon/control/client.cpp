#include "daemon/control/client.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>
#include <asio/read_until.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "control/protocol/json.hpp"

namespace whylink::daemon {

namespace {

using namespace std::chrono_literals;
using Socket = asio::local::stream_protocol::socket;
using Clock = std::chrono::steady_clock;
using Result = std::variant<control::Answer, NoReader>;
using Parsed = std::variant<control::Answer, control::Malformed>;

/// From one start of a child to the next.
constexpr auto least_between_starts = 10s;
/// What an answer may be late.
constexpr auto grace = 250ms;
/// Bytes that are parsed, and targets that are written, in a few milliseconds.
constexpr std::size_t long_line = 128UL << 10;
constexpr std::size_t many_subjects = 100;
/// The descriptor of its end in the child.
constexpr int connection_of_child = 3;
/// A sun_path of unix(7).
constexpr std::size_t max_socket_path = 107;

std::uint64_t id_of(const control::Answer& answer) {
    return std::visit([](const auto& what) { return what.id; }, answer);
}

std::chrono::milliseconds time_of(const control::Request& request) {
    return std::visit([](const auto& what) { return std::chrono::milliseconds(what.timeout_ms); }, request);
}

bool is_long(const control::Request& request) {
    const auto* read = std::get_if<control::ReadRequest>(&request);
    return read != nullptr && read->subjects.size() > many_subjects;
}

/// The program with one end of a pair and nothing else of this process: neither its sockets, which may capture packets,
/// nor the signals that it holds back. Capabilities it drops itself. -1: not started.
pid_t spawn(const std::string& program, int end) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    // Standard output is for the report alone.
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, end, connection_of_child);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, connection_of_child + 1);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    std::array<std::string, 3> words{program, "--connection", std::to_string(connection_of_child)};
    std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
    pid_t child = -1;
    const int error =
        ::posix_spawn(&child, program.c_str(), &actions, &attributes, arguments.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? child : -1;
}

}  // namespace

/// Of the event loop's thread alone.
struct ControlClient::State : std::enable_shared_from_this<ControlClient::State> {
    State(asio::any_io_executor on, Options given) : executor(std::move(on)), options(std::move(given)) {}

    struct Waiter {
        asio::steady_timer timer;
        std::optional<Result> result;
    };

    asio::any_io_executor executor;
    const Options options;
    std::shared_ptr<Socket> socket;  ///< what reads or writes keeps its own; null: not connected
    std::vector<pid_t> children;
    std::optional<Clock::time_point> started;
    std::uint64_t last_id = 0;
    std::map<std::uint64_t, std::shared_ptr<Waiter>> waiters;
    std::deque<std::string> unsent;
    bool writing = false;

    /// Empty: connected. Else why not.
    std::string connect();
    bool connect_to_socket();
    std::string start_child();
    void begin(Socket made);
    void reap();
    void fail(const std::string& reason);
    void take(Parsed parsed);
    /// By `make`, on another thread where that is wanted and possible: the loop goes on meanwhile.
    template <class Made>
    static asio::awaitable<Made> make_beside(std::shared_ptr<State> self, bool elsewhere,
                                             std::function<Made()> make);
    asio::awaitable<void> read(std::shared_ptr<State> self);
    asio::awaitable<void> write(std::shared_ptr<State> self);
};

std::string ControlClient::State::connect() {
    reap();
    if (socket || connect_to_socket()) {
        return {};
    }
    if (options.program.empty()) {
        return "whylink-control is not installed";
    }
    if (!options.starts) {
        return "the account reader does not listen on " + options.socket;
    }
    return start_child();
}

bool ControlClient::State::connect_to_socket() {
    if (options.socket.empty() || options.socket.size() > max_socket_path) {
        return false;
    }
    const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) {
        return false;
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    options.socket.copy(address.sun_path, max_socket_path);
    // On this host it is there at once or not at all; where its queue is full (EAGAIN), nobody waits for it.
    if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {  // NOLINT
        ::close(made);
        return false;
    }
    Socket connected(executor);
    connected.assign(asio::local::stream_protocol(), made);
    begin(std::move(connected));
    return true;
}

std::string ControlClient::State::start_child() {
    const auto now = Clock::now();
    if (started && now - *started < least_between_starts) {
        return "the account reader ended a moment ago";
    }
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return "no socket for the account reader: " + std::generic_category().message(errno);
    }
    started = now;
    const pid_t child = spawn(options.program, ends[1]);
    ::close(ends[1]);
    if (child < 0) {
        ::close(ends[0]);
        return "cannot start " + options.program;
    }
    children.push_back(child);
    Socket made(executor);
    made.assign(asio::local::stream_protocol(), ends[0]);
    begin(std::move(made));
    return {};
}

void ControlClient::State::begin(Socket made) {
    socket = std::make_shared<Socket>(std::move(made));
    asio::co_spawn(executor, read(shared_from_this()), asio::detached);
}

/// A child that ended; one whose connection was closed ends by itself.
void ControlClient::State::reap() {
    std::erase_if(children, [](pid_t child) { return ::waitpid(child, nullptr, WNOHANG) != 0; });
}

/// Whoever waits is told, and the next request connects again.
void ControlClient::State::fail(const std::string& reason) {
    if (const auto closed = std::exchange(socket, nullptr)) {
        std::error_code ignored;
        closed->close(ignored);
    }
    unsent.clear();
    for (const auto& [id, waiter] : std::exchange(waiters, {})) {
        waiter->result = NoReader{reason};
        waiter->timer.cancel();
    }
}

void ControlClient::State::take(Parsed parsed) {
    if (const auto* malformed = std::get_if<control::Malformed>(&parsed)) {
        return fail("the account reader is of another version: " + malformed->reason);
    }
    auto& answer = std::get<control::Answer>(parsed);
    const auto found = waiters.find(id_of(answer));
    if (found == waiters.end()) {
        return;  // nobody waits for it any more
    }
    const std::shared_ptr<Waiter> waiter = found->second;
    waiters.erase(found);
    const auto* refusal = std::get_if<control::Refusal>(&answer);
    waiter->result = refusal != nullptr ? Result(NoReader{refusal->reason}) : Result(std::move(answer));
    waiter->timer.cancel();
}

template <class Made>
asio::awaitable<Made> ControlClient::State::make_beside(std::shared_ptr<State> self, bool elsewhere,
                                                        std::function<Made()> make) {
    struct Job {
        std::function<Made()> make;
        std::optional<Made> made;
        asio::steady_timer done;
    };
    const auto job = std::make_shared<Job>(
        Job{std::move(make), {}, asio::steady_timer(self->executor, Clock::time_point::max())});
    const bool is_elsewhere =
        elsewhere && self->options.beside && self->options.beside([job, executor = self->executor] {
            job->made = job->make();
            asio::post(executor, [job] { job->done.cancel(); });
        });
    if (!is_elsewhere) {
        co_return job->make();
    }
    std::error_code cancelled;
    co_await job->done.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    co_return std::move(*job->made);
}

asio::awaitable<void> ControlClient::State::read(std::shared_ptr<State> self) {
    std::string pending;
    const std::shared_ptr<Socket> mine = self->socket;
    while (self->socket == mine) {
        std::error_code error;
        const std::size_t length =
            co_await asio::async_read_until(*mine, asio::dynamic_buffer(pending, control::max_answer_line),
                                            '\n', asio::redirect_error(asio::use_awaitable, error));
        if (self->socket != mine) {
            co_return;
        }
        if (error) {
            self->fail("the account reader ended");
            co_return;
        }
        const auto line = std::make_shared<const std::string>(pending, 0, length - 1);
        pending.erase(0, length);
        std::function<Parsed()> parse = [line] { return control::parse_answer(*line); };
        Parsed parsed = co_await make_beside<Parsed>(self, line->size() > long_line, std::move(parse));
        if (self->socket == mine) {
            self->take(std::move(parsed));
        }
    }
}

asio::awaitable<void> ControlClient::State::write(std::shared_ptr<State> self) {
    self->writing = true;
    while (self->socket && !self->unsent.empty()) {
        const std::shared_ptr<Socket> mine = self->socket;
        const std::string line = std::move(self->unsent.front());
        self->unsent.pop_front();
        std::error_code error;
        co_await asio::async_write(*mine, asio::buffer(line),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error && self->socket == mine) {
            self->fail("the account reader ended");
        }
    }
    self->writing = false;
}

ControlClient::ControlClient(asio::any_io_executor executor, Options options)
    : state_(std::make_shared<State>(std::move(executor), std::move(options))) {}

ControlClient::~ControlClient() {
    state_->fail("stopped");
    state_->reap();
}

asio::awaitable<Result> ControlClient::ask(control::Request request) {
    const std::shared_ptr<State> state = state_;
    const std::uint64_t id = ++state->last_id;
    std::visit([id](auto& what) { what.id = id; }, request);
    const auto timeout = time_of(request);
    const bool elsewhere = is_long(request);
    const auto asked = std::make_shared<const control::Request>(std::move(request));
    std::function<std::string()> write = [asked] { return control::to_line(*asked) + "\n"; };
    std::string line = co_await State::make_beside<std::string>(state, elsewhere, std::move(write));
    if (std::string reason = state->connect(); !reason.empty()) {
        co_return NoReader{std::move(reason)};
    }
    if (line.size() > control::max_request_line) {
        co_return NoReader{"a request that is longer than a line may be"};
    }
    const auto waiter =
        std::make_shared<State::Waiter>(State::Waiter{asio::steady_timer(state->executor), {}});
    waiter->timer.expires_after(timeout + grace);
    state->waiters.emplace(id, waiter);
    state->unsent.push_back(std::move(line));
    if (!state->writing) {
        asio::co_spawn(state->executor, state->write(state), asio::detached);
    }
    std::error_code cancelled;
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    state->waiters.erase(id);
    if (!waiter->result) {
        co_return NoReader{"the account reader did not answer in time"};
    }
    co_return std::move(*waiter->result);
}

std::string find_reader() {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path own = fs::read_symlink("/proc/self/exe", error);
    if (error) {
        return {};
    }
    const fs::path folder = own.parent_path();
    for (const fs::path& path :
         {folder / "whylink-control", folder.parent_path() / "libexec/whylink/whylink-control"}) {
        if (::access(path.c_str(), X_OK) == 0) {
            return path.string();
        }
    }
    return {};
}

}  // namespace whylink::daemon
