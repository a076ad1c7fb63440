#include "config/files.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>

namespace whylink::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_file_size = 64ULL << 20;

FileFault from_errno(int error) {
    return {std::generic_category().message(error)};
}

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

/// What the shell gives for `<(command)`: a pipe that is open already, so that it comes to an end.
bool is_open_descriptor(const fs::path& file) {
    const std::string& path = file.native();
    return path.starts_with("/dev/fd/") || path.starts_with("/proc/") || path == "/dev/stdin";
}

/// Opening a named pipe waits for a writer, for ever if there is none; a daemon may not wait for a file.
std::optional<FileFault> kind_fault(const fs::path& file) {
    std::error_code ignored;
    const fs::file_type type = fs::status(file, ignored).type();
    if (type == fs::file_type::directory) {
        return from_errno(EISDIR);
    }
    if (type == fs::file_type::fifo && !is_open_descriptor(file)) {
        return FileFault{"a named pipe, which may never end"};
    }
    return std::nullopt;
}

/// Root may be asked about the file of any account.
bool is_of_somebody_else(uid_t owner) {
    const uid_t self = geteuid();
    return self != 0 && owner != 0 && owner != self;
}

/// What is no regular file (a pipe of the shell, /dev/null) keeps nothing.
std::optional<std::string> exposure_of(const struct stat& status) {
    if (!S_ISREG(status.st_mode)) {
        return std::nullopt;
    }
    std::array<char, 32> mode{};
    std::snprintf(mode.data(), mode.size(), " (mode %04o)", status.st_mode & 07777U);
    if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
        const bool reads = (status.st_mode & S_IROTH) != 0;
        return std::string("everybody on this host can ") + (reads ? "read it" : "change it") + mode.data();
    }
    if ((status.st_mode & S_IWGRP) != 0) {
        return std::string("its group can change it") + mode.data();
    }
    if (is_of_somebody_else(status.st_uid)) {
        return "it belongs to user " + std::to_string(status.st_uid) +
               ", which is neither root nor this program's account";
    }
    return std::nullopt;
}

/// The account of the installed service.
constexpr const char* prober = "whylink";

std::optional<std::string> prober_exposure_of(const struct stat& status) {
    std::array<char, 32> mode{};
    std::snprintf(mode.data(), mode.size(), " (mode %04o)", status.st_mode & 07777U);
    if ((status.st_mode & S_IROTH) != 0) {
        return std::string("everybody on this host can read it") + mode.data();
    }
    const passwd* account = ::getpwnam(prober);
    const bool is_owner = account != nullptr && account->pw_uid == status.st_uid;
    const bool is_group = account != nullptr && account->pw_gid == status.st_gid;
    if ((is_owner && (status.st_mode & S_IRUSR) != 0) || (is_group && (status.st_mode & S_IRGRP) != 0)) {
        return std::string("the account ") + prober + " can read it" + mode.data();
    }
    return std::nullopt;
}

class SystemFiles final : public Files {
  public:
    std::variant<std::string, FileFault> read(const fs::path& file) const override {
        if (auto fault = kind_fault(file)) {
            return *fault;
        }
        const std::unique_ptr<std::FILE, CloseFile> stream(std::fopen(file.c_str(), "rbe"));
        if (!stream) {
            return from_errno(errno);
        }
        std::string text;
        std::array<char, 16384> block{};
        while (const std::size_t size = std::fread(block.data(), 1, block.size(), stream.get())) {
            text.append(block.data(), size);
            if (text.size() > max_file_size) {
                return FileFault{"larger than 64 MiB"};
            }
        }
        if (std::ferror(stream.get()) != 0) {
            return from_errno(errno);
        }
        return text;
    }

    std::vector<std::string> list(const fs::path& directory, std::size_t limit) const override {
        std::vector<std::string> names;
        std::error_code error;
        fs::directory_iterator entry(directory.empty() ? fs::path(".") : directory, error);
        for (; !error && entry != fs::directory_iterator{} && names.size() < limit; entry.increment(error)) {
            names.push_back(entry->path().filename().string());
        }
        return names;
    }

    std::optional<FileFault> list_fault(const fs::path& directory) const override {
        std::error_code error;
        const fs::directory_iterator first(directory.empty() ? fs::path(".") : directory, error);
        if (!error || error == std::errc::no_such_file_or_directory) {
            return std::nullopt;
        }
        return from_errno(error.value());
    }

    std::optional<FileFault> fault(const fs::path& file) const override {
        if (auto fault = kind_fault(file)) {
            return fault;
        }
        // By the effective user, which is who will read it.
        if (faccessat(AT_FDCWD, file.c_str(), R_OK, AT_EACCESS) != 0) {
            return from_errno(errno);
        }
        return std::nullopt;
    }

    std::optional<std::string> exposure(const fs::path& file) const override {
        struct stat status {};
        return ::stat(file.c_str(), &status) != 0 ? std::nullopt : exposure_of(status);
    }

    std::optional<std::string> readable_by_prober(const fs::path& file) const override {
        struct stat status {};
        return ::stat(file.c_str(), &status) != 0 ? std::nullopt : prober_exposure_of(status);
    }
};

}  // namespace

const Files& system_files() {
    static const SystemFiles files;
    return files;
}

}  // namespace whylink::config
