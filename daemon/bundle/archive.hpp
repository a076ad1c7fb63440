// A .tar.gz in memory, and the manifest of what is in it. Pure.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace whylink::daemon {

struct BundleFile {
    std::string name;  ///< below the archive's folder: "report.json", "evidence/….pcapng"
    std::string bytes;
};

/// A line for each file: SHA-256 in hexadecimal digits, size in bytes, name.
std::string manifest_of(std::span<const BundleFile> files);

/// POSIX.1-2001 (pax), compressed with gzip. All files are in `folder`, belong to root, and are readable for their owner
/// alone. The same files at the same time make the same bytes.
std::string tar_gz(std::string_view folder, std::span<const BundleFile> files,
                   std::chrono::system_clock::time_point made);

}  // namespace whylink::daemon
