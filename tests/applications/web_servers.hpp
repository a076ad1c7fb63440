// nginx and HAProxy, in the foreground, with all their files in {dir}.
#pragma once

#include <cstdint>
#include <string>

#include "row.hpp"

namespace whylink::netns_test {

/// `server` is what stands in its server block; it has the certificate for a `listen ... ssl`.
Daemon nginx(const std::string& server, std::uint16_t port);
/// In http mode. `text` are its sections.
Daemon haproxy(const std::string& text, std::uint16_t port);
/// The same, with certificate and key in {dir}/both.pem.
Daemon haproxy_with_tls(const std::string& text, std::uint16_t port);

}  // namespace whylink::netns_test
