#include "daemon/http/process_metrics.hpp"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <system_error>

namespace whylink::daemon::http {
namespace {

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double clock_seconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::optional<ProcessStat> read_stat() {
    std::ifstream file("/proc/self/stat");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return parse_process_stat(text);
}

/// The boot time by the clocks of this host, because a hardened unit hides /proc/stat (ProcSubset=pid). To the
/// hundredth of a second, which is a clock tick.
double start_time(double start_ticks) {
    const double boot = clock_seconds(CLOCK_REALTIME) - clock_seconds(CLOCK_BOOTTIME);
    const double since_boot = start_ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
    constexpr double hundredths = 100;
    return static_cast<double>(static_cast<long long>((boot + since_boot) * hundredths)) / hundredths;
}

/// Without the one that reads the directory.
std::optional<double> open_fds() {
    std::error_code error;
    double count = -1;
    for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
         entry.increment(error)) {
        ++count;
    }
    return error ? std::nullopt : std::optional(count);
}

std::optional<double> max_fds() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return std::nullopt;
    }
    return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity()
                                           : static_cast<double>(limit.rlim_cur);
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
    // The program's name, in parentheses, may itself hold spaces and parentheses.
    const std::size_t name_end = text.rfind(") ");
    if (name_end == std::string_view::npos) {
        return std::nullopt;
    }
    text.remove_prefix(name_end + 2);
    // Numbered as in proc(5); the first that is left is 3, the state.
    constexpr std::size_t threads = 20 - 3;
    constexpr std::size_t start = 22 - 3;
    constexpr std::size_t virtual_size = 23 - 3;
    constexpr std::size_t resident = 24 - 3;
    std::array<double, resident + 1> fields{};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::string_view field = text.substr(0, text.find(' '));
        const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), fields.at(i));
        if (i > 0 && (error != std::errc() || end != field.data() + field.size())) {
            return std::nullopt;
        }
        text.remove_prefix(std::min(field.size() + 1, text.size()));
    }
    return ProcessStat{.threads = fields[threads],
                       .start_ticks = fields[start],
                       .virtual_bytes = fields[virtual_size],
                       .resident_pages = fields[resident]};
}

ProcessFigures process_figures() {
    ProcessFigures figures;
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        figures.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    }
    figures.open_fds = open_fds();
    figures.max_fds = max_fds();
    if (const auto stat = read_stat()) {
        // Once: the time of day may be set later, and then the process would seem to have been restarted.
        static const double started = start_time(stat->start_ticks);
        figures.start_time = started;
        figures.threads = stat->threads;
        figures.virtual_bytes = stat->virtual_bytes;
        figures.resident_bytes = stat->resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
    }
    return figures;
}

}  // namespace whylink::daemon::http
