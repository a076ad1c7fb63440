#include "probes/tls/hello_size.hpp"

#include <array>

#include "probes/tls/recorder.hpp"

namespace whylink::probes {
namespace {

/// One of the sixteen values of RFC 8701 section 2.
constexpr unsigned grease_extension = 0x5a5a;

/// The callback of SSL_CTX_add_custom_ext(3): 1 adds the extension, 0 leaves it out.
int add(SSL* ssl, unsigned /*type*/, unsigned /*context*/, const unsigned char** data, std::size_t* size,
        X509* /*certificate*/, std::size_t /*index*/, int* /*alert*/, void* /*argument*/) {
    static constexpr std::array<unsigned char, large_hello_bytes> zeros{};
    const auto* recorder = static_cast<const TlsRecorder*>(SSL_get_app_data(ssl));
    if (recorder == nullptr || !recorder->wants_large_hello()) {
        return 0;
    }
    *data = zeros.data();
    *size = zeros.size();
    return 1;
}

}  // namespace

bool allow_large_hello(SSL_CTX* context) {
    return SSL_CTX_add_custom_ext(context, grease_extension, SSL_EXT_CLIENT_HELLO, add, nullptr, nullptr,
                                  nullptr, nullptr) == 1;
}

void shorten_hello(SSL& connection) {
    SSL_set_alpn_protos(&connection, nullptr, 0);
    SSL_set1_groups_list(&connection, "X25519:P-256");
}

}  // namespace whylink::probes
