#include "probes/tls.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <asio/this_coro.hpp>
#include <cerrno>
#include <optional>
#include <utility>

#include "probes/certificate.hpp"
#include "probes/deadline.hpp"
#include "probes/socket_address.hpp"
#include "probes/stream_socket.hpp"
#include "probes/tls_context.hpp"
#include "probes/tls_recorder.hpp"
#include "probes/tls_transport.hpp"

namespace whylink::probes {
namespace {

using Clock = std::chrono::steady_clock;
using Socket = asio::ip::tcp::socket;

/// A server may send data without end once the handshake is complete.
constexpr std::uint64_t most_watched_bytes = 256U << 10U;

/// Reasons for which our side refuses what the server chose, whatever alert OpenSSL says it with (40, 47, 70,
/// 71).
bool is_refusal_of_choice(int reason) {
    constexpr std::array reasons{SSL_R_UNSUPPORTED_PROTOCOL,
                                 SSL_R_WRONG_SSL_VERSION,
                                 SSL_R_VERSION_TOO_LOW,
                                 SSL_R_INAPPROPRIATE_FALLBACK,
                                 SSL_R_WRONG_CIPHER_RETURNED,
                                 SSL_R_UNKNOWN_CIPHER_RETURNED,
                                 SSL_R_DH_KEY_TOO_SMALL,
                                 SSL_R_BAD_DH_VALUE,
                                 SSL_R_WRONG_CURVE,
                                 SSL_R_WRONG_SIGNATURE_TYPE,
                                 SSL_R_UNSUPPORTED_COMPRESSION_ALGORITHM,
                                 SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED};
    return std::ranges::find(reasons, reason) != reasons.end();
}

/// The name as it goes on the wire (RFC 6066 section 3: no trailing dot).
std::string without_trailing_dot(std::string name) {
    if (name.ends_with('.')) {
        name.pop_back();
    }
    return name;
}

class Handshake {
  public:
    Handshake(TlsProbe probe, Socket socket, asio::any_io_executor executor)
        : probe_(std::move(probe)),
          socket_(std::move(socket)),
          started_(Clock::now()),
          deadline_(std::move(executor), started_ + probe_.timeout),
          observation_(empty_observation(probe_)),
          facts_(std::get<TlsFacts>(observation_.facts)),
          transport_(socket_.native_handle(), facts_),
          recorder_(facts_) {
        facts_.verified = probe_.verify;
    }
    ~Handshake() { close_with_reset(socket_); }
    Handshake(const Handshake&) = delete;
    Handshake& operator=(const Handshake&) = delete;

    asio::awaitable<Observation> run() {
        if (!server_came_first()) {
            if (auto error = prepare()) {
                observation_.local = std::move(error);
            } else {
                co_await shake_hands();
            }
        }
        observation_.took = Clock::now() - started_;
        if (facts_.progress == TlsProgress::complete) {
            facts_.handshake_took = observation_.took;
            co_await watch();
        }
        if (ssl_) {
            collect();
            say_goodbye();
        }
        co_return std::move(observation_);
    }

  private:
    static Observation empty_observation(const TlsProbe& probe) {
        Observation observation;
        observation.stage = Stage::tls;
        observation.started = WallClock::now();
        observation.address = probe.address;
        observation.port = probe.port;
        observation.facts.emplace<TlsFacts>();
        return observation;
    }

    /// Before anything is sent: has the server ended the connection, or said something that is not TLS?
    /// Afterwards an end could not be told from the answer to our ClientHello.
    bool server_came_first() {
        std::array<char, kept_tls_first_bytes> bytes;
        const ssize_t size =
            ::recv(socket_.native_handle(), bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
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
        return true;
    }

    std::optional<LocalError> prepare() {
        ERR_clear_error();
        ssl_.reset(SSL_new(probe_.context->get()));
        BIO* bio = ssl_ ? transport_.make_bio() : nullptr;
        if (bio == nullptr) {
            return LocalError{"TLS connection", ENOMEM, "out of memory"};
        }
        SSL_set_bio(ssl_.get(), bio, bio);
        SSL_set_connect_state(ssl_.get());
        recorder_.attach(ssl_.get());
        if (!set_peer()) {
            return LocalError{"server_name " + probe_.server_name, EINVAL, "cannot be used as a server name"};
        }
        return std::nullopt;
    }

    /// What the certificate must say, and SNI; an address is never sent as SNI (RFC 6066 section 3).
    bool set_peer() {
        X509_VERIFY_PARAM* verification = SSL_get0_param(ssl_.get());
        X509_VERIFY_PARAM_set_hostflags(verification, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        std::string name = without_trailing_dot(probe_.server_name);
        auto address = name.empty() ? std::optional(probe_.address) : IpAddress::parse(name);
        if (address) {
            const IpAddress wanted = SocketAddress(*address, 0).address().value_or(*address);
            return X509_VERIFY_PARAM_set1_ip(verification, wanted.bytes().data(), wanted.bytes().size()) == 1;
        }
        facts_.server_name = name;
        return X509_VERIFY_PARAM_set1_host(verification, name.data(), name.size()) == 1 &&
               SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) ==
                   1;
    }

    asio::awaitable<void> shake_hands() {
        for (;;) {
            ERR_clear_error();
            const int result = SSL_do_handshake(ssl_.get());
            if (result == 1) {
                facts_.progress = TlsProgress::complete;
                co_return;
            }
            const int want = SSL_get_error(ssl_.get(), result);
            if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) {
                note_failure(want);
                co_return;
            }
            const auto direction = want == SSL_ERROR_WANT_READ ? Socket::wait_read : Socket::wait_write;
            if (co_await deadline_.wait(socket_, direction) == Deadline::Wait::expired) {
                facts_.timed_out = true;
                co_return;
            }
        }
    }

    void note_failure(int want) {
        broken_ = true;
        if (transport_.stopped_as_too_much()) {
            facts_.oversized = true;
            facts_.library_error = "more than " + std::to_string(most_handshake_bytes) +
                                   " bytes without an end of the handshake";
        }
        if (want != SSL_ERROR_SSL) {
            return;
        }
        const unsigned long error = ERR_peek_error();
        const char* reason = ERR_reason_error_string(error);
        facts_.library_error = reason != nullptr ? reason : "unknown error";
        facts_.refused_by_us = is_refusal_of_choice(ERR_GET_REASON(error));
        facts_.oversized = ERR_GET_REASON(error) == SSL_R_EXCESSIVE_MESSAGE_SIZE;
        if (facts_.bytes_sent == 0) {
            observation_.local = LocalError{"ClientHello", 0, facts_.library_error};
        }
    }

    Clock::time_point within_timeout(Clock::duration from_now) const {
        return std::min(started_ + probe_.timeout, Clock::now() + from_now);
    }

    /// In TLS 1.3 the server judges our certificate only after the handshake is complete on our side, and a
    /// first message of its own says that it has let us pass. TLS 1.2 ends with the server's word.
    asio::awaitable<void> watch() {
        const auto began = Clock::now();
        bool spoke = SSL_version(ssl_.get()) < TLS1_3_VERSION;
        deadline_.move_to(
            within_timeout(spoke ? tls_quiet_period : tls_first_message_wait + facts_.handshake_took));
        while (read_on() && !deadline_.passed()) {
            if (!spoke && facts_.message_after_handshake) {
                spoke = true;
                deadline_.move_to(within_timeout(tls_quiet_period));
            }
            if (co_await deadline_.wait(socket_, Socket::wait_read) == Deadline::Wait::expired) {
                read_on();
                break;
            }
        }
        facts_.watched = Clock::now() - began;
    }

    /// Reads what is there; false when nothing more is to be expected.
    bool read_on() {
        const std::uint64_t most = facts_.bytes_received + most_watched_bytes;
        std::array<char, 4096> data;
        while (!closed_ && facts_.bytes_received < most) {
            ERR_clear_error();
            const int result = SSL_read(ssl_.get(), data.data(), static_cast<int>(data.size()));
            const int want = SSL_get_error(ssl_.get(), result);
            facts_.message_after_handshake =
                facts_.message_after_handshake || result > 0 || recorder_.spoke_after_handshake();
            if (result > 0) {
                continue;
            }
            if (want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE) {
                return true;
            }
            if (want != SSL_ERROR_ZERO_RETURN) {
                note_failure(want);
                return false;
            }
            closed_ = true;
        }
        return closed_ && !transport_.read_to_end();
    }

    void collect() {
        SSL* ssl = ssl_.get();
        facts_.chain = read_chain(SSL_get_peer_cert_chain(ssl));
        if (facts_.bytes_sent == 0) {
            facts_.progress = TlsProgress::not_started;
        }
        if (facts_.progress < TlsProgress::server_hello) {
            return;
        }
        facts_.version = facts_.refused_by_us ? recorder_.offered_version() : SSL_get_version(ssl);
        if (const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl)) {
            facts_.cipher = SSL_CIPHER_get_name(cipher);
        }
        if (const int group = static_cast<int>(SSL_get_negotiated_group(ssl)); group != 0) {
            const char* name = SSL_group_to_name(ssl, group);
            facts_.group = name != nullptr ? name : "";
        }
        const unsigned char* protocol = nullptr;
        unsigned length = 0;
        SSL_get0_alpn_selected(ssl, &protocol, &length);
        facts_.alpn = escaped({reinterpret_cast<const char*>(protocol), length});
    }

    /// close_notify, so that the server logs no error; it is no observation, and so not in the facts.
    void say_goodbye() {
        TlsRecorder::detach(ssl_.get());
        if (facts_.progress == TlsProgress::complete && !broken_) {
            const auto sent = facts_.bytes_sent;
            ERR_clear_error();
            SSL_shutdown(ssl_.get());
            facts_.bytes_sent = sent;
        }
        ERR_clear_error();
    }

    TlsProbe probe_;
    Socket socket_;
    Clock::time_point started_;
    Deadline deadline_;
    Observation observation_;
    TlsFacts& facts_;
    TlsTransport transport_;
    TlsRecorder recorder_;
    std::unique_ptr<SSL, SslFree> ssl_;
    bool broken_ = false;  ///< OpenSSL forbids further calls on the connection after a fatal error
    bool closed_ = false;  ///< close_notify came
};

}  // namespace

asio::awaitable<Observation> probe_tls(TlsProbe probe, asio::ip::tcp::socket socket) {
    auto executor = co_await asio::this_coro::executor;
    Handshake handshake(std::move(probe), std::move(socket), std::move(executor));
    co_return co_await handshake.run();
}

asio::awaitable<TlsResult> open_tls(TlsProbe probe, asio::ip::tcp::socket socket) {
    co_return TlsResult{co_await probe_tls(std::move(probe), std::move(socket)), nullptr};
}

}  // namespace whylink::probes
