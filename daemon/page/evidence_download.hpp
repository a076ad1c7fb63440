// An evidence file, as `GET /evidence/FILE` gives it.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/http/message.hpp"

namespace whylink::daemon::page {

/// Larger ones are copied from the host.
inline constexpr std::uint64_t max_download = 32ULL << 20;

/// Only what is called as an evidence file is, lies in the directory itself, and is a regular file; all else is not found.
/// Waits for the disk.
http::Response evidence_download(const std::string& directory, const std::string& name);

}  // namespace whylink::daemon::page
