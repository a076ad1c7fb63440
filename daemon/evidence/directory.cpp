#include "daemon/evidence/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "daemon/evidence/evidence_file.hpp"

namespace whylink::daemon {
namespace {

constexpr mode_t directory_permissions = 0750;

OpenedDirectory make_directory(const std::string& path) {
    // What cannot be made here, mkdir() says.
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
    const bool made = mkdir(path.c_str(), directory_permissions) == 0;
    if (!made && errno != EEXIST) {
        return {Descriptor(), errno};
    }
    OpenedDirectory directory = open_directory(path);
    // The umask must not take it from the group.
    if (directory.error == 0 && made && fchmod(directory.fd.get(), directory_permissions) != 0) {
        directory.error = errno;
    }
    return directory;
}

std::uint64_t block_bytes(const struct stat& status) {
    constexpr std::uint64_t block = 512;  // of st_blocks, see inode(7)
    return static_cast<std::uint64_t>(status.st_blocks) * block;
}

/// Some file systems allocate late, or compress; the greater of the two is on the safe side.
std::uint64_t bytes_on_disk(const struct stat& status) {
    return std::max(block_bytes(status), static_cast<std::uint64_t>(status.st_size));
}

}  // namespace

OpenedDirectory open_directory(const std::string& path) {
    Descriptor fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const int error = fd.open() ? 0 : errno;
    return {std::move(fd), error};
}

OpenedDirectory open_or_make_directory(const std::string& path) {
    OpenedDirectory directory = open_directory(path);
    return directory.error == ENOENT ? make_directory(path) : std::move(directory);
}

std::optional<DirectoryState> state_of(int directory) {
    struct stat status {};
    if (fstat(directory, &status) != 0) {
        return std::nullopt;
    }
    return DirectoryState{status.st_dev, status.st_ino, status.st_mtim};
}

std::uint64_t allocated_to(int file) {
    struct stat status {};
    return fstat(file, &status) == 0 ? bytes_on_disk(status) : 0;
}

std::optional<uid_t> owner_of(int file) {
    struct stat status {};
    return fstat(file, &status) == 0 ? std::optional(status.st_uid) : std::nullopt;
}

std::optional<StoredFile> own_file(int directory, const std::string& name, uid_t owner) {
    struct stat status {};
    if (fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != owner) {
        return std::nullopt;
    }
    const std::uint64_t names = std::max<std::uint64_t>(status.st_nlink, 1);
    // What has a second name somewhere stays on the disk.
    return StoredFile{name, (bytes_on_disk(status) + names - 1) / names,
                      names == 1 ? block_bytes(status) : 0};
}

int for_each_evidence_file(int directory, uid_t owner, const std::function<void(StoredFile)>& visit) {
    // A second descriptor, for fdopendir() takes it over.
    Descriptor own(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto end = [](DIR* stream) { closedir(stream); };
    const std::unique_ptr<DIR, decltype(end)> stream(own.open() ? fdopendir(own.get()) : nullptr, end);
    if (!stream) {
        return errno;
    }
    own.release();
    for (errno = 0; const dirent* entry = readdir(stream.get()); errno = 0) {
        const bool is_draft = is_draft_name(entry->d_name, evidence_draft);
        if (!is_draft && !is_evidence_name(entry->d_name)) {
            continue;
        }
        std::optional<StoredFile> file = own_file(directory, entry->d_name, owner);
        if (file && is_draft) {
            remove_if_abandoned(directory, file->name);
        } else if (file) {
            visit(std::move(*file));
        }
    }
    return errno;
}

}  // namespace whylink::daemon
