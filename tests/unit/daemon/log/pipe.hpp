// A pipe whose reader never waits for ever.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace whylink::test {

class Pipe {
  public:
    Pipe() {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
            throw std::runtime_error("pipe2");
        }
    }
    ~Pipe() {
        close_read_end();
        close_write_end();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    int write_end() const { return ends_[1]; }
    void close_read_end() { close_end(ends_[0]); }
    void close_write_end() { close_end(ends_[1]); }
    void make_non_blocking() { ::fcntl(ends_[1], F_SETFL, O_WRONLY | O_NONBLOCK); }

    /// The write end as systemd.exec(5) describes a stream in JOURNAL_STREAM.
    std::string journal_stream() const {
        struct stat status {};
        ::fstat(ends_[1], &status);
        return fmt::format("{}:{}", status.st_dev, status.st_ino);
    }

    /// Without its line feed; none at the end, or when none comes for a minute.
    std::optional<std::string> read_line() {
        while (true) {
            if (const auto end = text_.find('\n', read_); end != std::string::npos) {
                std::string line = text_.substr(read_, end - read_);
                read_ = end + 1;
                return line;
            }
            text_.erase(0, read_);
            read_ = 0;
            if (!read_more()) {
                return std::nullopt;
            }
        }
    }
    std::vector<std::string> read_lines() {
        std::vector<std::string> lines;
        while (auto line = read_line()) {
            lines.push_back(std::move(*line));
        }
        return lines;
    }

  private:
    static void close_end(int& end) {
        if (end >= 0) {
            ::close(end);
        }
        end = -1;
    }
    bool read_more() {
        constexpr int patience_ms = 60'000;
        pollfd input{ends_[0], POLLIN, 0};
        if (::poll(&input, 1, patience_ms) != 1) {
            return false;
        }
        std::array<char, 65536> buffer{};
        const auto size = ::read(ends_[0], buffer.data(), buffer.size());
        if (size <= 0) {
            return false;
        }
        text_.append(buffer.data(), static_cast<std::size_t>(size));
        return true;
    }

    std::array<int, 2> ends_{-1, -1};
    std::string text_;
    std::size_t read_ = 0;
};

}  // namespace whylink::test
