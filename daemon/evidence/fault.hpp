// Why a file cannot be written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace whylink::daemon {

struct WriteRefusal {
    int error = 0;  ///< errno
    std::string text;
    bool too_large = false;  ///< it lies with the file, and not with the disk
};
using WriteFault = std::optional<WriteRefusal>;

/// "cannot write PATH: REASON"
std::string fault_text(const std::string& path, std::string_view reason);
/// "WHAT: …" with the errno's text; none for 0.
WriteFault fault_of(int error, std::string_view what);
/// "cannot write PATH: …"; none for 0.
WriteFault fault_unless_zero(const std::string& path, int error);

std::string size_text(std::uint64_t bytes);

/// What keeps `size` bytes from being written to the file system of `directory`, once `set_free` bytes of it are
/// free: a twentieth of it, at most 1 GiB, stays free for everybody.
WriteFault disk_fault(int directory, const std::string& path, std::uint64_t size, std::uint64_t set_free);

}  // namespace whylink::daemon
