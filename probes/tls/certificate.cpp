#include "probes/tls/certificate.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <memory>
#include <span>

namespace whylink::probes {
namespace {

std::span<const std::uint8_t> bytes_of(const ASN1_STRING* string) {
    // ASN1_STRING_get0_data is null for an empty string.
    const auto* data = ASN1_STRING_get0_data(string);
    return {data, data == nullptr ? 0 : static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string_view text_of(const ASN1_STRING* string) {
    const auto bytes = bytes_of(string);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// XN_FLAG_RFC2253 escapes control characters and everything beyond ASCII.
std::string name_text(const X509_NAME* name) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), &BIO_free);
    if (!text || X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_RFC2253) < 0) {
        return {};
    }
    char* data = nullptr;
    const long size = BIO_get_mem_data(text.get(), &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

WallClock::time_point to_time_point(const ASN1_TIME* time) {
    std::tm broken_down{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &broken_down) != 1) {
        return {};
    }
    const std::chrono::seconds since_epoch(::timegm(&broken_down));
    constexpr auto last =
        std::chrono::floor<std::chrono::seconds>(WallClock::time_point::max().time_since_epoch());
    constexpr auto first =
        std::chrono::ceil<std::chrono::seconds>(WallClock::time_point::min().time_since_epoch());
    return WallClock::time_point(std::clamp(since_epoch, first, last));
}

void read_alternative_names(const X509& certificate, Certificate& result) {
    using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;
    const Names names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
        &GENERAL_NAMES_free);
    const auto present = static_cast<std::size_t>(std::max(0, sk_GENERAL_NAME_num(names.get())));
    for (std::size_t i = 0; i < std::min(present, max_alternative_names); ++i) {
        int type = 0;
        const void* value =
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), static_cast<int>(i)), &type);
        if (type == GEN_DNS) {
            result.dns_names.push_back(escaped(text_of(static_cast<const ASN1_STRING*>(value))));
        } else if (type == GEN_IPADD) {
            if (const auto address =
                    IpAddress::from_bytes(bytes_of(static_cast<const ASN1_STRING*>(value)))) {
                result.addresses.push_back(*address);
            }
        }
    }
}

}  // namespace

std::string escaped(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size());
    for (const char byte : bytes) {
        if (byte >= 0x20 && byte < 0x7f && byte != '\\') {
            text += byte;
            continue;
        }
        const auto value = static_cast<unsigned char>(byte);
        text += "\\x";
        text += digits[value >> 4U];
        text += digits[value & 0x0fU];
    }
    return text;
}

Certificate read_certificate(const X509& certificate) {
    Certificate result;
    const X509_NAME* subject = X509_get_subject_name(&certificate);
    const X509_NAME* issuer = X509_get_issuer_name(&certificate);
    result.subject = name_text(subject);
    result.issuer = name_text(issuer);
    result.self_issued = X509_NAME_cmp(subject, issuer) == 0;
    result.not_before = to_time_point(X509_get0_notBefore(&certificate));
    result.not_after = to_time_point(X509_get0_notAfter(&certificate));
    read_alternative_names(certificate, result);
    return result;
}

std::vector<Certificate> read_chain(const STACK_OF(X509) * chain) {
    std::vector<Certificate> result;
    const auto present = static_cast<std::size_t>(std::max(0, sk_X509_num(chain)));
    result.reserve(std::min(present, max_certificates));
    for (std::size_t i = 0; i < std::min(present, max_certificates); ++i) {
        result.push_back(read_certificate(*sk_X509_value(chain, static_cast<int>(i))));
    }
    return result;
}

}  // namespace whylink::probes
