// What codecs share in looking at what a server says.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace whylink::probes {

/// For people, as AppFacts::said: squeezed, and as outside_text() makes it, cut at 200 bytes. `further` bytes behind
/// `text` were passed over.
std::string one_line(std::string_view text, std::size_t further = 0);

/// Runs of white space become one blank, none at the ends. For the parts of what becomes one_line() as a whole.
std::string squeezed(std::string_view text);

/// The first line without its end; all of the text where no line ends.
std::string_view first_line(std::string_view text);

/// As far as both go, `bytes` are those of `wanted`.
bool may_begin_with(std::string_view bytes, std::string_view wanted);

bool contains(std::string_view text, std::string_view part);

/// Watches a stream's first bytes for a TLS alert (RFC 8446 section 5.1): what a server that speaks TLS only
/// says to plain text. One byte of it is not enough to tell.
class Opening {
  public:
    enum class Kind {
        undecided,  ///< 15 hex alone, with which no protocol begins that is spoken here
        tls_alert,
        unknown,  ///< 15 hex, and then no TLS
        other,    ///< anything else: for the codec to read
    };
    /// Once it is not `undecided` it stays what it is.
    Kind received(std::string_view bytes);

  private:
    std::string bytes_;
};

}  // namespace whylink::probes
