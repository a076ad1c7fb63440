// Rules of nftables for a middlebox that looks into a ClientHello (RFC 8446 section 4.1.2), as far as a stateless
// filter of a fixed offset can.
#pragma once

#include <cstdint>
#include <string>

namespace whylink::netns_test {

/// Matches the packet that holds `name` where OpenSSL writes the SNI of its ClientHello; `name` has at most 16 bytes, as
/// much as nftables compares. For a connection with TCP timestamps, which Linux uses by default.
std::string has_server_name(const std::string& name);

/// Matches a packet that a TLS record of more than `size` bytes begins in, whatever the size of the packet.
std::string begins_record_over(std::uint16_t size);

/// Matches a ClientHello of OpenSSL that offers TLS 1.3, by the first of its cipher suites. Also for a connection with TCP
/// timestamps.
std::string offers_tls13();

/// Matches a packet that a TLS handshake record begins in.
std::string begins_record();

}  // namespace whylink::netns_test
