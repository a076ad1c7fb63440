// What this process uses of this host, by /proc/self (proc(5)).
#pragma once

#include <optional>
#include <string_view>

namespace whylink::daemon::http {

/// The fields of /proc/PID/stat that are shown, in its units.
struct ProcessStat {
    double threads = 0;
    double start_ticks = 0;  ///< since the boot of this host, in clock ticks
    double virtual_bytes = 0;
    double resident_pages = 0;
};

/// Nothing when the text is not what proc(5) says.
std::optional<ProcessStat> parse_process_stat(std::string_view text);

/// What cannot be found out, for want of /proc for example, is absent.
struct ProcessFigures {
    std::optional<double> cpu_seconds;
    std::optional<double> resident_bytes;
    std::optional<double> virtual_bytes;
    std::optional<double> open_fds;
    std::optional<double> max_fds;  ///< infinite without a limit
    std::optional<double> threads;
    std::optional<double> start_time;  ///< seconds since the epoch; the same at every call
};

ProcessFigures process_figures();

}  // namespace whylink::daemon::http
