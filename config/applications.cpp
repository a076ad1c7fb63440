#include "config/applications.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace whylink::config {
namespace {

// ---- ports ----

using Port = std::uint16_t;
constexpr std::array<Port, 2> http_ports{80, 8080};
constexpr std::array<Port, 2> https_ports{443, 8443};
/// HTTP, and the native protocol in plain text.
constexpr std::array<Port, 2> clickhouse_ports{8123, 9000};
/// In plain text and over TLS, as ClickHouse and its cloud have them.
constexpr std::array<Port, 2> clickhouse_native_ports{9000, 9440};
constexpr std::array<Port, 1> redis_ports{6379};
constexpr std::array<Port, 1> mqtt_ports{1883};
constexpr std::array<Port, 1> postgres_ports{5432};
constexpr std::array<Port, 1> mysql_ports{3306};
constexpr std::array<Port, 1> mongodb_ports{27017};
constexpr std::array<Port, 1> kafka_ports{9092};
constexpr std::array<Port, 1> tds_ports{1433};

// ---- the rows ----

constexpr std::array<Application, count_of<App>> rows{{
    {.app = App::none},
    {.app = App::http, .plain_ports = http_ports, .over_http = true},
    {.app = App::clickhouse,
     .plain_ports = clickhouse_ports,
     .over_http = true,
     .native_ports = clickhouse_native_ports},
    {.app = App::redis, .plain_ports = redis_ports},
    {.app = App::mqtt, .plain_ports = mqtt_ports},
    {.app = App::postgres, .plain_ports = postgres_ports, .tls = TlsStart::inside},
    {.app = App::mysql, .plain_ports = mysql_ports, .tls = TlsStart::inside, .server_speaks_first = true},
    {.app = App::mongodb, .plain_ports = mongodb_ports},
    {.app = App::kafka, .plain_ports = kafka_ports},
    {.app = App::tds, .plain_ports = tds_ports, .tls = TlsStart::inside},
    {.app = App::expect, .tls = TlsStart::by_script},
}};

consteval bool are_in_order() {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].app != static_cast<App>(i)) {
            return false;
        }
    }
    return true;
}
static_assert(are_in_order(), "the rows are not in the order of the enum");

bool has(std::span<const Port> ports, Port port) {
    return std::ranges::find(ports, port) != ports.end();
}

}  // namespace

const Application& application(App app) {
    return rows[static_cast<std::size_t>(app)];
}

App app_by_port(std::uint16_t port) {
    const auto* const found =
        std::ranges::find_if(rows, [port](const Application& row) { return has(row.plain_ports, port); });
    return found == rows.end() ? App::none : found->app;
}

App plain_guess(std::uint16_t port) {
    const App usual = app_by_port(port);
    return usual == App::none && has(https_ports, port) ? App::http : usual;
}

bool speaks_natively(App app, std::uint16_t port) {
    return has(application(app).native_ports, port);
}

}  // namespace whylink::config
