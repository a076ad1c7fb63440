#include "hello_rules.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>
#include <string_view>

#include "probes/tls/bounds.hpp"

namespace whylink::netns_test {
namespace {

/// TCP with timestamps and nothing else: 20 bytes and 12 of options.
constexpr std::size_t tcp_header = 32;
/// nftables keeps an offset in a byte.
constexpr std::size_t max_offset = 255;

std::string client_hello(const std::string& name) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                    SSL_CTX_free);
    // The list stands before the name and moves it.
    SSL_CTX_set_cipher_list(context.get(), probes::offered_ciphers);
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
    SSL_set_connect_state(ssl.get());
    SSL_do_handshake(ssl.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "0x";
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += {digits[value >> 4U], digits[value & 0xfU]};
    }
    return text;
}

/// nft(8), raw payload expression: both in bits.
std::string payload(std::size_t offset, std::size_t size) {
    return "@th," + std::to_string(8 * (tcp_header + offset)) + "," + std::to_string(8 * size) + " ";
}

constexpr const char* with_payload = "meta length > 100 ";

}  // namespace

std::string has_server_name(const std::string& name) {
    const std::size_t offset = client_hello(name).find(name);
    if (offset == std::string::npos || tcp_header + offset > max_offset || name.size() > 16) {
        throw std::runtime_error("no rule can find " + name + " in a ClientHello");
    }
    return with_payload + payload(offset, name.size()) + hexadecimal(name) + " ";
}

std::string offers_tls13() {
    const std::string hello = client_hello("example");
    constexpr std::size_t session_id =
        5 + 4 + 2 + 32;  // behind the headers, the version and the random value
    const std::size_t suites = session_id + 1 + static_cast<unsigned char>(hello.at(session_id)) + 2;
    return begins_record() + payload(suites, 2) + hexadecimal(hello.substr(suites, 2)) + " ";
}

std::string begins_record_over(std::uint16_t size) {
    return begins_record() + payload(3, 2) + "> " + std::to_string(size) + " ";
}

std::string begins_record() {
    return with_payload + payload(0, 1) + "0x16 ";
}

}  // namespace whylink::netns_test
