// Small files of the kernel's.
#pragma once

#include <string>

namespace whylink::probes {

/// The content, at most 64 KiB of it; empty when it cannot be read (not there, hidden, no descriptor left).
std::string read_proc_file(const char* path);

}  // namespace whylink::probes
