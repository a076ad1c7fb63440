// A directory of evidence files, and what lies in it.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/evidence/draft.hpp"

namespace whylink::daemon {

/// How the drafts of evidence files are called.
inline constexpr std::string_view evidence_draft = ".whylink-evidence-";

struct OpenedDirectory {
    Descriptor fd;
    int error = 0;  ///< errno; 0: `fd` is open
};

OpenedDirectory open_directory(const std::string& path);
/// 0750 when it is missing; its parents as the umask has it.
OpenedDirectory open_or_make_directory(const std::string& path);

/// Which directory it is, and when an entry of it was last added, removed or renamed.
struct DirectoryState {
    dev_t device = 0;
    ino_t inode = 0;
    timespec changed{};

    bool same_directory(const DirectoryState& other) const {
        return device == other.device && inode == other.inode;
    }
    bool unchanged(const DirectoryState& other) const {
        return same_directory(other) && changed.tv_sec == other.changed.tv_sec &&
               changed.tv_nsec == other.changed.tv_nsec;
    }
};
std::optional<DirectoryState> state_of(int directory);

/// What the disk gives to an open file, in bytes; what is in it, where the disk has not decided yet.
std::uint64_t allocated_to(int file);

/// The account that an open file belongs to.
std::optional<uid_t> owner_of(int file);

struct StoredFile {
    std::string name;
    /// Bytes on the disk. Of a file with several names (hard links) each has its part: all of them together are
    /// counted once.
    std::uint64_t allocated = 0;
    std::uint64_t set_free = 0;  ///< bytes on the disk that its removal sets free
};

/// The file of that name when it is ours: a regular file of `owner`. It is not opened, and a link not followed.
std::optional<StoredFile> own_file(int directory, const std::string& name, uid_t owner);

/// Visits each evidence file of `owner`, in no order; the visitor may remove it. Drafts that `owner` left behind
/// are removed. An errno, 0 for success.
int for_each_evidence_file(int directory, uid_t owner, const std::function<void(StoredFile)>& visit);

}  // namespace whylink::daemon
