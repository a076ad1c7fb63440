#include "daemon/evidence/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "daemon/evidence/directory.hpp"
#include "daemon/evidence/draft.hpp"
#include "daemon/evidence/evidence_file.hpp"
#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

struct Refusal {
    int error = 0;  ///< as in StoredEvidence
    std::string text;
};
using Fault = std::optional<Refusal>;

constexpr std::string_view capture_draft = ".whylink-pcap-";
constexpr mode_t file_permissions = 0640;
constexpr std::uint64_t largest_reserve = 1ULL << 30U;
/// Of one round, target and cause there is one file; more than a few mean that something else is wrong.
constexpr unsigned last_number = 99;

std::string fault_text(const std::string& path, std::string_view reason) {
    return fmt::format("cannot write {}: {}", path, reason);
}

/// None for 0.
Fault fault_of(int error, std::string_view what) {
    if (error == 0) {
        return std::nullopt;
    }
    return Refusal{error, fmt::format("{}: {}", what, std::generic_category().message(error))};
}

Fault fault_unless_zero(const std::string& path, int error) {
    return fault_of(error, "cannot write " + path);
}

std::string size_text(std::uint64_t bytes) {
    if (bytes < 1U << 20U) {
        return fmt::format("{} bytes", bytes);
    }
    return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1U << 20U));
}

/// So that paths in it are read as people write them.
std::string without_slash(std::string directory) {
    while (directory.size() > 1 && directory.back() == '/') {
        directory.pop_back();
    }
    return directory;
}

/// How many of the oldest have to go.
std::size_t too_many(const std::vector<StoredFile>& files, std::uint64_t limit, std::uint64_t size) {
    std::uint64_t total = size;
    for (const StoredFile& file : files) {
        total += file.size;
    }
    std::size_t count = 0;
    while (count < files.size() && total > limit) {
        total -= files[count++].size;
    }
    return count;
}

/// What is free for everybody, not for root alone.
Fault disk_fault(int directory, const std::string& path, std::uint64_t size, std::uint64_t set_free) {
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
    return Refusal{
        ENOSPC,
        fault_text(path, fmt::format("it needs {}, the file system has {} left, and {} of these stay free",
                                     size_text(size), size_text(free), size_text(reserve)))};
}

/// Removes the first `count`; what somebody else has removed by now is gone as well.
Fault remove_oldest(int directory, const std::string& path, const std::vector<StoredFile>& files,
                    std::size_t count, std::vector<std::string>& removed) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::string old = path + "/" + files[i].name;
        if (unlinkat(directory, files[i].name.c_str(), 0) == 0) {
            removed.push_back(old);
        } else if (errno != ENOENT) {
            const int error = errno;
            return fault_of(error, fmt::format("cannot remove {} to make room", old));
        }
    }
    return std::nullopt;
}

Fault make_room(int directory, const std::string& path, const std::string& file, std::uint64_t limit,
                std::uint64_t size, std::vector<std::string>& removed) {
    const DirectoryContents contents = read_directory(directory);
    if (Fault fault = fault_of(contents.error, "cannot read " + path)) {
        return fault;
    }
    for (const std::string& draft : contents.drafts) {
        remove_if_abandoned(directory, draft);
    }
    const std::size_t count = too_many(contents.evidence, limit, size);
    std::uint64_t set_free = 0;
    for (std::size_t i = 0; i < count; ++i) {
        set_free += contents.evidence[i].allocated;
    }
    if (Fault fault = disk_fault(directory, file, size, set_free)) {
        return fault;
    }
    return remove_oldest(directory, path, contents.evidence, count, removed);
}

struct Published {
    std::string name;
    int error = 0;
};

/// Under another number when the name is taken.
Published publish(Draft& draft, const std::string& name) {
    Published published{name, draft.publish(name, false)};
    for (unsigned number = 2; published.error == EEXIST && number <= last_number; ++number) {
        published.name = numbered(name, number);
        published.error = draft.publish(published.name, false);
    }
    return published;
}

Published write_evidence(int directory, const std::string& name, std::string_view bytes) {
    Draft draft(directory, evidence_draft);
    int error = draft.create(file_permissions);
    if (error == 0) {
        error = draft.write(bytes);
    }
    return error == 0 ? publish(draft, name) : Published{name, error};
}

/// Of a name that evidence_name() did not make, the limit would never hold again.
Fault refusal(const std::string& file, std::uint64_t limit, const std::string& name, std::uint64_t size) {
    if (!is_evidence_name(name)) {
        return Refusal{EINVAL, fault_text(file, "this is no name of an evidence file")};
    }
    if (size > limit) {
        return Refusal{EFBIG, fault_text(file, fmt::format("it needs {}, and evidence_limit is {}",
                                                           size_text(size), size_text(limit)))};
    }
    return std::nullopt;
}

std::optional<std::string> text_of(Fault fault) {
    return fault ? std::optional(std::move(fault->text)) : std::nullopt;
}

StoredEvidence refused(Refusal refusal, std::vector<std::string> removed) {
    return {.error = std::move(refusal.text), .removed = std::move(removed), .error_number = refusal.error};
}

// ---- a file of the user's choice ----

int write_into(const std::string& file, std::string_view bytes) {
    const Descriptor fd(open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    return fd.open() ? write_all(fd.get(), bytes) : errno;
}

int write_new(const std::filesystem::path& file, std::optional<mode_t> permissions, std::string_view bytes) {
    const std::string parent = file.parent_path();
    const OpenedDirectory directory = open_directory(parent.empty() ? "." : parent);
    if (directory.error != 0) {
        return directory.error;
    }
    Draft draft(directory.fd.get(), capture_draft);
    if (const int error = draft.create(permissions)) {
        return error;
    }
    if (const int error = draft.write(bytes)) {
        return error;
    }
    return draft.publish(file.filename(), true);
}

int write_chosen(const std::string& file, std::string_view bytes) {
    struct stat there {};
    if (stat(file.c_str(), &there) != 0) {
        return errno == ENOENT ? write_new(file, std::nullopt, bytes) : errno;
    }
    if (!S_ISREG(there.st_mode)) {
        return write_into(file, bytes);
    }
    // To replace it needs the right to the directory only, but who made it read-only did so on purpose.
    if (faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) != 0) {
        return errno;
    }
    std::error_code error;
    const std::filesystem::path target = std::filesystem::canonical(file, error);
    return error ? error.value() : write_new(target, there.st_mode & 0777U, bytes);
}

}  // namespace

StoredEvidence store_evidence(const std::string& directory, std::uint64_t limit, const std::string& name,
                              std::string_view bytes) {
    const std::string path = without_slash(directory);
    const std::string file = path + "/" + name;
    if (Fault fault = refusal(file, limit, name, bytes.size())) {
        return refused(std::move(*fault), {});
    }
    const OpenedDirectory opened = open_or_make_directory(path);
    if (Fault fault = fault_unless_zero(path, opened.error)) {
        return refused(std::move(*fault), {});
    }
    StoredEvidence stored;
    if (Fault fault = make_room(opened.fd.get(), path, file, limit, bytes.size(), stored.removed)) {
        return refused(std::move(*fault), std::move(stored.removed));
    }
    const Published published = write_evidence(opened.fd.get(), name, bytes);
    if (Fault fault = fault_unless_zero(file, published.error)) {
        return refused(std::move(*fault), std::move(stored.removed));
    }
    stored.path = path + "/" + published.name;
    return stored;
}

std::optional<std::string> evidence_directory_fault(const std::string& directory) {
    const std::string path = without_slash(directory);
    const OpenedDirectory opened = open_or_make_directory(path);
    if (opened.error != 0) {
        return text_of(fault_unless_zero(path, opened.error));
    }
    Draft draft(opened.fd.get(), evidence_draft);
    return text_of(fault_unless_zero(path, draft.create(file_permissions)));
}

std::optional<std::string> write_capture_file(const std::string& file, std::string_view bytes) {
    return text_of(fault_unless_zero(file, write_chosen(file, bytes)));
}

}  // namespace whylink::daemon
