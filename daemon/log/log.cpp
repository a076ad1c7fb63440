#include "daemon/log/log.hpp"

#include <poll.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <fmt/format.h>
#include <sys/stat.h>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/log/journal.hpp"
#include "daemon/log/line.hpp"
#include "daemon/system/signals.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t queue_size = 4096;  ///< records; some 1.7 MB, which are always taken
constexpr auto last_words = 500ms;
/// What the thread needs to notice that it should give up, and then some.
constexpr auto giving_up = 150ms;
constexpr int poll_period_ms = 50;

/// Of the log's thread, but for await_flush() and give_up(). A reader that stalls makes it wait, not hang:
/// it writes only what poll(2) promises room for.
class Sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    Sink(int fd, const std::string& journal_path) : fd_(fd), journal_(journal_path) {}

    /// What is logged is then "FIELDS\0LINES", and else lines.
    bool has_journal() const { return journal_.connected(); }

    /// Whether everything that was logged before flush() has been written or thrown away by then.
    bool await_flush(std::chrono::milliseconds patience) {
        std::unique_lock lock(flush_mutex_);
        return flush_done_.wait_for(lock, patience, [this] { return flushed_; });
    }
    /// Throws away what is left, and touches the descriptor no more.
    void give_up() { given_up_ = true; }

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const std::string_view text(message.payload.data(), message.payload.size());
        if (has_journal()) {
            send_entries(text);
        } else {
            write_all(text);
        }
    }
    void flush_() override {
        const std::lock_guard lock(flush_mutex_);
        flushed_ = true;
        flush_done_.notify_all();
    }

  private:
    bool await_room(int fd) const;
    void write_all(std::string_view text) const;
    void send_entries(std::string_view text) const;
    bool send_entry(std::string_view entry) const;

    int fd_;
    JournalSocket journal_;
    std::atomic<bool> given_up_ = false;
    std::mutex flush_mutex_;
    std::condition_variable flush_done_;
    bool flushed_ = false;
};

/// False when it gave up.
bool Sink::await_room(int fd) const {
    pollfd room{fd, POLLOUT, 0};
    while (!given_up_) {
        const int ready = ::poll(&room, 1, poll_period_ms);
        // What ails the descriptor itself, write() says.
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return true;
        }
    }
    return false;
}

void Sink::write_all(std::string_view text) const {
    while (!text.empty() && await_room(fd_)) {
        // POLLOUT promises a pipe's room for this much (pipe(7)); of more than that a part could block.
        const auto written = ::write(fd_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
        if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (written < 0 && errno == EAGAIN) {
            ::poll(nullptr, 0, poll_period_ms);
        } else if (written == 0 || errno != EINTR) {
            return;  // nobody reads any more, or it was closed: there is nowhere to say so
        }
    }
}

/// False when the journal does not take it.
bool Sink::send_entry(std::string_view entry) const {
    while (await_room(journal_.descriptor())) {
        const JournalSocket::Sent sent = journal_.send(entry);
        if (sent != JournalSocket::Sent::later) {
            return sent == JournalSocket::Sent::yes;
        }
        ::poll(nullptr, 0, poll_period_ms);
    }
    return false;
}

/// An entry for each line. What the socket does not take goes to the stream, which outlives a restart of journald.
void Sink::send_entries(std::string_view text) const {
    const std::size_t end_of_fields = text.find('\0');
    const std::string_view fields = text.substr(0, end_of_fields);
    std::string_view lines = text.substr(end_of_fields + 1);
    while (!lines.empty()) {
        const std::size_t size = lines.find('\n') + 1;
        if (!send_entry(journal_entry(lines.substr(0, size - 1), fields))) {
            write_all(lines.substr(0, size));
        }
        lines.remove_prefix(size);
    }
}

using Pool = spdlog::details::thread_pool;

/// Signals are the event loop's, and a closed pipe is an errno and no SIGPIPE.
std::shared_ptr<Pool> start_pool() {
    const SignalsBlocked blocked;
    return std::make_shared<Pool>(queue_size, 1,
                                  [] { ::pthread_setname_np(::pthread_self(), "whylink-log"); });
}

/// For a thread that hangs in a write(2) for good, against poll's promise (another writer took the room): it
/// cannot be joined, so what it uses stays until the process ends.
void leave_behind(std::shared_ptr<Pool> pool, std::shared_ptr<spdlog::async_logger> logger) {
    static std::mutex mutex;
    static auto* left =
        new std::vector<std::pair<std::shared_ptr<Pool>, std::shared_ptr<spdlog::async_logger>>>;
    const std::lock_guard lock(mutex);
    left->emplace_back(std::move(pool), std::move(logger));
}

}  // namespace

struct Log::Impl {
    Impl(config::LogFormat wanted_format, config::LogLevel wanted_level, int fd,
         const std::string& journal_path)
        : format(wanted_format),
          level(wanted_level),
          style(read_by_journal(fd) ? LineStyle::journal : LineStyle::plain),
          sink(std::make_shared<Sink>(fd, style == LineStyle::journal ? journal_path : std::string())),
          pool(start_pool()),
          logger(std::make_shared<spdlog::async_logger>("whylink", sink, pool,
                                                        spdlog::async_overflow_policy::overrun_oldest)) {
        logger->set_level(spdlog::level::trace);
        // Its own would print on standard error.
        logger->set_error_handler([](const std::string&) {});
    }

    /// As the sink takes it.
    std::string payload(const Record& record) const {
        const auto now = std::chrono::system_clock::now();
        const bool json = format == config::LogFormat::json;
        std::string text = json ? json_line(record, now) : text_lines(record, now, style);
        if (!sink->has_journal()) {
            return text;
        }
        return journal_fields(record) + '\0' + (json ? priority_mark(record.level) : "") + text;
    }

    std::atomic<config::LogFormat> format;
    std::atomic<config::LogLevel> level;
    LineStyle style;
    std::shared_ptr<Sink> sink;
    std::shared_ptr<Pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
};

Log::Log(config::LogFormat format, config::LogLevel level, int fd, const std::string& journal_path)
    : impl_(std::make_unique<Impl>(format, level, fd, journal_path)) {}

Log::~Log() {
    impl_->logger->flush();
    if (!impl_->sink->await_flush(last_words)) {
        impl_->sink->give_up();
        if (!impl_->sink->await_flush(giving_up)) {
            leave_behind(std::move(impl_->pool), impl_->logger);
        }
    }
    // The thread ends before the logger that its last message refers to, so that it is never the one to
    // delete it.
    impl_->pool.reset();
}

void Log::write(const Record& record) {
    if (record.level < impl_->level) {
        return;
    }
    const std::string text = impl_->payload(record);
    impl_->logger->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
}

void Log::configure(config::LogFormat format, config::LogLevel level) {
    impl_->format = format;
    impl_->level = level;
}

std::uint64_t Log::dropped() const {
    return impl_->pool->overrun_counter();
}

bool read_by_journal(int fd) {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    if (stream == nullptr || ::fstat(fd, &status) != 0) {
        return false;
    }
    return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

}  // namespace whylink::daemon
