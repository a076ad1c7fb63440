// What this process has of the system: its descriptors, its host's name, its end.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "config/config.hpp"

namespace whylink::daemon {

/// Raises the soft limit of open files (getrlimit(2), RLIMIT_NOFILE) to the hard one; the limit that holds now.
std::size_t raise_open_files();

/// At most `wanted` rounds at once, and no more than so many descriptors are enough for, so that a check does not fail by
/// its own number; at least 1.
unsigned rounds_for(std::span<const config::TargetPtr> targets, unsigned wanted, std::size_t open_files);

/// Has the C library hand large texts back to the host as they are freed, such as a page of 10,000 targets; mallopt(3): left
/// to itself it raises its threshold with the first of them, and keeps all that follow. Before other threads are started.
void hand_back_large_texts();

/// Hands memory that was freed back to the host, when it is so much that the C library should not keep it: reading a
/// configuration, valid or not, may take a hundred times its size.
void give_back_memory();

/// This host's host name: where it is measured from.
std::string vantage_point();

/// Ends the process with `status` after `limit`, even when it is stuck in a system call or a destructor: an
/// alarm of the kernel (setitimer(2)), whose handler does nothing but _exit(2). To be called once, when the
/// ordinary end begins.
void exit_after(std::chrono::milliseconds limit, int status);

}  // namespace whylink::daemon
