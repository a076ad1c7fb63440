// Whose a token is: the claims of a JWT, which are no secret. The signature is Azure's to check.
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "control/azure/read.hpp"
#include "control/outside_json.hpp"

namespace whylink::control {

namespace {

/// RFC 4648, section 5, without padding. Empty where a character is none of it.
std::string decoded(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::size_t value = alphabet.find(c);
        if (value == std::string_view::npos) {
            return {};
        }
        bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xffffU;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xffU);
        }
    }
    return bytes;
}

std::string_view claims_of(std::string_view token) {
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) {
        return {};
    }
    token.remove_prefix(first + 1);
    return token.substr(0, token.find('.'));
}

}  // namespace

std::string token_identity(const Secret& bearer) {
    const auto claims = parse_json(decoded(claims_of(bearer.reveal())));
    if (!claims) {
        return {};
    }
    for (const char* name : {"upn", "unique_name"}) {
        if (std::string user = json_text(*claims, name); !user.empty()) {
            return user;
        }
    }
    const std::string application = json_text(*claims, "appid");
    const std::string object = json_text(*claims, "oid");
    if (application.empty()) {
        return object.empty() ? std::string() : "object " + object;
    }
    return fmt::format("application {}{}", application, object.empty() ? "" : ", object " + object);
}

}  // namespace whylink::control
