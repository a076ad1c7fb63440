#include "probes/app/codecs/postgres_message.hpp"

#include <algorithm>
#include <array>

#include "probes/app/codecs/text.hpp"

namespace whylink::probes::postgres {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t ssl_request_code = 80877103;
constexpr std::uint32_t protocol_3_0 = 3U << 16U;

std::string big_endian(std::uint32_t value) {
    std::string bytes;
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        bytes += static_cast<char>(value >> (shift - 8));
    }
    return bytes;
}

/// As far as there are four.
std::uint32_t read_big_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4 && i < bytes.size(); ++i) {
        value |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (24 - 8 * i);
    }
    return value;
}

/// Of the length, which counts itself.
struct Bounds {
    char type;
    std::uint32_t least;
    std::uint32_t most;
};

/// The types that can come before the first ReadyForQuery. libpq (fe-connect.c) takes 2,000 bytes for an
/// authentication request and 30,000 for an error for as much as can be meant.
constexpr std::array bounds{
    Bounds{'R', 8, 2000},   Bounds{'E', 5, 30'000}, Bounds{'N', 5, 30'000}, Bounds{'v', 12, 2000},
    Bounds{'S', 6, 30'000}, Bounds{'K', 12, 300},   Bounds{'Z', 5, 5},
};

/// Whether the bytes of a length that are there can be the beginning of one within the bounds.
bool can_be_length(std::string_view bytes, const Bounds& bound) {
    const std::uint32_t least = read_big_endian(bytes);
    const std::size_t missing = bytes.size() < 4 ? 4 - bytes.size() : 0;
    const std::uint32_t open = missing == 4 ? ~0U : (1U << (8 * missing)) - 1;
    return least <= bound.most && (least | open) >= bound.least;
}

struct KnownState {
    std::string_view begins;  ///< an SQLSTATE or its class (PostgreSQL 15, appendix A)
    AppReply means;
};

constexpr std::array known_states{
    KnownState{"28", AppReply::wants_credentials},     // unknown role or password, certificate
    KnownState{"42501", AppReply::wants_credentials},  // no right to connect to the database
    KnownState{"3D000", AppReply::served},             // no such database: looked up after the login
    KnownState{"53", AppReply::cannot_serve},          // out of connections, memory, disk
    KnownState{"57P", AppReply::cannot_serve},         // starting up, shutting down
    KnownState{"58", AppReply::cannot_serve},          // a fault of its system
    KnownState{"XX", AppReply::cannot_serve},          // internal
};

struct KnownText {
    std::string_view part;
    AppReply means;
};

/// What poolers and clouds say under codes that say nothing themselves (08P01 of PgBouncer's client.c, 28000
/// of Azure and of AWS's RDS Proxy).
constexpr std::array known_texts{
    KnownText{"SSL required", AppReply::wants_tls},
    KnownText{"SSL connection is required", AppReply::wants_tls},
    KnownText{"sslmode=require", AppReply::wants_tls},
    KnownText{"requires TLS", AppReply::wants_tls},
    KnownText{"requires SSL", AppReply::wants_tls},
    KnownText{"must use TLS", AppReply::wants_tls},
    KnownText{"no such user", AppReply::wants_credentials},
    KnownText{"no such database", AppReply::served},
    KnownText{"no more connections allowed", AppReply::cannot_serve},
    KnownText{"cannot connect to server", AppReply::cannot_serve},
    KnownText{"server login failed", AppReply::cannot_serve},
    KnownText{"server_login_retry", AppReply::cannot_serve},
    KnownText{"shutting down", AppReply::cannot_serve},
};

/// pg_hba.conf has no line for this client, or one that rejects it. In another language the routine tells:
/// ClientAuthentication raises that, and else the want of a client certificate.
bool is_access_rule(const Error& error) {
    if (!error.sqlstate.starts_with("28")) {
        return false;
    }
    if (contains(error.text, "pg_hba.conf")) {
        return true;
    }
    return error.routine == "ClientAuthentication" && !contains(error.text, "certificate");
}

}  // namespace

std::string ssl_request() {
    return big_endian(8) + big_endian(ssl_request_code);
}

std::string startup_message(std::string_view user, std::string_view database) {
    std::string body = big_endian(protocol_3_0);
    for (const std::string_view text :
         {"user"sv, user, "database"sv, database, "application_name"sv, "whylink"sv}) {
        body += text;
        body += '\0';
    }
    body += '\0';
    return big_endian(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

std::string terminate() {
    return 'X' + big_endian(4);
}

Framing read_message(std::string_view bytes, Message& message) {
    if (bytes.empty()) {
        return Framing::incomplete;
    }
    const auto* bound = std::ranges::find(bounds, bytes.front(), &Bounds::type);
    if (bound == bounds.end() || !can_be_length(bytes.substr(1), *bound)) {
        return Framing::impossible;
    }
    if (bytes.size() < 5) {
        return Framing::incomplete;
    }
    const std::size_t length = read_big_endian(bytes.substr(1));
    if (bytes.size() < 1 + length) {
        return Framing::incomplete;
    }
    message = {.type = bytes.front(), .body = bytes.substr(5, length - 4)};
    return Framing::message;
}

Error read_error(std::string_view body) {
    Error error;
    while (!body.empty() && body.front() != '\0') {
        const std::size_t end = std::min(body.find('\0'), body.size());
        const std::string_view value = body.substr(1, end - 1);
        if (body.front() == 'C') {
            error.sqlstate = value;
        } else if (body.front() == 'M') {
            error.text = value;
        } else if (body.front() == 'R') {
            error.routine = value;
        }
        body.remove_prefix(std::min(end + 1, body.size()));
    }
    return error;
}

AppReply meaning_of(const Error& error) {
    for (const KnownText& known : known_texts) {
        if (contains(error.text, known.part)) {
            return known.means;
        }
    }
    if (is_access_rule(error)) {
        return AppReply::forbidden;
    }
    for (const KnownState& known : known_states) {
        if (error.sqlstate.starts_with(known.begins)) {
            return known.means;
        }
    }
    return AppReply::unexpected;
}

std::optional<bool> read_only(std::string_view body) {
    const std::size_t name_end = body.find('\0');
    if (name_end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view name = body.substr(0, name_end);
    if (name != "in_hot_standby" && name != "default_transaction_read_only") {
        return std::nullopt;
    }
    const std::string_view value = body.substr(name_end + 1);
    return value.substr(0, value.find('\0')) == "on";
}

std::optional<std::uint32_t> authentication_type(std::string_view body) {
    if (body.size() < 4) {
        return std::nullopt;
    }
    return read_big_endian(body);
}

std::string authentication_name(std::uint32_t type) {
    switch (type) {
        case 2:
            return "asks for Kerberos V5";
        case 3:
            return "asks for a password in clear text";
        case 5:
            return "asks for a password, MD5";
        case 7:
        case 9:
            return "asks for GSSAPI or SSPI";
        case 10:
            return "asks for a password, SASL";
        default:
            break;
    }
    return "asks for authentication " + std::to_string(type);
}

}  // namespace whylink::probes::postgres
