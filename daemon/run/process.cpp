#include "daemon/run/process.hpp"

#include <limits.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>

#include "config/capacity.hpp"

namespace whylink::daemon {
namespace {

// Standard streams, the event loop, files that are read in passing.
constexpr std::size_t own_files = 32;
// Where the system does not say: enough for one round of anything.
constexpr std::size_t assumed_files = 256;

constexpr std::size_t max_kept_memory = std::size_t{64} << 20;
// Bytes. Far more than a target needs at once, and far less than a page.
constexpr int large_text = 256 << 10;
// The loop's, and one for all that work for it: each arena keeps what was freed in it.
constexpr int max_arenas = 2;

volatile std::sig_atomic_t exit_status = 0;

void leave(int) {
    _exit(exit_status);
}

}  // namespace

std::size_t raise_open_files() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return assumed_files;
    }
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

unsigned rounds_for(std::span<const config::TargetPtr> targets, unsigned wanted, std::size_t open_files) {
    const std::size_t left = open_files > own_files ? open_files - own_files : 0;
    const std::optional<std::size_t> bound = config::rounds_for(targets, left);
    return std::max(1U, bound ? static_cast<unsigned>(std::min<std::size_t>(wanted, *bound)) : wanted);
}

void hand_back_large_texts() {
    mallopt(M_MMAP_THRESHOLD, large_text);
    mallopt(M_ARENA_MAX, max_arenas);
}

void give_back_memory() {
    if (mallinfo2().fordblks > max_kept_memory) {
        malloc_trim(0);
    }
}

std::string vantage_point() {
    std::array<char, HOST_NAME_MAX + 1> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) {
        return "localhost";
    }
    return name.data();
}

void exit_after(std::chrono::milliseconds limit, int status) {
    exit_status = status;
    std::signal(SIGALRM, leave);
    itimerval timer{};
    timer.it_value.tv_sec = limit.count() / 1000;
    timer.it_value.tv_usec = limit.count() % 1000 * 1000;
    setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace whylink::daemon
