// Messages of PostgreSQL's protocol 3.0 (PostgreSQL 15, chapter "Frontend/Backend Protocol").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probes/observation.hpp"

namespace whylink::probes::postgres {

/// SSLRequest, which has no type byte.
std::string ssl_request();
/// StartupMessage of a user and database; says who asks by its application_name.
std::string startup_message(std::string_view user, std::string_view database);
/// Terminate.
std::string terminate();

struct Message {
    char type = 0;
    std::string_view body;
};

enum class Framing { incomplete, message, impossible };

/// The first message of `bytes`, before the login is through. A length that its type cannot have is
/// impossible, and known as such at its first wrong byte. `message` refers to `bytes`.
Framing read_message(std::string_view bytes, Message& message);

/// The fields of an ErrorResponse that a client reads; those that are missing are empty. Nothing else may be
/// relied on to be English.
struct Error {
    std::string_view sqlstate;
    std::string_view text;
    std::string_view routine;  ///< of the server's source
};
Error read_error(std::string_view body);

/// What such an error says of who asks without credentials.
AppReply meaning_of(const Error& error);

/// Of a ParameterStatus: the two that say whether the session takes writes (libpq, `target_session_attrs`):
/// in_hot_standby, of PostgreSQL 14 and later, and default_transaction_read_only. Nothing for all others.
std::optional<bool> read_only(std::string_view body);

/// Of an AuthenticationRequest's body: 0 is AuthenticationOk.
std::optional<std::uint32_t> authentication_type(std::string_view body);
/// For people: "asks for SCRAM-SHA-256".
std::string authentication_name(std::uint32_t type);

}  // namespace whylink::probes::postgres
