// The applications that whylink speaks to: a row for each, with all that is known of one but its codec, which is
// in probes/app/codecs/, and its first bytes (first_bytes.hpp).
#pragma once

#include <cstdint>
#include <span>

#include "config/vocabulary.hpp"

namespace whylink::config {

enum class App { none, http, clickhouse, redis, mqtt, postgres, mysql, mongodb, kafka, tds, expect };

consteval auto vocabulary(App) {
    using enum App;
    return terms<App>({{none, "none"},
                       {http, "http", "HTTP"},
                       {clickhouse, "clickhouse", "ClickHouse"},
                       {redis, "redis", "Redis"},
                       {mqtt, "mqtt", "MQTT"},
                       {postgres, "postgres", "PostgreSQL"},
                       {mysql, "mysql", "MySQL"},
                       {mongodb, "mongodb", "MongoDB"},
                       {kafka, "kafka", "Kafka"},
                       {tds, "tds", "SQL Server"},
                       {expect, "expect", "`expect_script`"}});
}

/// Where TLS begins.
enum class TlsStart {
    in_front,   ///< of everything: the application does not know of it
    inside,     ///< the connection starts in plain text, and the protocol itself asks for TLS
    by_script,  ///< inside where the endpoint's script has such a step
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
};

/// `none` has a row too.
const Application& application(App app);

/// The one that is usual at the port without TLS; `none` where no port says so.
App app_by_port(std::uint16_t port);

/// What may be asked at the port in plain text where nothing says what is there: app_by_port(), and HTTP where HTTPS
/// usually is.
App plain_guess(std::uint16_t port);

/// It speaks a protocol of its own there, and not HTTP.
bool speaks_natively(App app, std::uint16_t port);

}  // namespace whylink::config
