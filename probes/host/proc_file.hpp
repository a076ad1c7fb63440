// Small files of the kernel's.
#pragma once

#include <cstddef>
#include <string>

namespace whylink::probes {

/// The content, at most `max_size` bytes of it; empty when it cannot be read (not there, hidden, no descriptor left).
std::string read_proc_file(const char* path, std::size_t max_size = std::size_t{64} << 10);

}  // namespace whylink::probes
