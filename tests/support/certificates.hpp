// The identities that the lab's TLS servers use, made once for a host name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "support/stream_server.hpp"
#include "support/test_ca.hpp"

namespace whylink::lab {

/// Certificates of one host, good and bad.
class Certificates {
  public:
    /// `also` are further names that every certificate of `host` has.
    explicit Certificates(const std::string& host, const std::vector<std::string>& also = {});

    /// "good", "expired", "not_yet_valid", "expiring" (within a week), "other_name", "self_signed",
    /// "unknown_ca", "without_intermediate", "expired_other_name", "expired_unknown_ca". Throws
    /// std::out_of_range for any other.
    TlsService service(const std::string& identity) const;
    /// Good, and wants a client certificate of the same CA.
    TlsService service_for_clients() const;
    /// Paths for a config: "ca", "client_cert", "client_key"; and of "good": "server_cert", "server_key". The
    /// files live as long as this object.
    std::map<std::string, std::string> files() const;

  private:
    TestCa ca_{"Lab CA"};
    TestCa unknown_ca_{"Unknown CA"};
    std::map<std::string, IssuedCertificate> issued_;
    IssuedCertificate client_;
};

}  // namespace whylink::lab
