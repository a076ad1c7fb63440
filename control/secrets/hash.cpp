#include "control/secrets/hash.hpp"

#include <array>
#include <new>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace whylink::control {

namespace {

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string text_of(const Digest& digest, unsigned size) {
    return {digest.begin(), digest.begin() + size};
}

}  // namespace

std::string sha256(std::string_view bytes) {
    Digest digest{};
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::bad_alloc();  // nothing else makes it fail
    }
    return text_of(digest, size);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    Digest digest{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
             digest.data(), &size) == nullptr) {
        throw std::bad_alloc();
    }
    return text_of(digest, size);
}

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4];
        text += digits[byte & 15U];
    }
    return text;
}

}  // namespace whylink::control
