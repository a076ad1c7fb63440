#include "daemon/evidence/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "daemon/evidence/draft.hpp"
#include "daemon/evidence/evidence_file.hpp"
#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

constexpr std::string_view private_draft = ".whylink-draft-";
constexpr mode_t private_permissions = 0600;
constexpr mode_t file_permissions = 0640;
/// Of one round, target and cause there is one file; more than a few mean that something else is wrong.
constexpr unsigned last_number = 99;
/// While a directory is read, more files than fit are held so that the right ones are removed; but not any number.
constexpr std::size_t held_per_fitting = 4;

/// So that paths in it are read as people write them.
std::string without_slash(std::string directory) {
    while (directory.size() > 1 && directory.back() == '/') {
        directory.pop_back();
    }
    return directory;
}

/// What a file of this size takes on most disks; what it really takes is known once it is written.
std::uint64_t expected_on_disk(std::uint64_t size) {
    constexpr std::uint64_t block = 4096;
    return (size + block - 1) / block * block;
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

/// Of a name that evidence_name() did not make, the limit would never hold again.
WriteFault refusal(const std::string& file, std::uint64_t limit, const std::string& name,
                   std::uint64_t size) {
    if (!is_evidence_name(name)) {
        return WriteRefusal{EINVAL, fault_text(file, "this is no name of an evidence file"), false};
    }
    const std::uint64_t needed = expected_on_disk(size);
    if (needed > limit) {
        return WriteRefusal{EFBIG,
                            fault_text(file, fmt::format("it needs {} on the disk, and evidence_limit is {}",
                                                         size_text(needed), size_text(limit))),
                            true};
    }
    return std::nullopt;
}

WriteFault over_share(const std::string& file, std::uint64_t needed, const Room& room) {
    return WriteRefusal{
        EDQUOT,
        fault_text(file, fmt::format("it needs {} on the disk, and each of {} targets may hold {}",
                                     size_text(needed), room.targets, size_text(room.share))),
        true};
}

/// What somebody else has removed by now, or has put something else in the place of, is gone as well.
int unlink_own(int directory, const std::string& name, uid_t owner) {
    if (!own_file(directory, name, owner) || unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) {
        return 0;
    }
    return errno;
}

std::optional<std::string> text_of(WriteFault fault) {
    return fault ? std::optional(std::move(fault->text)) : std::nullopt;
}

// ---- a file of the user's choice ----

int write_into(const std::string& file, std::string_view bytes) {
    const Descriptor fd(open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    return fd.open() ? write_all(fd.get(), bytes) : errno;
}

int write_new(const std::filesystem::path& file, std::string_view bytes) {
    const std::string parent = file.parent_path();
    const OpenedDirectory directory = open_directory(parent.empty() ? "." : parent);
    if (directory.error != 0) {
        return directory.error;
    }
    Draft draft(directory.fd.get(), private_draft);
    if (const int error = draft.create(private_permissions)) {
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
        return errno == ENOENT ? write_new(file, bytes) : errno;
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
    return error ? error.value() : write_new(target, bytes);
}

}  // namespace

StoredEvidence EvidenceStore::prepare(const std::string& directory, std::uint64_t limit) {
    const Place place{without_slash(directory), without_slash(directory)};
    StoredEvidence prepared;
    const auto try_to_write = [](int opened) {
        Draft draft(opened, evidence_draft);
        return draft.create(file_permissions);
    };
    WriteFault fault = with_directory(
        place, limit, [&](int opened) { return fault_unless_zero(place.path, try_to_write(opened)); },
        prepared.removed);
    return outcome(std::move(prepared), std::move(fault));
}

StoredEvidence EvidenceStore::store(const std::string& directory, std::uint64_t limit,
                                    const std::string& name, std::string_view bytes) {
    const std::string path = without_slash(directory);
    const Place place{path, path + "/" + name};
    StoredEvidence stored;
    WriteFault fault = refusal(place.file, limit, name, bytes.size());
    if (!fault) {
        fault = with_directory(
            place, limit, [&](int opened) { return write(opened, place, name, bytes, stored); },
            stored.removed);
    }
    return outcome(std::move(stored), std::move(fault));
}

StoredEvidence EvidenceStore::remove(const std::string& directory, std::uint64_t limit,
                                     const std::vector<std::string>& paths) {
    const std::string path = without_slash(directory);
    StoredEvidence stored;
    WriteFault fault = with_directory(
        {path, path}, limit, [&](int opened) { return remove_named(opened, path, paths, stored.removed); },
        stored.removed);
    return outcome(std::move(stored), std::move(fault));
}

WriteFault EvidenceStore::remove_named(int directory, const std::string& path,
                                       const std::vector<std::string>& paths,
                                       std::vector<std::string>& removed) {
    for (const std::string& file : paths) {
        const std::size_t slash = file.rfind('/');
        const std::string name = file.substr(slash + 1);
        // Another directory may have been configured then.
        if (slash == std::string::npos || file.substr(0, slash) != path || !is_evidence_name(name)) {
            continue;
        }
        if (const int error = unlink_own(directory, name, owner_)) {
            return fault_of(error, fmt::format("cannot remove {}", file));
        }
        index_.forget(name);
        removed.push_back(file);
    }
    return std::nullopt;
}

StoredEvidence EvidenceStore::outcome(StoredEvidence stored, WriteFault fault) const {
    if (fault) {
        stored.error_number = fault->error;
        stored.too_large = fault->too_large;
        stored.error = std::move(fault->text);
    }
    stored.use = {index_.files(), index_.used()};
    return stored;
}

/// Calls `body` with the directory once the index is of it.
WriteFault EvidenceStore::with_directory(const Place& place, std::uint64_t limit,
                                         const std::function<WriteFault(int)>& body,
                                         std::vector<std::string>& removed) {
    const OpenedDirectory opened = open_or_make_directory(place.path);
    if (opened.error != 0) {
        return fault_unless_zero(place.path, opened.error);
    }
    limit_ = limit;
    index_.set_limit(limit);
    if (WriteFault fault = follow(opened.fd.get(), place.path, removed)) {
        return fault;
    }
    WriteFault fault = body(opened.fd.get());
    // A change from now on is none of ours.
    seen_ = state_of(opened.fd.get());
    return fault;
}

WriteFault EvidenceStore::follow(int directory, const std::string& path, std::vector<std::string>& removed) {
    const std::optional<DirectoryState> now = state_of(directory);
    const bool same = now && seen_ && now->same_directory(*seen_);
    stale_ = stale_ || !same || !now->unchanged(*seen_);
    if (same && (!stale_ || clocks_.steady() - listed_ < min_listing_pause)) {
        return std::nullopt;
    }
    return list(directory, path, same, removed);
}

/// Reads the directory. What is known keeps its age; of the rest, the names tell which is older.
WriteFault EvidenceStore::list(int directory, const std::string& path, bool same,
                               std::vector<std::string>& removed) {
    {
        // Whom the file system says our files are of: on some it is not the account of this process.
        Draft draft(directory, evidence_draft);
        const int error = draft.create(file_permissions);
        const auto owner = error == 0 ? owner_of(draft.descriptor()) : std::nullopt;
        if (!owner) {
            return fault_unless_zero(path, error == 0 ? EIO : error);
        }
        owner_ = *owner;
    }
    std::unordered_map<std::string, IndexedFile> known;
    if (same) {
        index_.for_each([&](const IndexedFile& file) { known.emplace(file.name, file); });
    }
    index_ = EvidenceIndex();
    index_.set_limit(limit_);
    const std::string now = evidence_stamp(clocks_.system());
    ++sequence_;
    const int error = for_each_evidence_file(directory, owner_, [&](StoredFile file) {
        const auto before = known.extract(file.name);
        const bool ahead = before ? before.mapped().ahead : file.name.compare(0, now.size(), now) > 0;
        const std::uint64_t sequence = before ? before.mapped().sequence : sequence_;
        found(directory, path, {std::move(file.name), file.allocated, sequence, ahead}, removed);
    });
    seen_.reset();
    if (error != 0) {
        return fault_of(error, "cannot read " + path);
    }
    for (const auto& [name, file] : known) {
        removed.push_back(path + "/" + name);
    }
    stale_ = false;
    listed_ = clocks_.steady();
    return std::nullopt;
}

/// However many files somebody has put there, the index stays of a bounded size.
void EvidenceStore::found(int directory, const std::string& path, IndexedFile file,
                          std::vector<std::string>& removed) {
    index_.add(std::move(file));
    while (index_.files() > held_per_fitting * EvidenceIndex::max_files(limit_)) {
        // What cannot be removed now is met again when the directory is read the next time.
        const std::string name = index_.take_from_largest().name;
        if (unlink_own(directory, name, owner_) == 0) {
            removed.push_back(path + "/" + name);
        }
    }
}

WriteFault EvidenceStore::write(int directory, const Place& place, const std::string& name,
                                std::string_view bytes, StoredEvidence& stored) {
    const std::string target = evidence_target(name);
    const std::uint64_t expected = expected_on_disk(bytes.size());
    if (WriteFault fault = make_room(directory, place, target, expected, bytes.size(), stored.removed)) {
        return fault;
    }
    Draft draft(directory, evidence_draft);
    int error = draft.create(file_permissions);
    if (error == 0) {
        error = draft.write(bytes);
    }
    if (error != 0) {
        return fault_unless_zero(place.file, error);
    }
    const std::uint64_t allocated = std::max(expected, allocated_to(draft.descriptor()));
    if (WriteFault fault = make_room(directory, place, target, allocated, 0, stored.removed)) {
        return fault;
    }
    const Published published = publish(draft, name);
    if (published.error != 0) {
        return fault_unless_zero(place.file, published.error);
    }
    // Somebody else may have removed one of the same name.
    index_.forget(published.name);
    index_.add({published.name, allocated, ++sequence_, false});
    stored.path = place.path + "/" + published.name;
    return std::nullopt;
}

/// For a file that takes so much; `to_write` of it is not on the disk yet.
WriteFault EvidenceStore::make_room(int directory, const Place& place, const std::string& target,
                                    std::uint64_t allocated, std::uint64_t to_write,
                                    std::vector<std::string>& removed) {
    Room room = index_.make_room(target, allocated);
    if (!room.granted) {
        return over_share(place.file, allocated, room);
    }
    std::uint64_t set_free = 0;
    for (const IndexedFile& file : room.files) {
        const std::optional<StoredFile> there = own_file(directory, file.name, owner_);
        set_free += there ? there->set_free : 0;
    }
    if (WriteFault fault =
            to_write > 0 ? disk_fault(directory, place.file, to_write, set_free) : std::nullopt) {
        put_back(std::move(room.files));
        return fault;
    }
    return remove(directory, place.path, std::move(room.files), removed);
}

void EvidenceStore::put_back(std::vector<IndexedFile> files) {
    for (IndexedFile& file : files) {
        index_.add(std::move(file));
    }
}

WriteFault EvidenceStore::remove(int directory, const std::string& path, std::vector<IndexedFile> files,
                                 std::vector<std::string>& removed) {
    for (auto file = files.begin(); file != files.end(); ++file) {
        const std::string old = path + "/" + file->name;
        if (const int error = unlink_own(directory, file->name, owner_)) {
            put_back({std::make_move_iterator(file), std::make_move_iterator(files.end())});
            return fault_of(error, fmt::format("cannot remove {} to make room", old));
        }
        removed.push_back(old);
    }
    return std::nullopt;
}

std::optional<std::string> write_private_file(const std::string& file, std::string_view bytes) {
    return text_of(fault_unless_zero(file, write_chosen(file, bytes)));
}

}  // namespace whylink::daemon
