// The file of the history: history.db in the state directory. Of one thread, which may wait for the disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/history/records.hpp"
#include "daemon/history/sqlite.hpp"

namespace whylink::daemon {

inline constexpr auto history_file_name = "history.db";

/// $STATE_DIRECTORY (systemd.exec(5)), the first of several, else /var/lib/whylink.
std::filesystem::path state_directory();

/// Each takes the file from one version of the schema to the next, PRAGMA user_version: the first from none to 1.
std::span<const char* const> history_migrations();

struct HistoryLimits {
    std::chrono::milliseconds max_age{};
    std::uint64_t max_size = 0;  ///< bytes
    bool operator==(const HistoryLimits&) const = default;
};

class HistoryStore {
  public:
    /// Opens nothing yet.
    HistoryStore(std::filesystem::path directory, HistoryLimits limits,
                 std::span<const char* const> migrations = history_migrations());
    ~HistoryStore();
    HistoryStore(const HistoryStore&) = delete;
    HistoryStore& operator=(const HistoryStore&) = delete;

    void set_limits(HistoryLimits limits);
    /// Opens the file where it is not open. One that is damaged, or that a newer version of whylink wrote, is set aside
    /// under another name, and a new one begun. Throws std::exception where there can be none.
    StoredHistory load();
    /// All of it is on the disk then, or nothing, and it throws. Makes room as the limits have it.
    void write(const HistoryBatch& batch, HistoryTime now);
    /// What was set aside since the last call: for the log.
    std::vector<std::string> take_remarks();
    /// The evidence of outages that are no longer in the file, since the last call.
    std::vector<std::string> take_dropped_evidence();
    std::filesystem::path file() const { return directory_ / history_file_name; }

  private:
    struct Open;
    Open& opened();
    void note_dropped_evidence(Open& open);
    void set_aside(const std::string& mark, const std::string& why);
    template <class Work>
    auto guarded(Work work);

    std::filesystem::path directory_;
    HistoryLimits limits_;
    std::span<const char* const> migrations_;
    std::vector<std::string> remarks_;
    std::vector<std::string> dropped_evidence_;
    std::unique_ptr<Open> open_;
};

}  // namespace whylink::daemon
