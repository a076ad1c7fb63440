#include "probes/tls/stream.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace whylink::probes {
namespace {

using Socket = asio::ip::tcp::socket;

constexpr std::uint8_t close_notify = SSL_AD_CLOSE_NOTIFY;

class TlsStream : public Stream {
  public:
    explicit TlsStream(std::unique_ptr<TlsConnection> connection) : connection_(std::move(connection)) {
        // The server may have said goodbye already.
        std::erase_if(facts_.alerts, [](const TlsAlert& alert) { return alert.description != close_notify; });
        facts_.library_error.clear();
        SSL_set_mode(ssl(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    }
    ~TlsStream() override {
        const bool in_order = orderly_ && !status_.closed;
        if (!farewell_.empty() && can_write()) {
            ERR_clear_error();
            SSL_write(ssl(), farewell_.data(), static_cast<int>(farewell_.size()));
        }
        connection_->say_goodbye();
        if (in_order) {
            asio::error_code ignored;
            connection_->socket.close(ignored);
        }
    }
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    asio::awaitable<std::string> read(Deadline& deadline) override {
        status_.timed_out = false;
        if (!connection_->early.empty()) {
            co_return std::exchange(connection_->early, {});
        }
        connection_->transport.allow(max_handshake_bytes);
        std::string bytes(max_read, '\0');
        while (!status_.closed) {
            ERR_clear_error();
            const int size = SSL_read(ssl(), bytes.data(), static_cast<int>(bytes.size()));
            if (size > 0) {
                bytes.resize(static_cast<std::size_t>(size));
                co_return bytes;
            }
            const int want = SSL_get_error(ssl(), size);
            const auto ready = awaited_by(want);
            if (!ready) {
                note_end(want);
            } else if (!co_await becomes(*ready, deadline)) {
                break;
            }
        }
        co_return std::string();
    }

    asio::awaitable<void> write(std::string_view bytes, Deadline& deadline) override {
        status_.timed_out = false;
        while (!bytes.empty() && can_write()) {
            ERR_clear_error();
            const int size = SSL_write(ssl(), bytes.data(), static_cast<int>(bytes.size()));
            if (size > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(size));
                continue;
            }
            const int want = SSL_get_error(ssl(), size);
            const auto ready = awaited_by(want);
            if (!ready) {
                note_end(want);
            } else if (!co_await becomes(*ready, deadline)) {
                // OpenSSL has a part of a record in hand and takes nothing but its rest.
                half_written_ = true;
            }
        }
    }

    void finish() override {
        orderly_ = true;
        if (can_write()) {
            ERR_clear_error();
            SSL_shutdown(ssl());
        }
        ::shutdown(connection_->socket.native_handle(), SHUT_WR);
    }

    Socket& socket() override { return connection_->socket; }
    Socket release() override { return std::move(connection_->socket); }

  private:
    SSL* ssl() { return connection_->ssl.get(); }
    bool can_write() const { return !status_.closed && !connection_->broken && !half_written_; }

    /// Of the TLS, by close_notify or a failure; the end of TCP beneath is noted where it is there already.
    void note_end(int want) {
        if (want == SSL_ERROR_ZERO_RETURN) {
            connection_->closed = true;
        } else {
            connection_->note_failure(want);
        }
        connection_->transport.read_to_end();
        status_.closed = true;
        status_.end = facts_.end;
        status_.error = facts_.error;
        status_.alerts = facts_.alerts;
        status_.library_error = facts_.library_error;
    }

    std::unique_ptr<TlsConnection> connection_;
    TlsFacts& facts_ = connection_->facts;
    bool half_written_ = false;
};

}  // namespace

StreamPtr tls_stream(std::unique_ptr<TlsConnection> connection) {
    return std::make_unique<TlsStream>(std::move(connection));
}

}  // namespace whylink::probes
