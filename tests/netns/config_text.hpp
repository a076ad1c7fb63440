// The configs of the table, short.
#pragma once

#include <string>

namespace whylink::netns_test {

/// `name` "t" (or another), host db.corp.test, port 5432, no TLS, asked of {dns}; `more` are further keys.
std::string plain(const std::string& more = "", const std::string& name = "t");
/// The same with TLS, trusting {ca}; `tls` are further keys of its table.
std::string secure(const std::string& more = "", const std::string& tls = "");
/// Zone z.corp.test with the known label "db", asked of {dns}.
std::string zone(const std::string& more = "");

/// For what is expected to time out: short, but long enough for a loaded machine to do the rest.
inline const std::string impatient = "timeout = \"900ms\"\n";

}  // namespace whylink::netns_test
