// nginx and HAProxy, in the foreground, with all their files in {dir}; up once {a} accepts on `port`.
#pragma once

#include <cstdint>
#include <string>

#include "row.hpp"

namespace whylink::netns_test {

/// `server` is what stands in its server block; it has the certificate for a `listen ... ssl`.
Daemon nginx(const std::string& server, std::uint16_t port = 5432);
/// Forwards connections. `text` are its sections.
Daemon haproxy_tcp(const std::string& text, std::uint16_t port = 5432);
/// Forwards requests.
Daemon haproxy_http(const std::string& text, std::uint16_t port);
/// The same, with certificate and key in {dir}/both.pem.
Daemon haproxy_http_with_tls(const std::string& text, std::uint16_t port);

}  // namespace whylink::netns_test
