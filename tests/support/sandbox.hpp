// A program's own corner of the machine: network, mounts and processes of which nothing outlives it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace whylink::lab {

/// Moves the rest of the calling program into new network, mount and PID namespaces (unshare(2)); needs root.
/// Returns in the inner process only. The outer one stays as a guard: it passes the exit status on, ends the
/// inner one at SIGINT, SIGTERM or SIGHUP and then dies of the same signal. When the guard is killed, even by
/// SIGKILL, the kernel kills everything inside, and the network namespaces and mounts go with it. An error
/// text means that the kernel refused, and that the program goes on outside. Must be called before the
/// program has a second thread.
std::optional<std::string> enter_sandbox();

/// A tmpfs that only the processes of the sandbox see; it ends with them. Meaningful inside only.
std::filesystem::path scratch_directory();

}  // namespace whylink::lab
