// The list headers by which a client says what it likes best: Accept, Accept-Encoding.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace whylink::daemon::http {

/// One element of such a list.
struct Preference {
    std::string value;  ///< in lower case: "text/plain", "gzip", "*"
    std::vector<std::pair<std::string, std::string>> parameters;  ///< names in lower case; without `q`
    double weight = 1;                                            ///< 0 (not at all) to 1

    /// Empty when there is none of this name.
    std::string_view parameter(std::string_view name) const;
};

/// In the order of the header (RFC 9110, sections 5.6.6 and 12.4.2). Elements that are malformed are left
/// out, so that whatever a client sends means at worst that it asked for nothing.
std::vector<Preference> preferences(std::string_view header);

}  // namespace whylink::daemon::http
