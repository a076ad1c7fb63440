// Preloaded into the daemon: its time of day is ahead or behind by the seconds in the file that WHYLINK_TEST_OFFSET names. The
// clock of the machine stays as it is. Nothing is called but the kernel, for a sanitizer may not be ready yet.
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>

namespace {

/// "-86400"
long parsed(const char* text) {
    const bool negative = *text == '-';
    long number = 0;
    for (text += negative ? 1 : 0; *text >= '0' && *text <= '9'; ++text) {
        number = number * 10 + (*text - '0');
    }
    return negative ? -number : number;
}

long offset() {
    const char* file = std::getenv("WHYLINK_TEST_OFFSET");
    const long descriptor = file == nullptr ? -1 : syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return 0;
    }
    std::array<char, 32> text{};
    syscall(SYS_read, descriptor, text.data(), text.size() - 1);
    syscall(SYS_close, descriptor);
    return parsed(text.data());
}

int now(clockid_t clock, timespec* time) {
    const long result = syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) {
        time->tv_sec += offset();
    }
    return static_cast<int>(result);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
    return now(clock, time);
}

int gettimeofday(timeval* __restrict time, void* __restrict /*zone*/) noexcept {
    timespec seen{};
    if (now(CLOCK_REALTIME, &seen) != 0) {
        return -1;
    }
    time->tv_sec = seen.tv_sec;
    time->tv_usec = seen.tv_nsec / 1000;
    return 0;
}

time_t time(time_t* stored) noexcept {
    timespec seen{};
    now(CLOCK_REALTIME, &seen);
    if (stored != nullptr) {
        *stored = seen.tv_sec;
    }
    return seen.tv_sec;
}

}  // extern "C"
