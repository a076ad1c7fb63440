// What pages of the tests are held to, and what they are made of.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/watch/snapshot.hpp"

namespace whylink::daemon::page {

/// A text that breaks out of any element or attribute that does not escape it.
inline constexpr std::string_view evil =
    "\"'></td></script><script>alert(1)</script><img src=x onerror=alert(2)>";

/// Failing, with that text wherever a text can stand.
TargetStatus hostile_status(std::string name = std::string(evil));
Snapshot hostile_snapshot();

/// Every element is closed, in order; every attribute has its quotes.
bool is_well_formed(std::string_view page);
std::size_t count_of_text(std::string_view page, std::string_view text);

}  // namespace whylink::daemon::page
