// Text that others wrote (a server, a resolver, a file) made fit to be kept and shown: valid UTF-8, harmless in a
// terminal and in the journal, and no longer than it may be. It is cut where it comes in, so that no fact, report or
// log line grows with what a peer sends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace whylink {

/// Bytes that are kept of one name, subject or other text from outside.
inline constexpr std::size_t max_outside_text = 512;
/// Bytes of one line that is logged or printed. journald splits at 48 KiB (journald.conf(5), LineMax), and takes what
/// follows for an entry of its own.
inline constexpr std::size_t max_line = 8192;

/// Well-formed UTF-8 (RFC 3629) as it stands; every byte outside of it as `\xNN`.
std::string valid_utf8(std::string_view text);

/// One line that does nothing to a terminal: valid UTF-8 in which control characters (C0, DEL, C1) and the
/// invisible ones that reorder or break lines (U+061C, U+200B to U+200F, U+2028 to U+202E, U+2060 to U+2069, U+FEFF, and
/// the tags U+E0000 to U+E007F) are escaped.
std::string printable(std::string_view text);

/// The same of at most `most` bytes, not cut within a character or an escape. Where it is cut the mark stands behind
/// these: "abc… (80 B left out)", which counts bytes of `text` and the `further` ones that whoever read it passed over.
std::string outside_text(std::string_view text, std::size_t most = max_outside_text, std::size_t further = 0);

/// The same of a name that is to be compared: bytes outside printable ASCII, and the backslash, as `\xNN`, so that
/// no two names look alike.
std::string outside_ascii(std::string_view bytes, std::size_t most = max_outside_text);

/// The beginning of what outside_text() makes, with "…" alone as the mark: for the middle of a sentence.
std::string shortened(std::string_view text, std::size_t most);

/// Whether it ends in the mark of outside_text() and outside_ascii(). It is part of a name then, and is nobody's name:
/// it matches nothing, and nothing is looked up or asked for by it.
bool is_cut(std::string_view text);

}  // namespace whylink
