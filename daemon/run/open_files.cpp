#include "daemon/run/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace whylink::daemon {
namespace {

// Standard streams, the event loop, files that are read in passing.
constexpr std::size_t own = 32;
// Three resolvers and two record types at once; addresses are fewer as a rule.
constexpr std::size_t each_round = 8;
// More than any configuration has targets; keeps the number small enough for its type.
constexpr std::size_t most = 1'000'000;

}  // namespace

std::size_t raise_open_files() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return own + each_round;
    }
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

unsigned rounds_for(std::size_t open_files) {
    const std::size_t left = open_files > own ? open_files - own : 0;
    return static_cast<unsigned>(std::clamp<std::size_t>(left / each_round, 1, most));
}

}  // namespace whylink::daemon
