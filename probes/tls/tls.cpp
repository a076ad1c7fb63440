#include "probes/tls/tls.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <asio/this_coro.hpp>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "probes/deadline.hpp"
#include "probes/loop_time.hpp"
#include "probes/off_loop.hpp"
#include "probes/tcp/segment_counts.hpp"
#include "probes/tcp/stream_socket.hpp"
#include "probes/tls/connection.hpp"
#include "probes/tls/stream.hpp"

namespace whylink::probes {
namespace {

using Clock = std::chrono::steady_clock;
using Socket = asio::ip::tcp::socket;

/// A server may send data without end once the handshake is complete.
constexpr std::uint64_t max_watched_bytes = 256U << 10U;

/// What becomes of what the application says before anyone has asked it.
enum class EarlyData { thrown_away, kept };

class Handshake {
  public:
    Handshake(TlsProbe probe, Socket socket, EarlyData early, asio::any_io_executor executor)
        : probe_(std::move(probe)),
          early_(early),
          started_(Clock::now()),
          until_(started_ + probe_.timeout),
          deadline_(std::move(executor), until_),
          connection_(std::make_unique<TlsConnection>(std::move(socket))),
          facts_(connection_->facts) {
        observation_.stage = Stage::tls;
        observation_.started = WallClock::now();
        observation_.address = probe_.address;
        observation_.port = probe_.port;
        facts_.verified = probe_.verify;
        costly_ = probe_.finite_field;
        if (!probe_.budget) {
            probe_.budget = std::make_shared<ComputeBudget>();
        }
    }

    asio::awaitable<TlsResult> run() {
        if (!server_came_first()) {
            if (auto error = connection_->prepare(probe_)) {
                observation_.local = std::move(error);
            } else {
                co_await shake_hands();
            }
        }
        connection_->transport.read_freely();
        observation_.took = Clock::now() - started_;
        if (facts_.progress == TlsProgress::complete) {
            facts_.handshake_took = observation_.took;
            co_await watch();
        }
        if (connection_->ssl) {
            connection_->collect();
        }
        co_return finish();
    }

  private:
    SSL* ssl() { return connection_->ssl.get(); }

    /// Before anything is sent: has the server ended the connection, or said something that is not TLS?
    /// Afterwards an end could not be told from the answer to our ClientHello.
    bool server_came_first() {
        std::array<char, kept_tls_first_bytes> bytes;
        const ssize_t size =
            ::recv(connection_->socket.native_handle(), bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
            return false;
        }
        if (size <= 0) {
            facts_.error = size < 0 ? errno : 0;
            facts_.end = stream_end(facts_.error);
            facts_.ended_before_hello = facts_.end != StreamEnd::none;
            return true;
        }
        const std::string_view first(bytes.data(), static_cast<std::size_t>(size));
        if (looks_like_tls(first)) {
            return false;
        }
        facts_.bytes_received = first.size();
        facts_.first_bytes = first;
        facts_.first_bytes_are_tls = false;
        facts_.server_spoke_first = true;
        return true;
    }

    /// One call into OpenSSL. Nothing of the socket to wait for: the handshake is over, or to go on off the loop.
    std::optional<Socket::wait_type> step() {
        ERR_clear_error();
        const int result = SSL_do_handshake(ssl());
        const int want = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl(), result);
        if (result == 1) {
            facts_.progress = TlsProgress::complete;
            over_ = true;
            return std::nullopt;
        }
        costly_ = costly_ || want == SSL_ERROR_WANT_RETRY_VERIFY || connection_->transport.wants_off_loop();
        const auto ready = awaited_by(want);
        if (!ready && (want != SSL_ERROR_WANT_RETRY_VERIFY || off_loop_)) {
            note_failure(want);
            over_ = true;
        }
        return costly_ && !off_loop_ ? std::nullopt : ready;
    }

    /// What is costly already, and the finite fields, which always are.
    asio::awaitable<void> step_off_loop(std::optional<Socket::wait_type>& ready) {
        off_loop_ = true;
        connection_->transport.read_freely();
        connection_->recorder.moved_off_loop();
        const auto began = Clock::now();
        co_await off_loop([this, &ready] {
            if (probe_.budget->has_some()) {
                probe_.budget->spend_on([this, &ready] { ready = step(); });
            } else {
                note_not_afforded();
            }
        });
        connection_->recorder.back_on_loop();
        // The server does not answer for how long this host was busy.
        until_ += Clock::now() - began;
        deadline_.move_to(until_);
    }

    /// A fault of this host, whoever made it so.
    void note_not_afforded() {
        observation_.local = LocalError{
            "TLS handshake", 0, "the servers of this round had taken the CPU time of one round already"};
        over_ = true;
    }

    asio::awaitable<void> shake_hands() {
        while (!over_) {
            std::optional<Socket::wait_type> ready;
            if (costly_) {
                co_await step_off_loop(ready);
            } else {
                const PieceOfWork piece(
                    [this] { return "TLS handshake with " + endpoint_text(probe_.address, probe_.port); });
                ready = step();
            }
            if (!ready) {
                continue;
            }
            if (co_await deadline_.wait(connection_->socket, *ready) == Deadline::Wait::expired) {
                facts_.timed_out = true;
                facts_.delivery = delivery_of(connection_->socket.native_handle());
                co_return;
            }
        }
    }

    void note_failure(int want) {
        connection_->note_failure(want);
        if (want == SSL_ERROR_SSL && facts_.bytes_sent == 0) {
            observation_.local = LocalError{"ClientHello", 0, facts_.library_error};
        }
    }

    Clock::time_point within_timeout(Clock::duration from_now) const {
        return std::min(until_, Clock::now() + from_now);
    }

    /// How long the server's first message after a TLS 1.3 handshake is waited for.
    Clock::duration verdict_wait() const {
        const bool owes_a_verdict = facts_.client_certificate_requested && !facts_.client_certificate_sent &&
                                    facts_.client_certificate_withheld == Withheld::no &&
                                    early_ == EarlyData::thrown_away;
        return owes_a_verdict ? Clock::duration(probe_.timeout)
                              : tls_first_message_wait + facts_.handshake_took;
    }

    /// In TLS 1.3 the server judges our certificate only after the handshake is complete on our side, and a
    /// first message of its own says that it has let us pass. TLS 1.2 ends with the server's word.
    asio::awaitable<void> watch() {
        const auto began = Clock::now();
        bool spoke = SSL_version(ssl()) < TLS1_3_VERSION;
        deadline_.move_to(within_timeout(spoke ? tls_quiet_period : verdict_wait()));
        connection_->transport.allow(max_handshake_bytes);
        while (read_on() && !deadline_.passed()) {
            if (!spoke && facts_.message_after_handshake) {
                spoke = true;
                deadline_.move_to(within_timeout(tls_quiet_period));
            }
            if (co_await deadline_.wait(connection_->socket, Socket::wait_read) == Deadline::Wait::expired) {
                read_on();
                break;
            }
        }
        facts_.watched = Clock::now() - began;
    }

    /// Reads what is there; false when nothing more is to be expected, or when the application has spoken and
    /// is to be listened to.
    bool read_on() {
        const std::uint64_t most = facts_.bytes_received + max_watched_bytes;
        std::array<char, 4096> data;
        while (!connection_->closed && facts_.bytes_received < most) {
            ERR_clear_error();
            const int result = SSL_read(ssl(), data.data(), static_cast<int>(data.size()));
            const int want = SSL_get_error(ssl(), result);
            facts_.message_after_handshake =
                facts_.message_after_handshake || result > 0 || connection_->recorder.spoke_after_handshake();
            if (result > 0 && early_ == EarlyData::kept) {
                connection_->early.assign(data.data(), static_cast<std::size_t>(result));
                return false;
            }
            if (result > 0) {
                continue;
            }
            if (awaited_by(want)) {
                return true;
            }
            if (want != SSL_ERROR_ZERO_RETURN) {
                note_failure(want);
                return false;
            }
            connection_->closed = true;
        }
        return connection_->closed && !connection_->transport.read_to_end();
    }

    /// An application that has spoken is heard out, also when it has closed since: what it said is the
    /// reason.
    bool is_good() const {
        const bool trusted = probe_.hand_on_untrusted || !probe_.verify || facts_.verify_faults.empty();
        const bool up = !connection_->broken && !connection_->closed && facts_.error == 0 &&
                        (facts_.end == StreamEnd::none || !connection_->early.empty());
        const bool closed = probe_.hand_on_closed && is_closed_without_a_reason();
        return facts_.progress == TlsProgress::complete && trusted && (up || closed);
    }

    /// By close_notify or FIN. Not a refusal, which an alert or the want of a client certificate makes it.
    bool is_closed_without_a_reason() const {
        const bool goodbyes_only = std::ranges::all_of(
            facts_.alerts, [](const TlsAlert& alert) { return alert.description == SSL_AD_CLOSE_NOTIFY; });
        const bool refused = facts_.client_certificate_requested && !facts_.client_certificate_sent &&
                             !facts_.message_after_handshake;
        return (connection_->closed || facts_.end == StreamEnd::fin) && facts_.end != StreamEnd::rst &&
               facts_.error == 0 && !facts_.oversized && goodbyes_only && !refused;
    }

    TlsResult finish() {
        if (early_ == EarlyData::kept && is_good()) {
            observation_.facts = facts_;
            return {std::move(observation_), tls_stream(std::move(connection_))};
        }
        if (connection_->ssl) {
            connection_->say_goodbye();
        }
        observation_.facts = std::move(facts_);
        return {std::move(observation_), nullptr};
    }

    TlsProbe probe_;
    EarlyData early_;
    Clock::time_point started_;
    Clock::time_point until_;  ///< the time-out, and the time off the loop on top
    Deadline deadline_;
    std::unique_ptr<TlsConnection> connection_;
    TlsFacts& facts_;
    Observation observation_;
    bool costly_ = false;    ///< for the event loop
    bool off_loop_ = false;  ///< and goes on elsewhere
    bool over_ = false;      ///< the handshake, for good or bad
};

asio::awaitable<TlsResult> run(TlsProbe probe, Socket socket, EarlyData early) {
    auto executor = co_await asio::this_coro::executor;
    Handshake handshake(std::move(probe), std::move(socket), early, std::move(executor));
    co_return co_await handshake.run();
}

}  // namespace

asio::awaitable<Observation> probe_tls(TlsProbe probe, Socket socket) {
    TlsResult result = co_await run(std::move(probe), std::move(socket), EarlyData::thrown_away);
    co_return std::move(result.observation);
}

asio::awaitable<TlsResult> open_tls(TlsProbe probe, Socket socket) {
    return run(std::move(probe), std::move(socket), EarlyData::kept);
}

}  // namespace whylink::probes
