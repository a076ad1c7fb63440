// A disk of a given size, for who has to meet a full one.
#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>
#include <system_error>
#include <thread>

#include "tests/support/temporary_directory.hpp"

namespace whylink::lab {

/// Calls `body` with the path of a fresh tmpfs, on a thread with mounts of its own: nobody else sees it, and
/// it is gone afterwards, whatever happens. `options` are tmpfs(5)'s. Needs root; the error otherwise.
inline std::error_code on_small_disk(const std::string& options,
                                     const std::function<void(const std::string&)>& body) {
    const TemporaryDirectory directory;
    std::error_code error;
    std::thread([&] {
        if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("small", directory.path().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
            error = std::error_code(errno, std::generic_category());
            return;
        }
        body(directory.path());
        umount2(directory.path().c_str(), MNT_DETACH);
    }).join();
    return error;
}

}  // namespace whylink::lab
