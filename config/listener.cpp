#include "config/listener.hpp"

#include <algorithm>

#include "config/address.hpp"
#include "config/ascii.hpp"
#include "config/keys.hpp"
#include "config/resolver_text.hpp"

namespace whylink::config {
namespace {

// crypt(5): "$2y$", two digits of cost, "$", 22 characters of salt and 31 of the hash.
constexpr std::size_t hash_size = 60;
constexpr std::size_t cost_at = 4;
constexpr std::size_t salt_at = 7;
constexpr unsigned min_cost = 4;
constexpr unsigned max_cost = 16;  // five seconds of a processor for each password

bool is_bcrypt_character(char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '/';
}

bool is_bcrypt(std::string_view text) {
    const std::string_view kind = text.substr(0, cost_at);
    return text.size() == hash_size && (kind == "$2a$" || kind == "$2b$" || kind == "$2y$") &&
           is_digit(text[cost_at]) && is_digit(text[cost_at + 1]) && text[salt_at - 1] == '$' &&
           std::ranges::all_of(text.substr(salt_at), is_bcrypt_character);
}

}  // namespace

bool is_user_name(std::string_view name) {
    // RFC 7617: the name ends at the first colon.
    return !name.empty() && name.find(':') == std::string_view::npos &&
           std::ranges::none_of(name, is_control);
}

Fault bcrypt_hash_fault(std::string_view hash) {
    if (!is_bcrypt(hash)) {
        return "is not a bcrypt hash";
    }
    const auto cost = parse_number<unsigned>(hash.substr(cost_at, 2)).value_or(0);
    if (cost < min_cost || cost > max_cost) {
        return "has a cost outside of 4 to 16";
    }
    return std::nullopt;
}

bool is_reachable_from_elsewhere(std::string_view listen) {
    const std::size_t colon = listen.rfind(':');
    if (colon == std::string_view::npos) {
        return false;
    }
    std::string_view host = listen.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    const auto address = IpAddress::parse(host);
    if (!address) {
        return false;
    }
    const IpAddress inside = address->embedded_v4().value_or(*address);
    return inside.is_v4() ? inside.bytes().front() != 127 : inside != IpAddress::parse("::1");
}

template <>
const Fields<ListenerTls>& fields() {
    static const auto rows = in_section<ListenerTls>(
        Section::listener_tls,
        {{
            field<&ListenerTls::cert_file>(
                {.name = "cert_file",
                 .kind = Kind::file,
                 .help = "PEM file with the certificate of the daemon and its chain.",
                 .example = "\"/etc/whylink/http.pem\"",
                 .required = true}),
            field<&ListenerTls::key_file>(
                {.name = "key_file",
                 .kind = Kind::file,
                 .help = "PEM file with the private key of the certificate, without a passphrase.",
                 .example = "\"/etc/whylink/keys/http.key\"",
                 .required = true}),
            field<&ListenerTls::client_ca_file>(
                {.name = "client_ca_file",
                 .kind = Kind::file,
                 .help =
                     "PEM file with CA certificates. Clients must have a certificate of one of them. \"\": clients "
                     "need no certificate.",
                 .example = "\"/etc/whylink/clients.pem\"",
                 .may_be_empty = true}),
        }});
    return rows;
}

}  // namespace whylink::config
