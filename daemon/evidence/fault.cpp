#include "daemon/evidence/fault.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace whylink::daemon {
namespace {

constexpr std::uint64_t largest_reserve = 1ULL << 30U;

}  // namespace

std::string fault_text(const std::string& path, std::string_view reason) {
    return fmt::format("cannot write {}: {}", path, reason);
}

WriteFault fault_of(int error, std::string_view what) {
    if (error == 0) {
        return std::nullopt;
    }
    return WriteRefusal{error, fmt::format("{}: {}", what, std::generic_category().message(error)), false};
}

WriteFault fault_unless_zero(const std::string& path, int error) {
    return fault_of(error, "cannot write " + path);
}

std::string size_text(std::uint64_t bytes) {
    if (bytes < 1U << 20U) {
        return fmt::format("{} bytes", bytes);
    }
    return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1U << 20U));
}

/// What is free for everybody, not for root alone.
WriteFault disk_fault(int directory, const std::string& path, std::uint64_t size, std::uint64_t set_free) {
    struct statvfs status {};
    if (fstatvfs(directory, &status) != 0) {
        return fault_unless_zero(path, errno);
    }
    const std::uint64_t unit = status.f_frsize;
    const std::uint64_t total = status.f_blocks * unit;
    // Some file systems do not know their size.
    if (total == 0) {
        return std::nullopt;
    }
    const std::uint64_t needed = (size + unit - 1) / unit * unit;
    const std::uint64_t reserve = std::min(total / 20, largest_reserve);
    const std::uint64_t free = status.f_bavail * unit + set_free;
    if (free >= needed + reserve) {
        return std::nullopt;
    }
    return WriteRefusal{
        ENOSPC,
        fault_text(path, fmt::format("it needs {}, the file system has {} left, and {} of these stay free",
                                     size_text(size), size_text(free), size_text(reserve))),
        false};
}

}  // namespace whylink::daemon
