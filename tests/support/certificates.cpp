#include "support/certificates.hpp"

#include <chrono>

namespace whylink::lab {

Certificates::Certificates(const std::string& host, const std::vector<std::string>& also)
    : client_(ca_.issue_client("lab client")) {
    using std::chrono::hours;
    CertificateOptions good;
    good.common_name = host;
    good.dns_names = also;
    good.dns_names.insert(good.dns_names.begin(), host);
    CertificateOptions expired = good;
    expired.not_before = hours(-24 * 60);
    expired.not_after = hours(-24 * 3);
    CertificateOptions not_yet_valid = good;
    not_yet_valid.not_before = hours(24);
    CertificateOptions expiring = good;
    expiring.not_after = hours(24 * 5);
    CertificateOptions other_name = good;
    other_name.common_name = "elsewhere.test";
    other_name.dns_names = {"elsewhere.test"};
    CertificateOptions self_signed = good;
    self_signed.self_signed = true;
    CertificateOptions without_intermediate = good;
    without_intermediate.through_intermediate = true;
    without_intermediate.omit_intermediate = true;
    CertificateOptions expired_other_name = expired;
    expired_other_name.dns_names = other_name.dns_names;

    issued_.emplace("good", ca_.issue(good));
    issued_.emplace("expired", ca_.issue(expired));
    issued_.emplace("not_yet_valid", ca_.issue(not_yet_valid));
    issued_.emplace("expiring", ca_.issue(expiring));
    issued_.emplace("other_name", ca_.issue(other_name));
    issued_.emplace("self_signed", ca_.issue(self_signed));
    issued_.emplace("without_intermediate", ca_.issue(without_intermediate));
    issued_.emplace("expired_other_name", ca_.issue(expired_other_name));
    issued_.emplace("unknown_ca", unknown_ca_.issue(good));
    issued_.emplace("expired_unknown_ca", unknown_ca_.issue(expired));
}

TlsService Certificates::service(const std::string& identity) const {
    const IssuedCertificate& issued = issued_.at(identity);
    TlsService service;
    service.certificate = issued.certificate;
    service.key = issued.key;
    return service;
}

TlsService Certificates::service_for_clients() const {
    TlsService wants = service("good");
    wants.client_ca = ca_.certificate();
    return wants;
}

std::map<std::string, std::string> Certificates::files() const {
    const IssuedCertificate& good = issued_.at("good");
    return {{"ca", ca_.certificate_file()},
            {"client_cert", client_.certificate_file},
            {"client_key", client_.key_file},
            {"server_cert", good.certificate_file},
            {"server_key", good.key_file}};
}

}  // namespace whylink::lab
