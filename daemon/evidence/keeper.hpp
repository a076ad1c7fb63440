// Keeps the packets of rounds that fail: decides on the file's name at once, and has it written beside the
// event loop.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/evidence/evidence_file.hpp"
#include "daemon/evidence/store.hpp"
#include "daemon/system/worker.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

/// Of the event loop's thread.
class EvidenceKeeper {
  public:
    struct Hooks {
        /// For the log: something is wrong with the directory or the disk, or is right again.
        std::function<void(bool good, std::string text)> say;
        /// Files that were named and are not there: not written after all, or removed to make room.
        std::function<void(const std::vector<std::string>& files)> gone;
    };
    /// The worker must be destroyed before this.
    EvidenceKeeper(asio::io_context& loop, Hooks hooks);
    ~EvidenceKeeper();
    EvidenceKeeper(const EvidenceKeeper&) = delete;
    EvidenceKeeper& operator=(const EvidenceKeeper&) = delete;

    /// Where to, and how many bytes in all.
    void configure(std::string directory, std::uint64_t limit);
    /// Looks at the directory beside the loop, and says when it is of no use.
    void try_directory(Worker& worker);
    /// The file's path; empty when too much is waiting to be written already. `status` has a verdict.
    std::string keep(const TargetStatus& status, probes::KeptFrames frames, CaptureOrigin origin,
                     const std::string& vantage_point, Worker& worker);

  private:
    void written(const std::string& file, const StoredEvidence& stored);
    void say_fault(int number, const std::string& error);

    asio::io_context& loop_;
    Hooks hooks_;
    std::string directory_;
    std::uint64_t limit_ = 0;
    std::string fault_;         ///< as it was last said; empty while all is well
    int fault_number_ = 0;      ///< its errno, where known
    std::size_t left_out_ = 0;  ///< since the last that was written
    std::size_t under_way_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace whylink::daemon
