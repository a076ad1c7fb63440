#include "probes/tls/transport.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "probes/tcp/stream_socket.hpp"

namespace whylink::probes {

bool looks_like_tls(std::string_view first_bytes) {
    constexpr char first_type = 20;
    constexpr char last_type = 23;
    constexpr char major_version = 3;
    return !first_bytes.empty() && first_bytes[0] >= first_type && first_bytes[0] <= last_type &&
           (first_bytes.size() == 1 || first_bytes[1] == major_version);
}

/// The callbacks of BIO_meth_new(3).
struct TlsTransport::Bio {
    static TlsTransport& transport(BIO* bio) { return *static_cast<TlsTransport*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* data, std::size_t size, std::size_t* got) {
        return transport(bio).read(bio, data, size, got);
    }
    static int write(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
        return transport(bio).write(bio, data, size, written);
    }
    /// Nothing is buffered. BIO_CTRL_EOF is left at "no", or OpenSSL would answer an end with an alert.
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

    static const BIO_METHOD* method() {
        static const auto made = [] {
            std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> method(
                BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "whylink"), &BIO_meth_free);
            BIO_meth_set_read_ex(method.get(), read);
            BIO_meth_set_write_ex(method.get(), write);
            BIO_meth_set_ctrl(method.get(), control);
            return method;
        }();
        return made.get();
    }
};

BIO* TlsTransport::make_bio() {
    BIO* bio = BIO_new(Bio::method());
    if (bio != nullptr) {
        BIO_set_data(bio, this);
        BIO_set_init(bio, 1);
    }
    return bio;
}

int TlsTransport::read(BIO* bio, char* data, std::size_t size, std::size_t* got) {
    BIO_clear_retry_flags(bio);
    if (stop_ != Stop::no || facts_.end != StreamEnd::none) {
        return 0;
    }
    if (wants_off_loop()) {
        BIO_set_retry_read(bio);
        return 0;
    }
    if (!reads_freely_) {
        size = std::min<std::size_t>(size, max_bytes_on_loop - facts_.bytes_received);
    }
    const ssize_t received = ::recv(fd_, data, size, 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) {
        BIO_set_retry_read(bio);
        return 0;
    }
    if (received <= 0) {
        note_end(received < 0 ? errno : 0);
        return 0;
    }
    *got = static_cast<std::size_t>(received);
    note_received({data, *got});
    return stop_ == Stop::no ? 1 : 0;
}

void TlsTransport::note_received(std::string_view bytes) {
    facts_.bytes_received += bytes.size();
    if (facts_.first_bytes.size() < kept_tls_first_bytes) {
        facts_.first_bytes += bytes.substr(0, kept_tls_first_bytes - facts_.first_bytes.size());
        facts_.first_bytes_are_tls = looks_like_tls(facts_.first_bytes);
    }
    if (!facts_.first_bytes_are_tls) {
        stop_ = Stop::not_tls;
    } else if (facts_.bytes_received > max_received_) {
        stop_ = Stop::too_much;
    }
}

void TlsTransport::note_end(int error) {
    // An error is reported once: after a write got the RST, the read that follows sees an ordinary end.
    facts_.error = error != 0 ? error : write_error_ == ECONNRESET ? ECONNRESET : 0;
    facts_.end = stream_end(facts_.error);
}

int TlsTransport::write(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
    BIO_clear_retry_flags(bio);
    *written = size;
    if (write_error_ != 0) {
        return 1;
    }
    const ssize_t sent = ::send(fd_, data, size, MSG_NOSIGNAL);
    if (sent >= 0) {
        *written = static_cast<std::size_t>(sent);
        facts_.bytes_sent += *written;
        return 1;
    }
    if (errno == EAGAIN || errno == EINTR) {
        BIO_set_retry_write(bio);
        return 0;
    }
    if (errno == EPIPE || errno == ECONNRESET) {
        write_error_ = errno;
        return 1;
    }
    facts_.error = errno;
    return 0;
}

bool TlsTransport::read_to_end() {
    std::array<char, 4096> ignored;
    // A peer that sends without end must not keep the loop to itself.
    constexpr int max_reads = 64;
    for (int reads = 0; reads < max_reads && facts_.end == StreamEnd::none && facts_.error == 0; ++reads) {
        const ssize_t received = ::recv(fd_, ignored.data(), ignored.size(), 0);
        if (received < 0 && (errno == EAGAIN || errno == EINTR)) {
            return false;
        }
        if (received <= 0) {
            note_end(received < 0 ? errno : 0);
        }
    }
    return facts_.end != StreamEnd::none || facts_.error != 0;
}

}  // namespace whylink::probes
