// Text from the network made fit for a report: valid UTF-8, harmless on a terminal, wrapped.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace whylink::daemon {

/// Well-formed UTF-8 (RFC 3629) as it stands; every byte outside of it as `\xNN`.
std::string valid_utf8(std::string_view text);

/// One line that does nothing to a terminal: valid UTF-8 in which control characters (C0, DEL, C1) and the
/// invisible ones that reorder or break lines (U+200B to U+200F, U+2028 to U+202E, U+2060 to U+2069, U+FEFF)
/// are escaped.
std::string printable(std::string_view text);

/// For a terminal that has no UTF-8: dashes, quotes and marks that texts use in their ASCII form, else '?'.
std::string to_ascii(std::string_view utf8);

/// Columns on a terminal (wcwidth's idea, for the wide East Asian blocks and combining marks that are
/// likely).
std::size_t display_width(std::string_view utf8);

/// Lines of at most `width` columns, broken at spaces; a word that is longer has a line of its own. At least
/// one line.
std::vector<std::string> wrap(std::string_view utf8, std::size_t width);

/// "a, b and 3 more": the first `most`. `further` there are beside the items.
std::string abridged(std::vector<std::string> items, std::size_t most, std::size_t further = 0);

/// RFC 3339 in UTC with milliseconds: "2026-01-01T00:00:00.000Z"; years 0 to 9999.
std::string rfc3339(std::chrono::system_clock::time_point time);

}  // namespace whylink::daemon
