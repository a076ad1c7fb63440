// The bare loop at a daemon's pace: between two connections its caches go cold as the daemon's do, and it has to be
// woken for each.
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>

#include <vector>

namespace whylink::bench {

struct Pace {
    std::vector<sockaddr_in> peers;  ///< connected to in turn, over and over
    double rate = 0;                 ///< connections a second
    double seconds = 0;
};

/// The CPU time of this process for each connection, in seconds, with TLS when there is a context. Throws
/// std::runtime_error when one of them fails.
double paced(const Pace& pace, SSL_CTX* context, const char* server_name);

}  // namespace whylink::bench
