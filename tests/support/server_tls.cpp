#include "support/server_tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace whylink::lab {
namespace {

struct BioFree {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioFree>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Bio text_bio(const std::string& text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Certificate next_certificate(BIO* bio) {
    Certificate certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), &X509_free);
    if (!certificate) {
        ERR_clear_error();  // the end of the text is an error to PEM_read_bio_X509
    }
    return certificate;
}

void require(bool good, const char* what) {
    if (!good) {
        throw std::runtime_error(std::string("test server: ") + what);
    }
}

void use_certificate(SSL_CTX* context, const TlsService& service) {
    const Bio chain = text_bio(service.certificate);
    const Certificate own = next_certificate(chain.get());
    require(own && SSL_CTX_use_certificate(context, own.get()) == 1, "no certificate");
    while (const Certificate next = next_certificate(chain.get())) {
        require(SSL_CTX_add1_chain_cert(context, next.get()) == 1, "chain");
    }
    const Bio text = text_bio(service.key);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    require(key && SSL_CTX_use_PrivateKey(context, key.get()) == 1, "key");
}

void use_dh_group(SSL_CTX* context, const std::string& name) {
    if (name.empty()) {
        SSL_CTX_set_dh_auto(context, 1);
        return;
    }
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> maker(
        EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr), &EVP_PKEY_CTX_free);
    EVP_PKEY* group = nullptr;
    require(maker && EVP_PKEY_keygen_init(maker.get()) == 1 &&
                EVP_PKEY_CTX_set_group_name(maker.get(), name.c_str()) == 1 &&
                EVP_PKEY_generate(maker.get(), &group) == 1 && SSL_CTX_set0_tmp_dh_pkey(context, group) == 1,
            "DH group");
}

void ask_for_client_certificate(SSL_CTX* context, const std::string& ca, bool optional) {
    const Bio text = text_bio(ca);
    const Certificate certificate = next_certificate(text.get());
    require(certificate && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get()) == 1 &&
                SSL_CTX_add_client_CA(context, certificate.get()) == 1,
            "client CA");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (optional ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT), nullptr);
}

struct Protocols {
    std::string wire;  // as in the extension: each behind its length
};

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                    unsigned offered_length, void* argument) {
    const auto* protocols = static_cast<const Protocols*>(argument);
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(
        &chosen, out_length, reinterpret_cast<const unsigned char*>(protocols->wire.data()),
        static_cast<unsigned>(protocols->wire.size()), offered, offered_length);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Stops at the ClientHello, leaving its SNI where `argument` points.
int note_server_name(SSL* ssl, int*, void* argument) {
    auto& name = *static_cast<std::optional<std::string>*>(argument);
    name.emplace();
    const unsigned char* data = nullptr;
    std::size_t size = 0;
    // RFC 6066, section 3: list length (2), type (1), name length (2), name.
    constexpr std::size_t before_name = 5;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) == 1 && size > before_name) {
        name->assign(reinterpret_cast<const char*>(data) + before_name, size - before_name);
    }
    return SSL_CLIENT_HELLO_RETRY;
}

void give_memory_bios(SSL* ssl) {
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
}

void feed_to(SSL* ssl, std::string_view bytes) {
    BIO_write(SSL_get_rbio(ssl), bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

ServerContext make_server_context(const TlsService& service) {
    auto protocols = std::make_shared<Protocols>();
    for (const auto& name : service.alpn) {
        protocols->wire += static_cast<char>(name.size()) + name;
    }
    // The deleter keeps what the context's callback points to.
    ServerContext context(SSL_CTX_new(TLS_server_method()),
                          [protocols](SSL_CTX* made) { SSL_CTX_free(made); });
    require(context != nullptr, "no TLS context");
    // Level 0, so that the old versions which Debian's default forbids can be offered to the client.
    const std::string ciphers = (service.ciphers.empty() ? "ALL" : service.ciphers) + ":@SECLEVEL=0";
    require(SSL_CTX_set_cipher_list(context.get(), ciphers.c_str()) == 1, "ciphers");
    use_dh_group(context.get(), service.dh_group);
    SSL_CTX_set_min_proto_version(context.get(),
                                  service.min_version != 0 ? service.min_version : TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), service.max_version);
    SSL_CTX_set_num_tickets(context.get(), service.tickets);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    const std::string session_id_context = "lab";
    SSL_CTX_set_session_id_context(context.get(),
                                   reinterpret_cast<const unsigned char*>(session_id_context.data()),
                                   static_cast<unsigned>(session_id_context.size()));
    use_certificate(context.get(), service);
    if (!service.client_ca.empty()) {
        ask_for_client_certificate(context.get(), service.client_ca, service.client_optional);
    }
    if (!service.alpn.empty()) {
        SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, protocols.get());
    }
    return context;
}

std::optional<std::string> server_name_in(std::string_view bytes) {
    std::optional<std::string> name;
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                                    &SSL_CTX_free);
    SSL_CTX_set_client_hello_cb(context.get(), note_server_name, &name);
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
    give_memory_bios(ssl.get());
    feed_to(ssl.get(), bytes);
    SSL_accept(ssl.get());
    ERR_clear_error();
    return name;
}

std::size_t length_of_records(const std::string& bytes, std::size_t& records) {
    std::size_t at = 0;
    constexpr std::size_t header = 5;
    while (records > 0 && at + header <= bytes.size()) {
        const auto high = static_cast<unsigned char>(bytes[at + 3]);
        const auto low = static_cast<unsigned char>(bytes[at + 4]);
        at += header + static_cast<std::size_t>(high << 8 | low);
        --records;
    }
    return std::min(at, bytes.size());
}

ServerTls::ServerTls(const ServerContext& context) : context_(context), ssl_(SSL_new(context.get())) {
    give_memory_bios(ssl_.get());
}

void ServerTls::feed(std::string_view encrypted) {
    feed_to(ssl_.get(), encrypted);
}

std::string ServerTls::take_output() {
    std::string output;
    std::array<char, 16384> buffer;
    for (int n;
         (n = BIO_read(SSL_get_wbio(ssl_.get()), buffer.data(), static_cast<int>(buffer.size()))) > 0;) {
        output.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return output;
}

ServerTls::Progress ServerTls::handshake() {
    ERR_clear_error();
    const int result = SSL_accept(ssl_.get());
    if (result == 1) {
        return Progress::done;
    }
    return SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ ? Progress::wants_input
                                                                    : Progress::failed;
}

ServerTls::Progress ServerTls::read(std::string& plain) {
    ERR_clear_error();
    std::array<char, 16384> buffer;
    int n = 0;
    while ((n = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))) > 0) {
        plain.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return SSL_get_error(ssl_.get(), n) == SSL_ERROR_WANT_READ ? Progress::wants_input : Progress::failed;
}

bool ServerTls::write(std::string_view plain) {
    ERR_clear_error();
    return plain.empty() || SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size())) > 0;
}

bool ServerTls::has_client_certificate() const {
    return SSL_get0_peer_certificate(ssl_.get()) != nullptr;
}

}  // namespace whylink::lab
