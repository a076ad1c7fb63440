// The name that was asked for in TLS, and the one to use instead.
#pragma once

#include <string>

#include "checks/judge.hpp"

namespace whylink::checks {

struct ServerNames {
    std::string asked;  ///< the host where no name was sent
    /// For which the server has a certificate: as a follow-up test showed, else by the certificate itself and the names
    /// that belong to the host, else the certificate's own names. Empty: none is known.
    std::string right;
};

/// Of the first address whose certificate is for another name, or whose name a follow-up test changed.
ServerNames server_names(const config::Endpoint& endpoint, const Assessment& round);

}  // namespace whylink::checks
