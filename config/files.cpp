#include "config/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
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
};

}  // namespace

const Files& system_files() {
    static const SystemFiles files;
    return files;
}

}  // namespace whylink::config
