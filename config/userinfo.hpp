// User and password inside a URL (RFC 3986 section 3.2.1), which no message repeats.
#pragma once

#include <string>
#include <string_view>

namespace whylink::config {

/// "redis://***@db:6379" of "redis://user:password@db:6379". Without a scheme only what has a colon before the '@' is
/// one, "user:password@db". `url` is one URL, whatever characters its password has.
std::string hide_userinfo(std::string_view url);

/// The same for each word of a sentence, quoted or not.
std::string hide_userinfo_in(std::string_view sentence);

}  // namespace whylink::config
