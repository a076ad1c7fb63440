// What the rows of this table have in common: one endpoint, one application, one real server at {a}.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "row.hpp"

namespace whylink::netns_test {

/// Where the servers with TLS are expected.
inline const std::string with_tls = "[endpoint.tls]\nca_file = \"{ca}\"\n";

struct Asked {
    std::string app;
    std::uint16_t port = 0;
    std::string more = {};  ///< further keys
    std::string tls = {};   ///< empty: `tls = false`; else the end of the config, such as with_tls
};

/// DNS gives {a}, which `expect` has, so that a wrong record is no doubt.
Row scene(const std::string& name, const std::string& why, std::vector<Daemon> daemons, const Asked& asked,
          Expected expected = {});

/// Of an endpoint that works: the application was asked and answered.
Expected reached();
/// Of the application's own words, which leave no doubt: their outcome and cause, and what the evidence must
/// quote.
Expected told(const std::string& outcome, const std::string& cause, const std::string& words);

/// Python that listens at {a}, port `marker`, once a line "up" came from `work`, which goes on running. For
/// what must stand before the row is checked.
inline constexpr std::uint16_t marker = 9;
Daemon once_up(const std::string& work);

}  // namespace whylink::netns_test
