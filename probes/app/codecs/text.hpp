// What codecs share in looking at what a server says.
#pragma once

#include <string>
#include <string_view>

namespace whylink::probes {

/// For people, as AppFacts::said: runs of white space become one blank, none at the ends, and at most 200
/// bytes, not cut within a character of UTF-8. Other control characters stay: who prints it escapes it.
std::string one_line(std::string_view text);

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
