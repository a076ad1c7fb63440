// TCP and TLS servers for tests: good ones, and each way in which a server can go wrong.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/server_loop.hpp"

namespace whylink::lab {

/// What becomes of a connection when its script is over.
enum class Ending {
    hold,   ///< stays up and reads on until the client ends it
    reset,  ///< RST (SO_LINGER 0)
    close,  ///< close(2): FIN
};

struct TlsService {
    std::string certificate;  ///< PEM, the server's own first, then its chain
    std::string key;          ///< PEM
    int min_version = 0;      ///< as on the wire (0x0303 is TLS 1.2); 0: the library's
    int max_version = 0;
    std::string ciphers;    ///< of TLS 1.2 and older; empty: all
    std::string dh_group;   ///< of DHE, by OpenSSL's name (EVP_PKEY-DH(7)); empty: as the key's size asks for
    std::string client_ca;  ///< PEM; not empty: a client certificate of this CA is required
    bool client_optional = false;   ///< it is asked for, and may be missing
    std::vector<std::string> alpn;  ///< not empty: one of these, or alert 120
    unsigned tickets = 2;           ///< TLS 1.3 session tickets after the handshake
    /// How long the server takes to judge what the client sends second, its certificate above all.
    std::chrono::milliseconds verdict_delay{0};
    std::size_t records = 0;  ///< not 0: the script ends after so many records of the handshake
};

struct NamedBehaviour;

/// A script: read, send, echo, end — inside TLS where `tls` is set. The default accepts and stays silent.
struct StreamBehaviour {
    /// Chosen by the SNI of the ClientHello; other names: the rest of this.
    std::vector<NamedBehaviour> by_name;
    std::optional<TlsService> tls;
    bool read_first = false;  ///< waits for the client's first bytes
    std::string send;
    std::uint64_t send_total = 0;       ///< `send` is repeated up to so many bytes; 0: once
    std::chrono::milliseconds drip{0};  ///< not 0: a byte each
    bool echo = false;
    Ending ending = Ending::hold;
};

struct NamedBehaviour {
    std::string server_name;
    StreamBehaviour behaviour;
};

constexpr std::uint64_t endless = std::numeric_limits<std::uint64_t>::max();

/// Silent once accepted.
StreamBehaviour silent();
/// RST or FIN, without a byte read or sent.
StreamBehaviour reset_at_accept();
StreamBehaviour close_at_accept();
/// RST or FIN once the client has sent something: what a service does to an endpoint that is not on its
/// allow-list.
StreamBehaviour reset_after_read();
StreamBehaviour close_after_read();
/// Says this at once, like SSH or MySQL, and stays.
StreamBehaviour greets(std::string banner);
/// Says this once the client has said something, and closes.
StreamBehaviour replies(std::string reply);
/// Answers the ClientHello with a fatal alert (RFC 8446, section 6) and closes.
StreamBehaviour alerts(std::uint8_t description);
/// Speaks TLS, and echoes inside.
StreamBehaviour speaks(TlsService tls);
/// Goes through `records` records of its side of the handshake, then ends so.
StreamBehaviour stops_in_handshake(TlsService tls, std::size_t records, Ending ending);
/// Completes the handshake, sends no session ticket, and ends so.
StreamBehaviour stops_after_handshake(TlsService tls, Ending ending);
StreamBehaviour echoes();

/// Listens, and plays the script for each connection; the port is returned. The server lives as long as the
/// loop. Throws std::system_error when the socket cannot be opened, std::runtime_error for a certificate that
/// cannot be used.
std::uint16_t start_stream_server(ServerLoop& loop, const Place& place, const StreamBehaviour& behaviour);

/// Scripts handed out one by one: a server behind a gate holds each connection, silent, until the test says
/// what becomes of it. So a test goes through a client's connections step by step. Thread-safe; must not
/// outlive the loop.
class Gate {
  public:
    explicit Gate(ServerLoop& loop);
    /// For the connection that waits, or for the next one.
    void let(const StreamBehaviour& behaviour);

  private:
    friend std::uint16_t start_stream_server(ServerLoop& loop, const Place& place, const Gate& gate);
    struct Queue;
    std::shared_ptr<Queue> queue_;
};

/// As above. One connection waits at the gate at a time, the others in the queue of listen(2).
std::uint16_t start_stream_server(ServerLoop& loop, const Place& place, const Gate& gate);

}  // namespace whylink::lab
