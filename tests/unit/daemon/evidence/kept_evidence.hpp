// A store of evidence whose clocks stand still, and the names of what is put there.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "daemon/evidence/evidence_file.hpp"
#include "daemon/evidence/store.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {

/// What the disks of the tests give to a file that is not empty.
inline constexpr std::size_t block = 4096;

/// Of the round that began so many seconds after noon.
inline std::string evidence_at(int round, std::string_view target = "db") {
    return evidence_name(fabricated::noon() + std::chrono::seconds(round), target, Cause::no_route);
}

/// As long as one process runs.
class DaemonRun {
  public:
    StoredEvidence store(const std::string& directory, std::uint64_t limit, int round, std::size_t size,
                         std::string_view target = "db") {
        return store_.store(directory, limit, evidence_at(round, target), std::string(size, 'x'));
    }
    StoredEvidence prepare(const std::string& directory, std::uint64_t limit) {
        return store_.prepare(directory, limit);
    }
    void wait(std::chrono::minutes time) { steady_ += time; }
    /// What the clock on the wall shows, in seconds after noon.
    void set_clock(int seconds) { system_ = fabricated::noon() + std::chrono::seconds(seconds); }

  private:
    std::chrono::steady_clock::time_point steady_{};
    std::chrono::system_clock::time_point system_ = fabricated::noon() + std::chrono::hours(24);
    EvidenceStore store_{
        EvidenceClocks{.steady = [this] { return steady_; }, .system = [this] { return system_; }}};
};

}  // namespace whylink::daemon
