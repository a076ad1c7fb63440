// The server's side of TLS on bytes alone, for the test servers.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "support/stream_server.hpp"

namespace whylink::lab {

using ServerContext = std::shared_ptr<SSL_CTX>;

/// Throws std::runtime_error for a certificate or key that cannot be used.
ServerContext make_server_context(const TlsService& service);

/// The SNI of a ClientHello, empty when it has none; nothing while `bytes` do not hold all of it.
std::optional<std::string> server_name_in(std::string_view bytes);

/// How many of `bytes` the first `records` TLS records take (RFC 8446, section 5.1); takes them off
/// `records`.
std::size_t length_of_records(const std::string& bytes, std::size_t& records);

/// One connection: encrypted bytes are fed in and taken out, plain ones read and written.
class ServerTls {
  public:
    explicit ServerTls(const ServerContext& context);

    enum class Progress { wants_input, done, failed };

    void feed(std::string_view encrypted);
    /// What is to be sent, an alert included.
    std::string take_output();
    Progress handshake();
    /// Appends what can be decrypted; failed also at the client's close_notify.
    Progress read(std::string& plain);
    bool write(std::string_view plain);
    bool has_client_certificate() const;

  private:
    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    ServerContext context_;
    std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace whylink::lab
