// A directory of evidence files, and what lies in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

struct StoredFile {
    std::string name;
    std::uint64_t size = 0;       ///< bytes
    std::uint64_t allocated = 0;  ///< bytes on the disk that its removal sets free
};

/// Only regular files: neither a link nor a directory is ours, whatever it is called.
struct DirectoryContents {
    std::vector<StoredFile> evidence;  ///< the oldest first
    std::vector<std::string> drafts;
    int error = 0;  ///< errno
};

DirectoryContents read_directory(int directory);

}  // namespace whylink::daemon
