// What loading asks of the file system.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace whylink::config {

/// Why a file cannot be had, for people: "No such file or directory".
struct FileFault {
    std::string why;
};

class Files {
  public:
    Files() = default;
    virtual ~Files() = default;
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    /// The whole text; at most 64 MiB.
    virtual std::variant<std::string, FileFault> read(const std::filesystem::path& file) const = 0;
    /// The names in a directory, in no order, at most `limit`; none when it cannot be read.
    virtual std::vector<std::string> list(const std::filesystem::path& directory,
                                          std::size_t limit) const = 0;
    /// Why the names in a directory cannot be had; nothing when they can, and when there is no such
    /// directory.
    virtual std::optional<FileFault> list_fault(const std::filesystem::path& /*directory*/) const {
        return std::nullopt;
    }
    /// Why `file` could not be read; nothing when it could. Does not open it.
    virtual std::optional<FileFault> fault(const std::filesystem::path& file) const = 0;
    /// Who may read or change what is there for this program alone, in words: "everybody on this host can read it (mode
    /// 0644)"; nothing where nobody may. Its group may read it: that is how an account of its own gets a key of root.
    virtual std::optional<std::string> exposure(const std::filesystem::path& /*file*/) const {
        return std::nullopt;
    }
    /// Why the account that probes could read this file, in words: "everybody on this host can read it (mode 0644)"; nothing
    /// where it could not.
    virtual std::optional<std::string> readable_by_prober(const std::filesystem::path& /*file*/) const {
        return std::nullopt;
    }
};

/// The real ones.
const Files& system_files();

}  // namespace whylink::config
