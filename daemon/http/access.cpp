#include "daemon/http/access.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "config/load.hpp"

namespace whylink::daemon::http {
namespace {

using ContextPtr = std::shared_ptr<SSL_CTX>;

// Of TLS 1.2: forward secret and authenticated, and no Diffie-Hellman over finite fields, which costs this host more
// than it costs the client.
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// The last error of OpenSSL, in its words.
std::string openssl_error() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "it cannot be read";
}

/// Nobody is there to be asked for a passphrase.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
    return 0;
}

std::string fault_in(std::string_view what, const std::string& file) {
    return fmt::format("[daemon.tls] {} {}: {}", what, file, openssl_error());
}

std::optional<std::string> load_certificate(SSL_CTX* context, const config::ListenerTls& files) {
    if (SSL_CTX_use_certificate_chain_file(context, files.cert_file.c_str()) != 1) {
        return fault_in("cert_file", files.cert_file);
    }
    if (SSL_CTX_use_PrivateKey_file(context, files.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        return fault_in("key_file", files.key_file);
    }
    return std::nullopt;
}

std::optional<std::string> ask_for_certificates(SSL_CTX* context, const std::string& ca_file) {
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca_file.c_str());
    if (names == nullptr || SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return fault_in("client_ca_file", ca_file);
    }
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return std::nullopt;
}

/// Sessions are not resumed: a certificate that is no longer trusted would be good for as long as its ticket.
void harden(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, ciphers);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
}

std::variant<ContextPtr, std::string> make_context(const config::ListenerTls& files) {
    const ContextPtr context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context) {
        return "TLS cannot be had: " + openssl_error();
    }
    harden(context.get());
    if (auto fault = load_certificate(context.get(), files)) {
        return std::move(*fault);
    }
    if (!files.client_ca_file.empty()) {
        if (auto fault = ask_for_certificates(context.get(), files.client_ca_file)) {
            return std::move(*fault);
        }
    }
    return context;
}

bool has_changed(const std::vector<FileStamp>& stamps) {
    return std::ranges::any_of(stamps, [](const FileStamp& stamp) { return stamp_of(stamp.file) != stamp; });
}

std::vector<FileStamp> stamps_again(std::vector<FileStamp> stamps) {
    std::ranges::transform(stamps, stamps.begin(),
                           [](const FileStamp& stamp) { return stamp_of(stamp.file); });
    return stamps;
}

}  // namespace

FileStamp stamp_of(const std::string& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
        return {.file = file};
    }
    return {.file = file,
            .device = status.st_dev,
            .inode = status.st_ino,
            .size = status.st_size,
            .modified_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

std::variant<Access, std::string> load_access(const config::Daemon& daemon,
                                              std::vector<FileStamp> config_stamps) {
    Access access{.tls = nullptr,
                  .users = daemon.users,
                  .files = daemon.tls,
                  .tls_stamps = {},
                  .config_stamps = std::move(config_stamps)};
    if (!daemon.tls.on()) {
        return access;
    }
    // Before they are read: a change in between is seen the next time.
    for (const std::string* file :
         {&daemon.tls.cert_file, &daemon.tls.key_file, &daemon.tls.client_ca_file}) {
        if (!file->empty()) {
            access.tls_stamps.push_back(stamp_of(*file));
        }
    }
    auto context = make_context(daemon.tls);
    if (auto* fault = std::get_if<std::string>(&context)) {
        return std::move(*fault);
    }
    access.tls = std::get<ContextPtr>(std::move(context));
    return access;
}

std::optional<std::variant<Access, std::string>> refreshed(const Access& before) {
    const bool other_tls = has_changed(before.tls_stamps);
    const bool other_config = !before.users.empty() && has_changed(before.config_stamps);
    if (!other_tls && !other_config) {
        return std::nullopt;
    }
    config::Daemon wanted;
    wanted.tls = before.files;
    wanted.users = before.users;
    std::vector<FileStamp> stamps = before.config_stamps;
    if (other_config) {
        stamps = stamps_again(stamps);
        config::LoadResult loaded = config::load_file(stamps.front().file);
        if (!loaded.ok()) {
            return loaded.errors.front().to_string();
        }
        if (!loaded.config.daemon.users.empty()) {
            wanted.users = std::move(loaded.config.daemon.users);
        }
    }
    return load_access(wanted, std::move(stamps));
}

}  // namespace whylink::daemon::http
