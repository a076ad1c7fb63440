// What a TLS probe costs beside bare OpenSSL.
#include <benchmark/benchmark.h>
#include <openssl/ssl.h>

#include "baseline.hpp"
#include "round_loop.hpp"
#include "servers.hpp"
#include "tests/support/test_ca.hpp"

namespace whylink::bench {
namespace {

constexpr const char* server_name = "abcd.link.example.test";

/// A CA and a server with a P-256 certificate of it.
struct TlsPeer {
    lab::TestCa ca;
    lab::IssuedCertificate certificate = ca.issue_server(server_name);
    ServerProcess server = ServerProcess::tls(certificate.certificate_file, certificate.key_file);
};

void tls_bare_openssl(benchmark::State& state) {
    TlsPeer peer;
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_load_verify_file(context, peer.ca.certificate_file().c_str());
    for (auto _ : state) {
        bare_tls(context, server_name, loopback(peer.server.port()));
    }
    SSL_CTX_free(context);
}
BENCHMARK(tls_bare_openssl)->MeasureProcessCPUTime()->Unit(benchmark::kMicrosecond);

/// Whole rounds: connection, handshake, reading on for a refusal, judgement. Each listens for 100 ms after
/// the session tickets, so many run side by side, as they do at work; one alone would let the CPU's caches go
/// cold in between.
void tls_round(benchmark::State& state) {
    TlsPeer peer;
    auto endpoint = endpoint_at(peer.server.port());
    endpoint.tls.server_name = server_name;
    endpoint.tls.ca_file = peer.ca.certificate_file();
    run_rounds(state, endpoint, 64);
}
BENCHMARK(tls_round)->MeasureProcessCPUTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace whylink::bench
