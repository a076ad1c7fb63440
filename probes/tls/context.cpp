#include "probes/tls/context.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "probes/tcp/socket_options.hpp"
#include "probes/tls/bounds.hpp"
#include "probes/tls/hello_size.hpp"
#include "probes/tls/recorder.hpp"

namespace whylink::probes {
namespace {

using Context = std::unique_ptr<SSL_CTX, SslFree>;
using Store = std::unique_ptr<X509_STORE, SslFree>;

/// OpenSSL's first reason, for people; empties its queue.
std::string library_reason() {
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    ERR_clear_error();
    return reason != nullptr ? reason : "unusable";
}

/// Of a file that OpenSSL would not take: why, by the system's word where it cannot even be read.
LocalError file_error(const std::string& operation, const std::string& path) {
    std::string reason = library_reason();
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return system_error(operation + " " + path, errno);
    }
    ::close(fd);
    return {operation + " " + path, 0, std::move(reason)};
}

LocalError out_of_memory() {
    return {"TLS context", ENOMEM, library_reason()};
}

std::variant<Store, LocalError> load_store(const std::string& ca_file) {
    ERR_clear_error();
    Store store(X509_STORE_new());
    if (!store) {
        return out_of_memory();
    }
    if (ca_file.empty()) {
        // The directory's certificates are read as they are needed; that there are none shows in the
        // verification.
        X509_STORE_set_default_paths(store.get());
        return store;
    }
    if (X509_STORE_load_file(store.get(), ca_file.c_str()) != 1) {
        return file_error("ca_file", ca_file);
    }
    // As curl and Go have it: whatever the file holds is trusted, an intermediate CA too.
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
    return store;
}

/// An encrypted key would make OpenSSL ask on the terminal.
int no_password(char*, int, int, void*) {
    return -1;
}

std::optional<LocalError> use_client_certificate(SSL_CTX* context, const TlsSettings& settings) {
    if (settings.cert_file.empty()) {
        return std::nullopt;
    }
    if (SSL_CTX_use_certificate_chain_file(context, settings.cert_file.c_str()) != 1) {
        return file_error("cert_file", settings.cert_file);
    }
    const std::string& key_file = settings.key_file.empty() ? settings.cert_file : settings.key_file;
    // Also refuses a key that does not belong to the certificate.
    if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
        return file_error("key_file", key_file);
    }
    return std::nullopt;
}

/// RFC 7301 section 3.1: each name behind its length.
std::optional<LocalError> offer_protocols(SSL_CTX* context, const std::vector<std::string>& names) {
    std::string wire;
    for (const auto& name : names) {
        if (name.empty() || name.size() > 255) {
            return LocalError{"alpn", EINVAL, "a protocol name has 1 to 255 bytes"};
        }
        wire += static_cast<char>(static_cast<unsigned char>(name.size()));
        wire += name;
    }
    // Zero is success here, against OpenSSL's custom.
    if (!wire.empty() && SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(wire.data()),
                                                 static_cast<unsigned>(wire.size())) != 0) {
        return LocalError{"alpn", EINVAL, library_reason()};
    }
    return std::nullopt;
}

std::optional<LocalError> set_versions(SSL_CTX* context, int min_version) {
    if (min_version < TLS1_2_VERSION) {
        // TLS 1.0 and 1.1 sign with SHA-1, which OpenSSL 3 has only at level 0
        // (SSL_CTX_set_security_level(3)).
        SSL_CTX_set_security_level(context, 0);
    }
    if (SSL_CTX_set_min_proto_version(context, min_version) != 1) {
        return LocalError{"min_version", EINVAL, library_reason()};
    }
    return std::nullopt;
}

std::variant<Context, LocalError> make_context(const TlsSettings& settings, X509_STORE* store) {
    ERR_clear_error();
    Context context(SSL_CTX_new(TLS_client_method()));
    if (!context) {
        return out_of_memory();
    }
    SSL_CTX_set1_cert_store(context.get(), store);
    SSL_CTX_set_default_passwd_cb(context.get(), no_password);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    // A record's header and body in one read.
    SSL_CTX_set_read_ahead(context.get(), 1);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    TlsRecorder::install(context.get());
    if (!limit_offer(*context) || !allow_large_hello(context.get())) {
        return out_of_memory();
    }
    if (auto error = set_versions(context.get(), settings.min_version)) {
        return *error;
    }
    if (auto error = use_client_certificate(context.get(), settings)) {
        return *error;
    }
    if (auto error = offer_protocols(context.get(), settings.alpn)) {
        return *error;
    }
    return context;
}

}  // namespace

struct TlsContexts::Impl {
    std::map<std::string, Store> stores;  // by ca_file
    std::map<TlsSettings, TlsContextPtr> contexts;

    std::variant<X509_STORE*, LocalError> store(const std::string& ca_file) {
        const auto known = stores.find(ca_file);
        if (known != stores.end()) {
            return known->second.get();
        }
        auto loaded = load_store(ca_file);
        if (auto* error = std::get_if<LocalError>(&loaded)) {
            return std::move(*error);
        }
        return stores.emplace(ca_file, std::move(std::get<Store>(loaded))).first->second.get();
    }
};

TlsContexts::TlsContexts() : impl_(std::make_unique<Impl>()) {}
TlsContexts::~TlsContexts() = default;

std::variant<TlsContextPtr, LocalError> TlsContexts::get(const TlsSettings& settings) {
    if (const auto known = impl_->contexts.find(settings); known != impl_->contexts.end()) {
        return known->second;
    }
    auto store = impl_->store(settings.ca_file);
    if (auto* error = std::get_if<LocalError>(&store)) {
        return std::move(*error);
    }
    auto made = make_context(settings, std::get<X509_STORE*>(store));
    if (auto* error = std::get_if<LocalError>(&made)) {
        return std::move(*error);
    }
    auto context = std::make_shared<const TlsContext>(std::move(std::get<Context>(made)), settings);
    impl_->contexts.emplace(settings, context);
    return context;
}

void TlsContexts::clear() {
    impl_->contexts.clear();
    impl_->stores.clear();
}

}  // namespace whylink::probes
