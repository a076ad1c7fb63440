#include "probes/tls/certificate.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <memory>
#include <span>

#include "config/ascii.hpp"
#include "config/dns_name.hpp"
#include "config/outside_text.hpp"

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

/// As openssl x509 -serial prints it, in lower case. RFC 5280 allows 20 bytes.
std::string hexadecimal(std::span<const std::uint8_t> bytes) {
    constexpr std::size_t most = 20;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes.first(std::min(bytes.size(), most))) {
        text += digits[byte >> 4U];
        text += digits[byte & 0x0FU];
    }
    return text;
}

/// XN_FLAG_RFC2253 escapes control characters and everything beyond ASCII.
std::string name_text(const X509_NAME* name) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), &BIO_free);
    if (!text || X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_RFC2253) < 0) {
        return {};
    }
    char* data = nullptr;
    const long size = BIO_get_mem_data(text.get(), &data);
    return size > 0 ? outside_text({data, static_cast<std::size_t>(size)}) : std::string();
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

/// The name's last two labels: what names of one operator have in common. Empty for an address.
std::string zone_of(std::string_view server_name) {
    const std::string name = canonical_name(server_name);
    const std::size_t last = name.rfind('.');
    if (last == std::string::npos || last == 0 || IpAddress::parse(name)) {
        return {};
    }
    const std::size_t before = name.rfind('.', last - 1);
    return before == std::string::npos ? name : name.substr(before + 1);
}

bool is_in_zone(std::string_view name, std::string_view zone) {
    return !zone.empty() && name.size() >= zone.size() &&
           lower_case(name.substr(name.size() - zone.size())) == zone &&
           (name.size() == zone.size() || name[name.size() - zone.size() - 1] == '.');
}

struct AlternativeName {
    int type = 0;
    const ASN1_STRING* value = nullptr;
    bool preferred = false;
    bool kept = false;

    std::size_t size() const { return std::min(bytes_of(value).size(), max_alternative_name); }
};

std::vector<AlternativeName> dns_names_and_addresses(const GENERAL_NAMES* names, std::string_view zone) {
    std::vector<AlternativeName> found;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        AlternativeName name;
        const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &name.type);
        if (name.type == GEN_DNS || name.type == GEN_IPADD) {
            name.value = static_cast<const ASN1_STRING*>(value);
            name.preferred = name.type == GEN_DNS && is_in_zone(text_of(name.value), zone);
            found.push_back(name);
        }
    }
    return found;
}

/// Marks those that are kept; gives how many are not.
unsigned choose(std::vector<AlternativeName>& names, std::size_t most) {
    std::size_t kept = 0;
    std::size_t room = max_alternative_names_size;
    for (const bool preferred : {true, false}) {
        for (AlternativeName& name : names) {
            if (name.preferred == preferred && kept < most && name.size() <= room) {
                name.kept = true;
                room -= name.size();
                ++kept;
            }
        }
    }
    return static_cast<unsigned>(names.size() - kept);
}

void read_alternative_names(const X509& certificate, const NamesToKeep& wanted, Certificate& result) {
    using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;
    const Names all(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
        &GENERAL_NAMES_free);
    std::vector<AlternativeName> names = dns_names_and_addresses(all.get(), zone_of(wanted.server_name));
    result.names_left_out = choose(names, wanted.most);
    for (const AlternativeName& name : names) {
        if (!name.kept) {
            continue;
        }
        if (name.type == GEN_DNS) {
            result.dns_names.push_back(outside_ascii(text_of(name.value), max_alternative_name));
        } else if (const auto address = IpAddress::from_bytes(bytes_of(name.value))) {
            result.addresses.push_back(*address);
        }
    }
}

}  // namespace

Certificate read_certificate(const X509& certificate, const NamesToKeep& names) {
    Certificate result;
    const X509_NAME* subject = X509_get_subject_name(&certificate);
    const X509_NAME* issuer = X509_get_issuer_name(&certificate);
    result.subject = name_text(subject);
    result.issuer = name_text(issuer);
    result.serial = hexadecimal(bytes_of(X509_get0_serialNumber(&certificate)));
    result.self_issued = X509_NAME_cmp(subject, issuer) == 0;
    result.not_before = to_time_point(X509_get0_notBefore(&certificate));
    result.not_after = to_time_point(X509_get0_notAfter(&certificate));
    read_alternative_names(certificate, names, result);
    return result;
}

std::vector<Certificate> read_chain(const STACK_OF(X509) * chain, std::string_view server_name) {
    std::vector<Certificate> result;
    const auto present = static_cast<std::size_t>(std::max(0, sk_X509_num(chain)));
    result.reserve(std::min(present, max_certificates));
    for (std::size_t i = 0; i < std::min(present, max_certificates); ++i) {
        const std::size_t most = i == 0 ? max_alternative_names : max_names_of_issuer;
        result.push_back(read_certificate(*sk_X509_value(chain, static_cast<int>(i)), {most, server_name}));
    }
    return result;
}

}  // namespace whylink::probes
