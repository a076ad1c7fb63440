// A reader of accounts on a real Unix socket, which answers as a test wants it.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <unistd.h>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "control/protocol/json.hpp"
#include "daemon/control/client.hpp"

namespace whylink::fabricated {

class FakeReader {
  public:
    /// What is sent for a line that came, and whether the connection goes on after it.
    struct Reply {
        std::string bytes;
        bool goes_on = true;
    };
    using Handler = std::function<Reply(const std::string& line)>;

    explicit FakeReader(Handler handler) : handler_(std::move(handler)) {
        std::string name = (std::filesystem::temp_directory_path() / "whylink-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("mkdtemp " + name);
        }
        folder_ = name;
        listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof address.sun_path - 1);
        if (::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listening_, 8) != 0) {
            throw std::runtime_error("listen on " + path());
        }
        thread_ = std::thread([this] { serve(); });
    }
    /// The same for requests that are understood.
    static FakeReader that_answers(std::function<control::Answer(const control::Request&)> answer) {
        return FakeReader([answer = std::move(answer)](const std::string& line) -> Reply {
            const auto request = control::parse_request(line);
            if (const auto* malformed = std::get_if<control::Malformed>(&request)) {
                throw std::runtime_error(malformed->reason);
            }
            return {control::to_line(answer(std::get<control::Request>(request))) + "\n"};
        });
    }
    ~FakeReader() {
        stopped_ = true;
        ::shutdown(listening_, SHUT_RDWR);
        thread_.join();
        ::close(listening_);
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    FakeReader(const FakeReader&) = delete;
    FakeReader& operator=(const FakeReader&) = delete;

    std::string path() const { return (folder_ / "s").string(); }
    daemon::ControlClient::Options client() const { return {.socket = path(), .program = ""}; }

    std::vector<std::string> lines() const {
        const std::lock_guard lock(mutex_);
        return lines_;
    }
    /// Those lines that are of this kind.
    template <class Kind>
    std::vector<Kind> requests() const {
        std::vector<Kind> found;
        for (const std::string& line : lines()) {
            const auto parsed = control::parse_request(line);
            if (const auto* request = std::get_if<control::Request>(&parsed)) {
                if (const auto* kind = std::get_if<Kind>(request)) {
                    found.push_back(*kind);
                }
            }
        }
        return found;
    }

  private:
    static constexpr int poll_ms = 20;

    void serve() {
        std::vector<std::pair<int, std::string>> connections;  // with what is not a line yet
        while (!stopped_) {
            std::vector<pollfd> ready{{listening_, POLLIN, 0}};
            for (const auto& [connection, pending] : connections) {
                ready.push_back({connection, POLLIN, 0});
            }
            ::poll(ready.data(), ready.size(), poll_ms);
            std::erase_if(connections,
                          [&](auto& connection) { return !take(connection.first, connection.second); });
            if ((ready.front().revents & POLLIN) != 0) {
                const int made = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
                if (made >= 0) {
                    connections.emplace_back(made, "");
                }
            }
        }
        for (const auto& [connection, pending] : connections) {
            ::close(connection);
        }
    }

    /// False: the connection has ended and is closed.
    bool take(int connection, std::string& pending) {
        std::array<char, 65536> part{};
        const ssize_t got = ::recv(connection, part.data(), part.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) {
            return true;
        }
        bool goes_on = got > 0;
        pending.append(part.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        for (std::size_t end = pending.find('\n'); goes_on && end != std::string::npos;
             end = pending.find('\n')) {
            goes_on = answer(connection, pending.substr(0, end));
            pending.erase(0, end + 1);
        }
        if (!goes_on) {
            ::close(connection);
        }
        return goes_on;
    }

    bool answer(int connection, const std::string& line) {
        {
            const std::lock_guard lock(mutex_);
            lines_.push_back(line);
        }
        const Reply reply = handler_(line);
        for (std::size_t at = 0; at < reply.bytes.size();) {
            const ssize_t sent =
                ::send(connection, reply.bytes.data() + at, reply.bytes.size() - at, MSG_NOSIGNAL);
            if (sent <= 0) {
                return false;
            }
            at += static_cast<std::size_t>(sent);
        }
        return reply.goes_on;
    }

    Handler handler_;
    std::filesystem::path folder_;
    int listening_ = -1;
    std::atomic<bool> stopped_ = false;
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
    std::thread thread_;
};

/// Runs it to its end.
template <class Result>
Result result_of(asio::io_context& loop, asio::awaitable<Result> work) {
    std::exception_ptr failure;
    std::optional<Result> result;
    asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown, Result made) {
        failure = std::move(thrown);
        result = std::move(made);
        loop.stop();
    });
    loop.restart();
    loop.run();
    if (failure) {
        std::rethrow_exception(failure);
    }
    return std::move(*result);
}

}  // namespace whylink::fabricated
