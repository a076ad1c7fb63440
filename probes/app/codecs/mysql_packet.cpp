#include "probes/app/codecs/mysql_packet.hpp"

#include <algorithm>

namespace whylink::probes::mysql {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t header_size = 4;
constexpr std::uint32_t max_packet = 1U << 24U;  ///< that we would take
constexpr unsigned utf8 = 33;                    ///< character set utf8mb3_general_ci, known to all of them

std::uint32_t little_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes.size() && i < 4; ++i) {
        value |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return value;
}

std::string little_endian(std::uint32_t value, std::size_t size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) {
        bytes += static_cast<char>(value >> (8 * i));
    }
    return bytes;
}

/// Takes `size` bytes from the front, or all that there are.
std::string_view take(std::string_view& bytes, std::size_t size) {
    const std::string_view front = bytes.substr(0, size);
    bytes.remove_prefix(front.size());
    return front;
}

std::string_view take_text(std::string_view& bytes) {
    const std::string_view text = take(bytes, std::min(bytes.find('\0'), bytes.size()));
    take(bytes, 1);
    return text;
}

}  // namespace

Framing read_packet(std::string_view bytes, std::size_t most, Packet& packet) {
    const std::size_t high = little_endian(bytes.substr(0, 3)) & ~std::size_t{0xff};
    if (high > most) {
        return Framing::impossible;
    }
    if (bytes.size() < 3) {
        return Framing::incomplete;
    }
    const std::size_t size = little_endian(bytes.substr(0, 3));
    if (size == 0 || size > most) {
        return Framing::impossible;
    }
    if (bytes.size() < header_size + size) {
        return Framing::incomplete;
    }
    packet = {.sequence = static_cast<std::uint8_t>(bytes[3]), .body = bytes.substr(header_size, size)};
    return Framing::packet;
}

std::string packet(std::uint8_t sequence, std::string_view body) {
    std::string bytes = little_endian(static_cast<std::uint32_t>(body.size()), 3);
    bytes += static_cast<char>(sequence);
    bytes += body;
    return bytes;
}

bool read_greeting(std::string_view body, Greeting& greeting) {
    take(body, 1);
    greeting.version = take_text(body);
    if (greeting.version.starts_with("5.5.5-")) {
        greeting.version.remove_prefix(6);
    }
    constexpr std::size_t thread_challenge_filler = 4 + 8 + 1;
    if (body.size() < thread_challenge_filler + 2) {
        return false;
    }
    take(body, thread_challenge_filler);
    greeting.capabilities = little_endian(take(body, 2));
    constexpr std::size_t character_set_and_status = 1 + 2;
    take(body, character_set_and_status);
    greeting.capabilities |= little_endian(take(body, 2)) << 16U;
    const std::size_t challenge = little_endian(take(body, 1));
    constexpr std::size_t reserved = 10;
    take(body, reserved);
    if ((greeting.capabilities & client_secure_connection) != 0) {
        take(body, std::max<std::size_t>(13, challenge < 8 ? 0 : challenge - 8));
    }
    if ((greeting.capabilities & client_plugin_auth) != 0) {
        greeting.plugin = take_text(body);
    }
    return true;
}

Error read_error(std::string_view body) {
    take(body, 1);
    Error error;
    error.code = little_endian(take(body, 2));
    constexpr std::size_t sqlstate = 6;
    if (body.starts_with('#')) {
        take(body, sqlstate);
    }
    error.text = body;
    return error;
}

std::uint32_t login_capabilities(const Greeting& greeting, bool tls) {
    const std::uint32_t wanted = client_long_password | client_protocol_41 | client_transactions |
                                 client_secure_connection | client_plugin_auth | (tls ? client_ssl : 0U);
    // These two say how the packet is laid out; every server since 2003 knows them.
    return (greeting.capabilities & wanted) | client_protocol_41 | client_secure_connection;
}

std::string ssl_request(std::uint32_t capabilities) {
    constexpr std::size_t reserved = 23;
    return little_endian(capabilities, 4) + little_endian(max_packet, 4) + little_endian(utf8, 1) +
           std::string(reserved, '\0');
}

std::string login(std::uint32_t capabilities, std::string_view user, std::string_view plugin) {
    const std::string answer = first_answer(plugin);
    std::string body = ssl_request(capabilities);
    body += user;
    body += '\0';
    body += static_cast<char>(answer.size());
    body += answer;
    if ((capabilities & client_plugin_auth) != 0) {
        body += plugin;
        body += '\0';
    }
    return body;
}

std::string first_answer(std::string_view plugin) {
    constexpr std::size_t ed25519_signature = 64;
    if (plugin == "client_ed25519"sv) {
        return std::string(ed25519_signature, '\0');
    }
    if (plugin == "mysql_clear_password"sv || plugin == "dialog"sv) {
        return {'\0'};  // an empty line
    }
    return {};
}

std::string next_answer(std::string_view plugin) {
    constexpr std::size_t parsec_scramble_and_signature = 32 + 64;
    if (plugin == "parsec"sv) {
        return std::string(parsec_scramble_and_signature, '\0');
    }
    return {'\0'};  // an empty password, as caching_sha2_password and the like ask for in the end
}

}  // namespace whylink::probes::mysql
