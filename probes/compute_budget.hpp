// What the servers of one round may make this host compute.
#pragma once

#include <atomic>
#include <chrono>
#include <ctime>

namespace whylink::probes {

/// Of any thread. A round is a name: whoever owns it may have many addresses, each with a server that costs as much as it
/// can.
class ComputeBudget {
  public:
    static constexpr std::chrono::milliseconds max{100};

    /// False: nothing more is computed for this round off the event loop.
    bool has_some() const { return spent() < max; }
    std::chrono::nanoseconds spent() const { return std::chrono::nanoseconds(spent_.load()); }
    void spend(std::chrono::nanoseconds time) { spent_ += time.count(); }

    /// Runs `work` and charges the CPU time that it took: time in which the thread had to wait is no server's fault.
    template <typename Work>
    void spend_on(const Work& work) {
        const std::chrono::nanoseconds before = cpu_time();
        work();
        spend(cpu_time() - before);
    }

  private:
    /// Of the calling thread (clock_gettime(2)).
    static std::chrono::nanoseconds cpu_time() {
        std::timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    }

    std::atomic<std::chrono::nanoseconds::rep> spent_{0};
};

}  // namespace whylink::probes
