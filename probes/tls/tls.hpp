// The TLS probe: one handshake on a connection that is already up.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "probes/compute_budget.hpp"
#include "probes/observation.hpp"
#include "probes/tcp/stream.hpp"

namespace whylink::probes {

struct TlsSettings {
    std::string ca_file;  ///< empty: the system's store
    std::string cert_file;
    std::string key_file;
    int min_version = 0x0303;  ///< as on the wire
    std::vector<std::string> alpn;
    auto operator<=>(const TlsSettings&) const = default;
};

/// A client context made once from its settings: parsing the trust store takes tens of milliseconds. Contexts
/// with the same ca_file share one X509_STORE. Immutable, so it may be used by any number of handshakes.
class TlsContext;
using TlsContextPtr = std::shared_ptr<const TlsContext>;

/// Contexts by their settings. Not thread-safe; one for each event loop.
class TlsContexts {
  public:
    TlsContexts();
    ~TlsContexts();
    TlsContexts(const TlsContexts&) = delete;
    TlsContexts& operator=(const TlsContexts&) = delete;

    /// The context, or why this host cannot make it (a file that is missing, unreadable or does not match its
    /// key).
    std::variant<TlsContextPtr, LocalError> get(const TlsSettings& settings);
    /// Forgets all of them, so that files are read again; handshakes under way keep theirs.
    void clear();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

struct TlsProbe {
    IpAddress address;
    std::uint16_t port = 0;
    /// SNI and the name that the certificate must have; empty: no SNI, `address` is verified.
    std::string server_name;
    /// Verification always runs to the end and never stops the handshake. But a server that it does not accept gets no
    /// client certificate.
    bool verify = true;
    Withheld withhold_certificate = Withheld::no;  ///< set: why nobody gets the client certificate
    bool hand_on_untrusted =
        false;  ///< open_tls: also a connection whose certificate `verify` does not accept
    /// open_tls: also a connection that the server has closed after a good handshake, so that the application
    /// finds it closed.
    bool hand_on_closed = false;
    HelloSize hello = HelloSize::ordinary;
    /// Offers finite-field Diffie-Hellman of at most 4,096 bits, and nothing else; in TLS 1.2 at most.
    bool finite_field = false;
    bool tls12_only = false;                ///< offers no TLS 1.3
    std::shared_ptr<ComputeBudget> budget;  ///< of the round; null: one for this handshake alone
    std::chrono::milliseconds timeout{5000};
    TlsContextPtr context;  ///< never null
};

/// In TLS 1.3 a server says only after the handshake, which is complete for the client by then, that it
/// refuses the client's certificate; others reset then. So the connection is read on until the server's first
/// message (a session ticket, as a rule, which comes with the verdict or after it), its end or an alert, for
/// this long and as long again as the handshake took: on a long path the verdict is a round trip away. A server that asked
/// for a client certificate and got none is waited for until the stage's time-out, unless it was kept from that server, or
/// an application follows, whose first exchange brings the verdict: it may ask a third party, and 300 ms were seen.
inline constexpr std::chrono::milliseconds tls_first_message_wait{250};
/// And after that message, or in TLS 1.2 at once, for this long, in case that an alert or the end follows. A
/// server that refuses does so in the same breath as its tickets, but its host may be busy. It costs waiting,
/// no CPU time.
inline constexpr std::chrono::milliseconds tls_quiet_period{100};

/// Takes the connection over, which must be non-blocking, and closes it: close_notify when the handshake was
/// complete, then RST. `took` lasts until the handshake was complete or had failed; reading on comes on top,
/// and the time-out bounds both. Never throws for what the peer or this host does.
asio::awaitable<Observation> probe_tls(TlsProbe probe, asio::ip::tcp::socket socket);

struct TlsResult {
    Observation observation;
    /// The connection, when the handshake is good: complete, with a certificate that `verify` accepts, and
    /// not ended since. What the server said while it was read on is the stream's first bytes. Else null.
    StreamPtr stream;
};

/// As probe_tls(), but hands a good connection on instead of closing it.
asio::awaitable<TlsResult> open_tls(TlsProbe probe, asio::ip::tcp::socket socket);

}  // namespace whylink::probes
