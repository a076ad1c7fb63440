// An application's first exchange, as bytes: what to send, and what the answer means. No I/O, no clock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

struct AppRequest {
    config::App app = config::App::none;
    std::string host;  ///< as the protocol names the server (the Host header); an address is fine
    std::uint16_t port = 0;
    /// TLS is wanted: around everything, or begun inside the protocol where negotiates_tls() says so.
    bool tls = false;
    /// Of what is asked by HTTP: in HTTP/2, which ALPN chose, or which is known to be all that is spoken there.
    bool http2 = false;
    std::string http_path = "/";
    std::vector<unsigned> http_status;       ///< empty: the rule of the application
    std::vector<config::ExpectStep> script;  ///< of `expect`
};

/// TLS begins inside the protocol: the connection starts in plain text (postgres, mysql, and an `expect`
/// script with a starttls step).
bool negotiates_tls(const AppRequest& request);

/// One exchange. Every request is one that can be repeated for years without harm: docs/reference/applications.md.
/// Nothing that a server sends makes it throw, allocate without bound or wait for more than `max_bytes`.
class Codec {
  public:
    enum class Next {
        read,       ///< send what is in `out`, then read on
        start_tls,  ///< send what is in `out`, then make the TLS handshake and call tls_started()
        done,       ///< send what is in `out` (a farewell), and that was all; more input is not looked at
    };

    virtual ~Codec() = default;

    /// First of all, once the connection (and its TLS, where that is in front) is up. Appends to `out`.
    virtual Next start(std::string& out) = 0;
    /// More of the stream; `bytes` is never empty.
    virtual Next received(std::string_view bytes, std::string& out) = 0;
    /// After Next::start_tls.
    virtual Next tls_started(std::string& out) {
        static_cast<void>(out);
        return Next::read;
    }
    /// The verdict is there, and what is awaited only adds to it: nobody waits long for that, and its missing is no
    /// failure.
    virtual bool has_verdict() const { return false; }

    /// The server has closed its side in good order: what came is all that comes (an HTTP/1.0 reply).
    virtual void ended() {}

    /// The server takes a reset for a fault and writes it into its log, even when all was said: the
    /// connection is to end with FIN (or close_notify) instead.
    virtual bool minds_reset() const { return false; }

    /// The server holds it against this host when the exchange is broken off, so it is finished even over a TLS
    /// whose certificate is not trusted. What is sent is no secret then.
    virtual bool minds_breaking_off() const { return false; }

    /// Writes `protocol`, `reply`, `said`, `status` and `server`; the rest is the caller's.
    virtual void report(AppFacts& facts) const = 0;

    static constexpr std::size_t max_bytes = 64U << 10U;
};

/// Never null; `request.app` must not be `none`.
std::unique_ptr<Codec> make_codec(const AppRequest& request);

/// The codec of one application, which defines this for itself: codecs/NAME.cpp.
template <config::App app>
std::unique_ptr<Codec> codec_of(const AppRequest& request);

}  // namespace whylink::probes
