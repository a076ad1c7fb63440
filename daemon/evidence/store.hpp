// Keeps evidence files within a directory and a limit. Blocks on the disk: for the evidence worker's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/evidence/directory.hpp"
#include "daemon/evidence/fault.hpp"
#include "daemon/evidence/index.hpp"

namespace whylink::daemon {

/// What all evidence files together take.
struct EvidenceUse {
    std::size_t files = 0;
    std::uint64_t bytes = 0;  ///< as EvidenceIndex::used() counts them
};

struct StoredEvidence {
    std::optional<std::string> error;  ///< set: nothing was written
    /// Paths of files that made room, or that somebody else has removed; also beside an error.
    std::vector<std::string> removed;
    /// Of the file that was written: `directory`/`name`, with a number when that was taken
    /// ("…_not_on_allowlist-2.pcapng"). Nothing is ever overwritten.
    std::string path = {};
    int error_number = 0;  ///< errno beside an error: ENOSPC when the disk must not get fuller
    bool too_large =
        false;  ///< beside an error: the limit, or the target's share of it, is smaller than the file
    EvidenceUse use = {};  ///< afterwards
};

/// What time it is, in both ways.
struct EvidenceClocks {
    std::function<std::chrono::steady_clock::time_point()> steady = &std::chrono::steady_clock::now;
    std::function<std::chrono::system_clock::time_point()> system = &std::chrono::system_clock::now;
};

/// The files of an evidence directory, by an index in memory: the directory is read when it is first used, and
/// again only after somebody else has changed it, at most once in `min_listing_pause`. Ours are the regular files
/// of this account whose name evidence_name() can have made; nothing else is counted, opened or removed.
class EvidenceStore {
  public:
    static constexpr std::chrono::minutes min_listing_pause{10};

    explicit EvidenceStore(EvidenceClocks clocks = {}) : clocks_(std::move(clocks)) {}

    /// Whether files can be written there at all: `error` says why not. Makes the directory when it is missing
    /// (0750, its parents as the umask has it), and reads it.
    StoredEvidence prepare(const std::string& directory, std::uint64_t limit);

    /// Writes `directory`/`name` completely or not at all (a temporary file in the same directory, synced, then
    /// renamed), readable by the group. Before it does, removes what EvidenceIndex says until all together stay
    /// within `limit` bytes on the disk. Refused is what alone exceeds the limit or cannot have so much without
    /// taking from the share of others, and what would leave the file system less than a twentieth (at most
    /// 1 GiB) of its size free; a refusal removes nothing. `name` is one that evidence_name() made. Another
    /// process may use the same directory.
    StoredEvidence store(const std::string& directory, std::uint64_t limit, const std::string& name,
                         std::string_view bytes);

    /// Removes these, as far as they are ours and lie in the directory: paths that store() gave.
    StoredEvidence remove(const std::string& directory, std::uint64_t limit,
                          const std::vector<std::string>& paths);

  private:
    struct Place {
        std::string path;  ///< of the directory
        std::string file;
    };
    WriteFault with_directory(const Place& place, std::uint64_t limit,
                              const std::function<WriteFault(int)>& body, std::vector<std::string>& removed);
    WriteFault follow(int directory, const std::string& path, std::vector<std::string>& removed);
    WriteFault list(int directory, const std::string& path, bool same, std::vector<std::string>& removed);
    void found(int directory, const std::string& path, IndexedFile file, std::vector<std::string>& removed);
    WriteFault write(int directory, const Place& place, const std::string& name, std::string_view bytes,
                     StoredEvidence& stored);
    WriteFault make_room(int directory, const Place& place, const std::string& target,
                         std::uint64_t allocated, std::uint64_t to_write, std::vector<std::string>& removed);
    WriteFault remove(int directory, const std::string& path, std::vector<IndexedFile> files,
                      std::vector<std::string>& removed);
    WriteFault remove_named(int directory, const std::string& path, const std::vector<std::string>& paths,
                            std::vector<std::string>& removed);
    void put_back(std::vector<IndexedFile> files);
    StoredEvidence outcome(StoredEvidence stored, WriteFault fault) const;

    EvidenceClocks clocks_;
    EvidenceIndex index_;
    std::uint64_t limit_ = 0;
    std::uint64_t sequence_ = 0;
    uid_t owner_ = 0;                     ///< of the files that this process makes in the directory
    std::optional<DirectoryState> seen_;  ///< as this left the directory; none: the index is of no directory
    bool stale_ = false;                  ///< somebody else has changed it since it was read
    std::chrono::steady_clock::time_point listed_;
};

/// Writes a file of the user's choice (`--pcap FILE`, `--record FILE`), completely or not at all; the fault, if any. Its
/// owner alone may read it (0600), for it holds what servers said, and packets what was said to them. A file that is
/// there is replaced, one that a symbolic link leads to likewise; into what is no file (a pipe, /dev/stdout) it is
/// written as it comes.
std::optional<std::string> write_private_file(const std::string& file, std::string_view bytes);

}  // namespace whylink::daemon
