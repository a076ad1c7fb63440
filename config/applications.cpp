#include "config/applications.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace whylink::config {
namespace {

using std::string_view_literals::operator""sv;

// ---- first bytes ----

/// Exception of ClickHouse's native protocol: packet type 2, the code as four bytes, the name's length and
/// its beginning, "DB::" (src/Server/TCPHandler.cpp, sendException).
bool is_clickhouse_exception(std::string_view bytes) {
    return bytes.size() >= 10 && bytes[0] == '\x02' && bytes.substr(6, 4) == "DB::";
}

/// CONNACK of MQTT 5 (section 3.2): flags, a reason code and properties, so that it is longer than those before.
bool is_mqtt5(std::string_view bytes) {
    const std::size_t length = bytes.size() < 5 ? 0 : static_cast<unsigned char>(bytes[1]);
    return length >= 3 && length < 128 && bytes[0] == '\x20' && (bytes[2] == '\0' || bytes[2] == '\x01') &&
           bytes.size() <= length + 2;
}

/// An ErrorResponse: 'E', a length of four bytes, and its first field, the severity.
bool is_postgres_error(std::string_view bytes) {
    return bytes.size() >= 6 && bytes.starts_with("E\0\0"sv) && bytes[5] == 'S';
}

/// Protocol::HandshakeV10 is a packet with sequence number 0 whose payload starts with 10; an error packet
/// starts with 255 ("Host is blocked").
bool is_mysql(std::string_view bytes) {
    if (bytes.size() < 6 || bytes[2] != 0 || bytes[3] != 0) {
        return false;
    }
    const auto first = static_cast<unsigned char>(bytes[4]);
    return first == 10 || first == 255;
}

constexpr std::array http_begins{Fingerprint{"HTTP", "HTTP/"}};
constexpr std::array clickhouse_begins{
    Fingerprint{"a ClickHouse server (native protocol)", {}, is_clickhouse_exception},
    // Hello: packet type 0, and a name of ten bytes.
    Fingerprint{"a ClickHouse server (native protocol)",
                "\0\x0a"
                "ClickHouse"sv},
};
constexpr std::array redis_begins{
    Fingerprint{"a Redis server", "+PONG"},
    Fingerprint{"a Redis server", "-NOAUTH"},
    Fingerprint{"a Redis server", "-LOADING"},
    Fingerprint{"a Redis server in protected mode", "-DENIED"},
};
constexpr std::array mqtt_begins{
    // CONNACK of MQTT 3.1.1, accepted or refused.
    Fingerprint{"an MQTT broker", "\x20\x02\x00"sv},
    Fingerprint{"an MQTT broker", "\x20\x02\x01"sv},
    Fingerprint{"an MQTT broker", {}, is_mqtt5},
};
constexpr std::array postgres_begins{Fingerprint{"a PostgreSQL error", {}, is_postgres_error}};
constexpr std::array mysql_begins{Fingerprint{"a MySQL or MariaDB server", {}, is_mysql}};

// ---- ports ----

using Port = std::uint16_t;
constexpr std::array<Port, 2> http_ports{80, 8080};
/// HTTP, and the native protocol in plain text.
constexpr std::array<Port, 2> clickhouse_ports{8123, 9000};
/// In plain text and over TLS, as ClickHouse and its cloud have them.
constexpr std::array<Port, 2> clickhouse_native_ports{9000, 9440};
constexpr std::array<Port, 1> redis_ports{6379};
constexpr std::array<Port, 1> mqtt_ports{1883};
constexpr std::array<Port, 1> postgres_ports{5432};
constexpr std::array<Port, 1> mysql_ports{3306};

// ---- the rows ----

constexpr std::array<Application, count_of<App>> rows{{
    {.app = App::none},
    {.app = App::http, .plain_ports = http_ports, .over_http = true, .fingerprints = http_begins},
    {.app = App::clickhouse,
     .plain_ports = clickhouse_ports,
     .over_http = true,
     .native_ports = clickhouse_native_ports,
     .fingerprints = clickhouse_begins},
    {.app = App::redis, .plain_ports = redis_ports, .fingerprints = redis_begins},
    {.app = App::mqtt, .plain_ports = mqtt_ports, .fingerprints = mqtt_begins},
    {.app = App::postgres,
     .plain_ports = postgres_ports,
     .tls = TlsStart::inside,
     .fingerprints = postgres_begins},
    // Last of those with a fingerprint: its own has the fewest bytes that are always the same.
    {.app = App::mysql,
     .plain_ports = mysql_ports,
     .tls = TlsStart::inside,
     .server_speaks_first = true,
     .fingerprints = mysql_begins},
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

bool fits(const Fingerprint& fingerprint, std::string_view first_bytes) {
    return fingerprint.fits != nullptr ? fingerprint.fits(first_bytes)
                                       : first_bytes.starts_with(fingerprint.begins);
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

bool speaks_natively(App app, std::uint16_t port) {
    return has(application(app).native_ports, port);
}

std::string_view app_by_first_bytes(std::string_view first_bytes) {
    for (const Application& row : rows) {
        const auto found = std::ranges::find_if(
            row.fingerprints, [&](const Fingerprint& known) { return fits(known, first_bytes); });
        if (found != row.fingerprints.end()) {
            return found->meaning;
        }
    }
    return {};
}

}  // namespace whylink::config
