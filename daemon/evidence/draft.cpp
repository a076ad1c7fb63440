#include "daemon/evidence/draft.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

constexpr std::size_t digits = 16;

std::string random_digits() {
    std::uint64_t value = 0;
    // Should it ever fail, O_EXCL still keeps two files apart.
    [[maybe_unused]] const ssize_t got = getrandom(&value, sizeof value, 0);
    return fmt::format("{:0{}x}", value, digits);
}

int result(int returned) {
    return returned == 0 ? 0 : errno;
}

int rename_to_new(int directory, const std::string& from, const std::string& to) {
    const int error = result(renameat2(directory, from.c_str(), directory, to.c_str(), RENAME_NOREPLACE));
    if (error != EINVAL && error != ENOSYS) {
        return error;
    }
    // NFS and some others cannot; between the two calls only another process could come.
    struct stat there {};
    if (fstatat(directory, to.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0) {
        return EEXIST;
    }
    return result(renameat(directory, from.c_str(), directory, to.c_str()));
}

}  // namespace

Draft::~Draft() {
    if (!name_.empty()) {
        unlinkat(directory_, name_.c_str(), 0);
    }
}

int Draft::create(mode_t permissions) {
    const std::string name = prefix_ + random_digits();
    file_ = Descriptor(
        openat(directory_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions));
    if (!file_.open()) {
        return errno;
    }
    name_ = name;
    // Held until this is gone, which is after the file has got its name.
    static_cast<void>(flock(file_.get(), LOCK_EX | LOCK_NB));
    return result(fchmod(file_.get(), permissions));
}

int Draft::write(std::string_view bytes) {
    if (const int error = write_all(file_.get(), bytes)) {
        return error;
    }
    // A remote file system, or one that allocates late, may speak up only now.
    return result(fsync(file_.get()));
}

int Draft::publish(const std::string& name, bool replace) {
    const int error = replace ? result(renameat(directory_, name_.c_str(), directory_, name.c_str()))
                              : rename_to_new(directory_, name_, name);
    if (error != 0) {
        return error;
    }
    name_.clear();
    // Not every file system can; the file is there all the same.
    static_cast<void>(fsync(directory_));
    return 0;
}

bool is_draft_name(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix) || name.size() != prefix.size() + digits) {
        return false;
    }
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return std::ranges::all_of(name.substr(prefix.size()), is_digit);
}

void remove_if_abandoned(int directory, const std::string& draft) {
    // Writable, for NFS gives the lock on nothing else.
    const Descriptor file(openat(directory, draft.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file.open() && flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
        unlinkat(directory, draft.c_str(), 0);
    }
}

}  // namespace whylink::daemon
