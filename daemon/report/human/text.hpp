// Text as a report shows it: in columns and lines. What others wrote is made fit for it by config/outside_text.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/outside_text.hpp"

namespace whylink::daemon {

/// For a terminal that has no UTF-8: dashes, quotes and marks that texts use in their ASCII form, else '?'.
std::string to_ascii(std::string_view utf8);

/// Columns on a terminal (wcwidth's idea, for the wide East Asian blocks and combining marks that are
/// likely).
std::size_t display_width(std::string_view utf8);

/// Lines of at most `width` columns, broken at spaces; a word that is longer has a line of its own. At least
/// one line.
std::vector<std::string> wrap(std::string_view utf8, std::size_t width);

/// The same, and a word that is longer is broken where the line ends.
std::vector<std::string> wrap_within(std::string_view utf8, std::size_t width);

/// At most `width` columns: what is too long ends in `mark`.
std::string cut(std::string_view utf8, std::size_t width, std::string_view mark = "…");

/// With a capital letter, where it begins with an ordinary word and not with a name or an address.
std::string capitalised(std::string text);
/// The same, with a period at its end.
std::string sentence(std::string text);

/// "a, b and 3 more": the first `most`. `further` there are beside the items.
std::string abridged(std::vector<std::string> items, std::size_t most, std::size_t further = 0);

/// "12 s", "14 min", "3 hours", "5 days": rounded down.
std::string age_text(std::chrono::seconds age);
/// "13:48 UTC"; with the date where `now` is a day away.
std::string clock_text(std::chrono::system_clock::time_point time, std::chrono::system_clock::time_point now);

/// RFC 3339 in UTC with milliseconds: "2026-01-01T00:00:00.000Z"; years 0 to 9999.
std::string rfc3339(std::chrono::system_clock::time_point time);

}  // namespace whylink::daemon
