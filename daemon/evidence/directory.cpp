#include "daemon/evidence/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

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

std::optional<StoredFile> regular_file(int directory, const char* name) {
    struct stat status {};
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) {
        return std::nullopt;
    }
    constexpr std::uint64_t block = 512;  // of st_blocks, see inode(7)
    // What has a second name somewhere stays on the disk.
    const std::uint64_t blocks = status.st_nlink == 1 ? static_cast<std::uint64_t>(status.st_blocks) : 0;
    return StoredFile{name, static_cast<std::uint64_t>(status.st_size), blocks * block};
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

DirectoryContents read_directory(int directory) {
    DirectoryContents contents;
    // A second descriptor, for fdopendir() takes it over.
    Descriptor own(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto end = [](DIR* stream) { closedir(stream); };
    const std::unique_ptr<DIR, decltype(end)> stream(own.open() ? fdopendir(own.get()) : nullptr, end);
    if (!stream) {
        contents.error = errno;
        return contents;
    }
    own.release();
    for (errno = 0; const dirent* entry = readdir(stream.get()); errno = 0) {
        const bool is_draft = is_draft_name(entry->d_name, evidence_draft);
        if (!is_draft && !is_evidence_name(entry->d_name)) {
            continue;
        }
        std::optional<StoredFile> file = regular_file(directory, entry->d_name);
        if (file && is_draft) {
            contents.drafts.push_back(std::move(file->name));
        } else if (file) {
            contents.evidence.push_back(std::move(*file));
        }
    }
    contents.error = errno;
    std::ranges::sort(contents.evidence, {}, &StoredFile::name);
    return contents;
}

}  // namespace whylink::daemon
