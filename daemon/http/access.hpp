// Who is let in, and by which certificate: what [daemon.tls] and [daemon.users] come to, read and checked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/config.hpp"

struct ssl_ctx_st;

namespace whylink::daemon::http {

/// Which version of a file was read.
struct FileStamp {
    std::string file;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;  ///< -1: it was not there
    std::int64_t modified_ns = 0;
    bool operator==(const FileStamp&) const = default;
};

FileStamp stamp_of(const std::string& file);

struct Access {
    std::shared_ptr<ssl_ctx_st> tls;           ///< null: plain HTTP
    std::map<std::string, std::string> users;  ///< by name, with bcrypt hashes; empty: everybody is let in
    config::ListenerTls files;                 ///< that `tls` was made from
    std::vector<FileStamp> tls_stamps;         ///< theirs, from before they were read
    std::vector<FileStamp> config_stamps;      ///< of the files that `users` came from, the main one first
};

/// Reads the files, which takes as long as the disk does; or says what is wrong with one, in one line. `config_stamps`
/// are from before the configuration was read.
std::variant<Access, std::string> load_access(const config::Daemon& daemon,
                                              std::vector<FileStamp> config_stamps);

/// What `before` has become on the disk: a certificate and users that changed. Nothing when none did. Addresses, paths
/// and all else wait for a reload. So does the removal of the last user: a file that is being written looks like it.
std::optional<std::variant<Access, std::string>> refreshed(const Access& before);

}  // namespace whylink::daemon::http
