// Writing to the standard streams, and to any descriptor, so that a failure is noticed.
#pragma once

#include <string_view>

namespace whylink::daemon {

/// Writes everything or gives the errno of the write(2) that failed; 0 on success.
int write_all(int fd, std::string_view text);

/// Writes to standard output; a failure is said on standard error. The status to exit with: `status`, or
/// `exit_unknown` when the text did not arrive.
int print(std::string_view text, int status);

/// "whylink: MESSAGE" on standard error; a message of several lines gets the name once for each.
void complain(std::string_view message);

}  // namespace whylink::daemon
