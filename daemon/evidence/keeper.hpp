// Keeps the packets of rounds that fail: decides on the file's name at once, and has it written beside the
// event loop, on a worker that does nothing else: a slow disk delays no scrape.
#pragma once

#include <asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/evidence/evidence_file.hpp"
#include "daemon/evidence/store.hpp"
#include "daemon/system/worker.hpp"
#include "daemon/watch/snapshot.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

/// Of the event loop's thread.
class EvidenceKeeper {
  public:
    /// What may wait to be written. When thousands of targets break at once, the first few tell as much as all.
    static constexpr std::size_t max_waiting_files = 32;
    static constexpr std::size_t max_waiting_bytes = 32U << 20U;  ///< of packets; one round may have more

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
    /// The file's path; empty when too much is waiting to be written already, or another file of this target.
    /// `status` has a verdict.
    std::string keep(const TargetStatus& status, probes::KeptFrames frames, CaptureOrigin origin,
                     const std::string& vantage_point, Worker& worker);
    /// The outages that these were kept for are no longer remembered.
    void remove(std::vector<std::string> files, Worker& worker);
    const EvidenceStatus& status() const { return status_; }

  private:
    struct Waiting {
        std::string target;
        std::string file;
        std::size_t bytes = 0;
    };
    bool has_room(const std::string& target, std::size_t bytes) const;
    void left_out();
    void tried(const std::string& directory, const StoredEvidence& prepared);
    void written(const Waiting& waited, const StoredEvidence& stored);
    void removed(const StoredEvidence& stored);
    void take_over(const StoredEvidence& stored);
    void tell_gone(std::shared_ptr<const std::vector<std::string>> files, std::size_t begin);
    void say_good();
    void say_fault(const StoredEvidence& stored);
    void say_left_out();
    void count(EvidenceResult result);

    asio::io_context& loop_;
    Hooks hooks_;
    std::string directory_;
    std::uint64_t limit_ = 0;
    std::string fault_;              ///< as it was last said; empty while all is well
    int fault_number_ = 0;           ///< its errno, where known
    bool said_too_large_ = false;    ///< since the limit was set
    std::size_t left_out_ = 0;       ///< since nothing was waiting
    std::set<std::string> waiting_;  ///< targets
    std::size_t waiting_bytes_ = 0;
    EvidenceStatus status_;
    std::shared_ptr<EvidenceStore> store_ = std::make_shared<EvidenceStore>();  ///< of the worker's thread
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace whylink::daemon
