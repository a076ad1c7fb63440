// Writing to the standard streams so that a failure is noticed.
#pragma once

#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "daemon/report/formats.hpp"

namespace whylink::daemon {

/// Writes everything or gives the errno of the write(2) that failed; 0 on success.
int write_all(int fd, std::string_view text);

/// Writes to standard output; a failure is said on standard error. The status to exit with: `status`, or
/// `exit_unknown` when the text did not arrive.
int print(std::string_view text, int status);

/// "whylink: MESSAGE" on standard error; a message of several lines gets the name once for each.
void complain(std::string_view message);

/// Ends a command that makes a report without one, after the message on standard error: `status`, or what
/// the format has instead. `why`: its first line stands where the report would, if the format wants it.
int give_up(const ReportFormat& format, int status, std::string_view why);

/// Likewise for a wrong configuration. The lines stand without the program's name: they begin with the file's.
int give_up(const ReportFormat& format, const std::vector<config::Error>& errors);

}  // namespace whylink::daemon
