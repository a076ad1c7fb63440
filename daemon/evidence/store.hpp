// Keeps evidence files within a directory and a limit. Blocks on the disk: for the worker's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whylink::daemon {

struct StoredEvidence {
    std::optional<std::string> error;  ///< set: nothing was written
    std::vector<std::string> removed;  ///< paths of the oldest files, that made room; also beside an error
    /// Of the file that was written: `directory`/`name`, with a number when that was taken
    /// ("…_not_on_allowlist-2.pcapng"). Nothing is ever overwritten.
    std::string path = {};
    /// errno beside an error, for what of it does not lie with this file: ENOSPC when the disk must not get
    /// fuller, EFBIG when the limit is smaller than the file.
    int error_number = 0;
};

/// Writes `directory`/`name` completely or not at all (a temporary file in the same directory, synced, then
/// renamed), readable by the group. Before it does, removes the oldest evidence files (by name; only regular
/// files whose name evidence_name() can have made, and what an interrupted write left behind) until all of
/// them together stay within `limit` bytes; what alone exceeds the limit is refused, and so is anything that
/// would leave the file system less than a twentieth (at most 1 GiB) of its size free; a refusal removes
/// nothing. `name` is one that evidence_name() made. The directory is made when it is missing (0750, its
/// parents as the umask has it). One call at a time; another process may use the same directory.
StoredEvidence store_evidence(const std::string& directory, std::uint64_t limit, const std::string& name,
                              std::string_view bytes);

/// Whether files can be written there at all, or why not; makes the directory when it is missing.
std::optional<std::string> evidence_directory_fault(const std::string& directory);

/// Writes a file of the user's choice (`--pcap FILE`), completely or not at all; the fault, if any. A file
/// that is there is replaced and keeps its permissions, one that a symbolic link leads to likewise; into what
/// is no file (a pipe, /dev/stdout) it is written as it comes.
std::optional<std::string> write_capture_file(const std::string& file, std::string_view bytes);

}  // namespace whylink::daemon
