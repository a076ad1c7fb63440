// The applications that whylink speaks to: a row for each, with all that is known of one beside its codec, which is
// in probes/app/codecs/.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "config/vocabulary.hpp"

namespace whylink::config {

enum class App { none, http, clickhouse, redis, mqtt, postgres, mysql, expect };

consteval auto vocabulary(App) {
    using enum App;
    return terms<App>({{none, "none"},
                       {http, "http", "HTTP"},
                       {clickhouse, "clickhouse", "ClickHouse"},
                       {redis, "redis", "Redis"},
                       {mqtt, "mqtt", "MQTT"},
                       {postgres, "postgres", "PostgreSQL"},
                       {mysql, "mysql", "MySQL"},
                       {expect, "expect", "`expect_script`"}});
}

/// Where TLS begins.
enum class TlsStart {
    in_front,   ///< of everything: the application does not know of it
    inside,     ///< the connection starts in plain text, and the protocol itself asks for TLS
    by_script,  ///< inside where the endpoint's script has such a step
};

/// What the first bytes of a server are when it speaks the application's protocol.
struct Fingerprint {
    std::string_view meaning;  ///< "a Redis server"
    std::string_view begins;   ///< the bytes, or empty:
    bool (*fits)(std::string_view first_bytes) = nullptr;
};

struct Application {
    App app = App::none;
    /// Where it is usually reached without TLS, which is not to say that nothing else is there.
    std::span<const std::uint16_t> plain_ports = {};
    TlsStart tls = TlsStart::in_front;
    bool server_speaks_first = false;
    /// It is asked by HTTP, and the connection ends with the answer; on `native_ports` it is asked by a protocol of
    /// its own, and the connection stays open.
    bool over_http = false;
    std::span<const std::uint16_t> native_ports = {};
    std::span<const Fingerprint> fingerprints = {};
};

/// `none` has a row too.
const Application& application(App app);

/// The one that is usual at the port without TLS; `none` where no port says so.
App app_by_port(std::uint16_t port);

/// It speaks a protocol of its own there, and not HTTP.
bool speaks_natively(App app, std::uint16_t port);

/// "a Redis server"; empty when the first bytes are of none of them.
std::string_view app_by_first_bytes(std::string_view first_bytes);

}  // namespace whylink::config
