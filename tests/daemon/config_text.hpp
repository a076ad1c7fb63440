// Configurations of these tests, as text.
#pragma once

#include <cstdint>
#include <string>

namespace whylink::daemon_test {

/// The port of the daemon's HTTP, on the client's loopback, unless a test moves it.
inline constexpr std::uint16_t http_port = 9797;

/// [daemon] with JSON logs, and further keys; then [capture], whose evidence goes into the folder "evidence"
/// beside the config unless its keys say otherwise; then [defaults] with intervals as short as they may be.
std::string head(const std::string& daemon = {}, const std::string& defaults = {},
                 std::uint16_t port = http_port, const std::string& capture = {});
/// A plain TCP endpoint, watched for 50 ms once it has accepted; `more` are further keys.
std::string plain(const std::string& name, const std::string& at, std::uint16_t port,
                  const std::string& more = {});
/// A TLS endpoint that trusts the lab's CA.
std::string secure(const std::string& name, const std::string& at, std::uint16_t port,
                   const std::string& more = {});
std::string zone(const std::string& name, const std::string& of, const std::string& more = {});

}  // namespace whylink::daemon_test
