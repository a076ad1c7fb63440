#include "probes/app/app.hpp"

#include <algorithm>
#include <asio/this_coro.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "probes/deadline.hpp"
#include "probes/loop_time.hpp"
#include "probes/tcp/segment_counts.hpp"

namespace whylink::probes {
namespace {

using Clock = std::chrono::steady_clock;
using Next = Codec::Next;

constexpr std::size_t kept_first_bytes = 256;
/// For what only adds to a verdict that is there.
constexpr std::chrono::milliseconds extra_wait{500};

class Exchange {
  public:
    Exchange(const AppProbe& probe, std::unique_ptr<Codec> codec, StreamPtr stream, bool keep,
             const asio::any_io_executor& executor)
        : probe_(probe),
          codec_(std::move(codec)),
          stream_(std::move(stream)),
          keep_(keep),
          executor_(executor),
          started_(Clock::now()),
          deadline_(executor, started_ + probe.timeout) {
        observation_.stage = Stage::app;
        observation_.started = WallClock::now();
        observation_.address = probe.address;
        observation_.port = probe.port;
        facts_.over_tls = probe.over_tls;
    }

    asio::awaitable<AppResult> run() {
        co_await speak();
        if (stream_) {
            observation_.took = Clock::now() - started_;
            report();
            co_await take_leave();
            observation_.facts = std::move(facts_);
            if (is_untrusted()) {
                result_.stream.reset();
            } else {
                result_.app = std::move(observation_);
            }
        }
        co_return std::move(result_);
    }

  private:
    /// Until the codec is done, the connection ends or time is up. Without a stream: the handshake failed.
    asio::awaitable<void> speak() {
        std::string out;
        Next next = codec_->start(out);
        for (;;) {
            if (next == Next::done) {
                farewell_ = std::exchange(out, {});
                done_ = true;
                co_return;
            }
            co_await send(out);
            out.clear();
            if (stream_->status().timed_out) {
                co_return;
            }
            if (next == Next::start_tls && stream_->status().error == 0) {
                co_await start_tls();
                if (!stream_) {
                    co_return;
                }
                next = codec_->tls_started(out);
                continue;
            }
            hurry();
            const std::string bytes = co_await stream_->read(deadline_);
            if (bytes.empty() || !take_in(bytes)) {
                co_return;
            }
            next = take(bytes, out);
        }
    }

    Next take(std::string_view bytes, std::string& out) {
        const PieceOfWork piece(
            [this] { return "the answer of " + endpoint_text(probe_.address, probe_.port); });
        return codec_->received(bytes, out);
    }

    /// The verdict is there: nobody waits long for the rest.
    void hurry() {
        if (!hurried_ && codec_->has_verdict()) {
            hurried_ = true;
            deadline_.move_to(std::min(deadline_.at(), Clock::now() + extra_wait));
        }
    }

    asio::awaitable<void> send(const std::string& bytes) {
        if (bytes.empty()) {
            co_return;
        }
        co_await stream_->write(bytes, deadline_);
        if (!stream_->status().timed_out && stream_->status().error == 0) {
            facts_.bytes_sent += bytes.size();
        }
    }

    /// False when the server has said more than any exchange takes.
    bool take_in(std::string_view bytes) {
        if (facts_.bytes_received == 0) {
            facts_.first_byte_after = Clock::now() - started_;
        }
        facts_.bytes_received += bytes.size();
        if (facts_.first_bytes.size() < kept_first_bytes) {
            facts_.first_bytes += bytes.substr(0, kept_first_bytes - facts_.first_bytes.size());
        }
        too_much_ = facts_.bytes_received > Codec::max_bytes;
        return !too_much_;
    }

    /// Has its own time-out; ours stands still meanwhile.
    asio::awaitable<void> start_tls() {
        const auto began = Clock::now();
        TlsProbe handshake = probe_.tls;
        handshake.hand_on_untrusted = codec_->minds_breaking_off();
        TlsResult tls = co_await open_tls(std::move(handshake), stream_->release());
        const auto took = Clock::now() - began;
        started_ += took;
        deadline_.move_to(deadline_.at() + took);
        result_.tls = std::move(tls.observation);
        stream_ = std::move(tls.stream);
        facts_.over_tls = stream_ != nullptr;
    }

    /// The handshake is the last stage then, whatever followed for the server's sake.
    bool is_untrusted() const {
        const auto* tls = result_.tls ? get_if<TlsFacts>(&result_.tls->facts) : nullptr;
        return tls != nullptr && tls->verified && !tls->verify_faults.empty();
    }

    void report() {
        const StreamStatus& status = stream_->status();
        if (!done_) {
            facts_.timed_out = status.timed_out && !hurried_;
            if (status.timed_out) {
                facts_.delivery = delivery_of(stream_->socket().native_handle());
            }
            facts_.end = status.end;
            facts_.error = status.error;
            facts_.alerts = status.alerts;
            facts_.library_error = status.library_error;
            if (status.closed && status.error == 0 && status.library_error.empty()) {
                codec_->ended();
            }
        }
        codec_->report(facts_);
        if (too_much_ && facts_.reply == AppReply::none) {
            facts_.reply = AppReply::unexpected;
        }
    }

    asio::awaitable<void> take_leave() {
        const bool in_order = codec_->minds_reset();
        if (keep_ && done_ && !stream_->status().closed) {
            stream_->owe_farewell(std::move(farewell_));
            if (in_order) {
                stream_->end_in_order();
            }
            result_.stream = std::move(stream_);
            co_return;
        }
        const bool waits = !stream_->status().closed && (in_order || !farewell_.empty());
        Deadline leave(executor_, Clock::now() + (waits ? farewell_wait : Clock::duration{}));
        if (waits && !farewell_.empty()) {
            facts_.bytes_sent += farewell_.size();
            co_await stream_->write(farewell_, leave);
        }
        if (waits && in_order) {
            stream_->finish();
        }
        co_await hear_out(leave);
        stream_.reset();
    }

    /// A reset in the middle of the server's words would be an error to it; but it may talk forever.
    asio::awaitable<void> hear_out(Deadline& leave) {
        for (std::size_t heard = 0; !stream_->status().closed && heard < Codec::max_bytes;) {
            const std::string bytes = co_await stream_->read(leave);
            if (bytes.empty()) {
                break;
            }
            heard += bytes.size();
        }
    }

    const AppProbe& probe_;
    std::unique_ptr<Codec> codec_;
    StreamPtr stream_;
    bool keep_;
    asio::any_io_executor executor_;
    Clock::time_point started_;
    Deadline deadline_;
    std::string farewell_;
    bool done_ = false;
    bool too_much_ = false;
    bool hurried_ = false;
    Observation observation_;
    AppFacts facts_;
    AppResult result_;
};

}  // namespace

asio::awaitable<AppResult> probe_app(AppProbe probe, StreamPtr stream, bool keep) {
    auto codec = make_codec(probe.request);
    co_return co_await probe_app(std::move(probe), std::move(codec), std::move(stream), keep);
}

asio::awaitable<AppResult> probe_app(AppProbe probe, std::unique_ptr<Codec> codec, StreamPtr stream,
                                     bool keep) {
    Exchange exchange(probe, std::move(codec), std::move(stream), keep, co_await asio::this_coro::executor);
    co_return co_await exchange.run();
}

}  // namespace whylink::probes
