// SHA-256 and HMAC-SHA256 of OpenSSL over text.
#pragma once

#include <string>
#include <string_view>

namespace whylink::control {

/// 32 bytes.
std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// In lower case.
std::string hexadecimal(std::string_view bytes);

}  // namespace whylink::control
