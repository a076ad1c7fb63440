#include "daemon/run/process.hpp"

#include <limits.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace whylink::daemon {
namespace {

// Standard streams, the event loop, files that are read in passing.
constexpr std::size_t own_files = 32;
// Three resolvers and two record types at once; addresses are fewer as a rule.
constexpr std::size_t files_of_round = 8;
// More than any configuration has targets; keeps the number small enough for its type.
constexpr std::size_t max_rounds = 1'000'000;

volatile std::sig_atomic_t exit_status = 0;

void leave(int) {
    _exit(exit_status);
}

}  // namespace

std::size_t raise_open_files() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return own_files + files_of_round;
    }
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

unsigned rounds_for(std::size_t open_files) {
    const std::size_t left = open_files > own_files ? open_files - own_files : 0;
    return static_cast<unsigned>(std::clamp<std::size_t>(left / files_of_round, 1, max_rounds));
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
