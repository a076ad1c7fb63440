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

#include "daemon/log/line.hpp"
#include "daemon/system/signals.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t queue_size = 8192;  ///< records; some 3 MB
constexpr auto last_words = 500ms;
/// What the thread needs to notice that it should give up, and then some.
constexpr auto giving_up = 150ms;
constexpr int poll_period_ms = 50;

/// Of the log's thread, but for await_flush() and give_up(). A reader that stalls makes it wait, not hang:
/// it writes only what poll(2) promises room for.
class Sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit Sink(int fd) : fd_(fd) {}

    /// Whether everything that was logged before flush() has been written or thrown away by then.
    bool await_flush(std::chrono::milliseconds patience) {
        std::unique_lock lock(flush_mutex_);
        return flush_done_.wait_for(lock, patience, [this] { return flushed_; });
    }
    /// Throws away what is left, and touches the descriptor no more.
    void give_up() { given_up_ = true; }

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        write_all({message.payload.data(), message.payload.size()});
    }
    void flush_() override {
        const std::lock_guard lock(flush_mutex_);
        flushed_ = true;
        flush_done_.notify_all();
    }

  private:
    bool await_room() const;
    void write_all(std::string_view text) const;

    int fd_;
    std::atomic<bool> given_up_ = false;
    std::mutex flush_mutex_;
    std::condition_variable flush_done_;
    bool flushed_ = false;
};

/// False when it gave up.
bool Sink::await_room() const {
    pollfd room{fd_, POLLOUT, 0};
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
    while (!text.empty() && await_room()) {
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
    Impl(config::LogFormat wanted_format, config::LogLevel wanted_level, int fd)
        : format(wanted_format),
          level(wanted_level),
          style(read_by_journal(fd) ? LineStyle::journal : LineStyle::plain),
          sink(std::make_shared<Sink>(fd)),
          pool(start_pool()),
          logger(std::make_shared<spdlog::async_logger>("whylink", sink, pool,
                                                        spdlog::async_overflow_policy::overrun_oldest)) {
        logger->set_level(spdlog::level::trace);
        // Its own would print on standard error.
        logger->set_error_handler([](const std::string&) {});
    }

    std::atomic<config::LogFormat> format;
    std::atomic<config::LogLevel> level;
    LineStyle style;
    std::shared_ptr<Sink> sink;
    std::shared_ptr<Pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
};

Log::Log(config::LogFormat format, config::LogLevel level, int fd)
    : impl_(std::make_unique<Impl>(format, level, fd)) {}

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
    const auto now = std::chrono::system_clock::now();
    const std::string text = impl_->format == config::LogFormat::json ? json_line(record, now)
                                                                      : text_lines(record, now, impl_->style);
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
