// A report that came over the network, fit for a terminal whoever wrote it.
#pragma once

#include <string>
#include <string_view>

namespace whylink::daemon {

enum class ReportText {
    json,   ///< what does something to a terminal becomes an escape of JSON
    plain,  ///< and there is no colour
    coloured,
};

/// Line feeds and tabs stay, and colours (ECMA-48, SGR) where there may be any; every other control character, what
/// reorders or hides text, and bytes that are no UTF-8 are escaped.
std::string fit_for_terminal(std::string_view report, ReportText kind);

}  // namespace whylink::daemon
