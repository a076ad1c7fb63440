// The chain that verification built, which is not what the server sent: it leaves out what no path needs (an expired
// cross-sign), and takes from this host's store what the server did not send.
#pragma once

#include <openssl/ssl.h>

#include "probes/observation.hpp"
#include "probes/tls/tls.hpp"

namespace whylink::probes {

/// Where certificates come from that the server did not send.
CertificateSource own_source(const TlsSettings& settings);

/// Fills `path` and `intermediate_not_sent` of `facts`, whose `chain` and `verify_faults` are there. Nothing where
/// the handshake did not get as far as a certificate. `own` is own_source().
void read_path(SSL& ssl, CertificateSource own, TlsFacts& facts);

}  // namespace whylink::probes
