// The OpenSSL side of a TlsContext; tls.hpp is what the other layers see.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <utility>

#include "probes/tls/tls.hpp"

namespace whylink::probes {

struct SslFree {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};

class TlsContext {
  public:
    TlsContext(std::unique_ptr<SSL_CTX, SslFree> context, TlsSettings settings)
        : context_(std::move(context)), settings_(std::move(settings)) {}

    /// OpenSSL counts references inside the structure, so making an SSL changes what is immutable otherwise.
    SSL_CTX* get() const { return context_.get(); }
    /// What it was made from.
    const TlsSettings& settings() const { return settings_; }

  private:
    std::unique_ptr<SSL_CTX, SslFree> context_;
    TlsSettings settings_;
};

}  // namespace whylink::probes
