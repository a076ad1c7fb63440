// What verification's errors are about, by their numbers in x509_vfy.h of OpenSSL 3, which this layer does not
// include. Each has its own first steps in checks/texts/faults.toml.
#pragma once

namespace whylink::checks {

inline constexpr int v_err_not_yet_valid = 9;
inline constexpr int v_err_expired = 10;
inline constexpr int v_err_self_signed = 18;
inline constexpr int v_err_self_signed_in_chain = 19;
inline constexpr int v_err_issuer_not_known = 20;
/// X509_V_ERR_APPLICATION_VERIFICATION: a chain or key beyond the bounds of probes/tls/bounds.hpp.
inline constexpr int v_err_beyond_bounds = 50;
inline constexpr int v_err_hostname_mismatch = 62;
inline constexpr int v_err_email_mismatch = 63;
inline constexpr int v_err_ip_address_mismatch = 64;

constexpr bool is_about_the_name(int code) {
    return code == v_err_hostname_mismatch || code == v_err_email_mismatch ||
           code == v_err_ip_address_mismatch;
}

}  // namespace whylink::checks
