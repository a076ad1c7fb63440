// What an evidence directory holds, in memory: how much each target has there, and which files make room for a
// new one. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace whylink::daemon {

struct IndexedFile {
    std::string name;             ///< evidence_name() can have made it
    std::uint64_t allocated = 0;  ///< bytes on the disk
    /// Which came first, whatever the clock said: this run counts its files. Those that were found together have
    /// the same number, and the order of their names.
    std::uint64_t sequence = 0;
    /// Its name has a time that was still to come when the file was found: a clock was wrong, so the time proves
    /// nothing. It goes before the others of its number.
    bool ahead = false;
};

/// What a new file may have.
struct Room {
    bool granted = false;
    std::vector<IndexedFile> files;  ///< that have to go for it; the index has them no more
    std::uint64_t share = 0;         ///< refused: bytes that each target may hold
    std::size_t targets = 0;         ///< refused: how many share the limit, the new file's among them
};

/// A limit in bytes for all files together, divided by need: while it is exceeded, the target that holds the most
/// gives up its oldest file, and no target that holds its equal share or less gives up anything to another.
class EvidenceIndex {
  public:
    EvidenceIndex() = default;
    EvidenceIndex(EvidenceIndex&&) = default;
    EvidenceIndex& operator=(EvidenceIndex&&) = default;

    /// The number of files that fit into a limit. One for each 16 KiB, because each costs memory here and time when
    /// the directory is read; at least 64, at most 20,000.
    static std::size_t max_files(std::uint64_t limit);

    void set_limit(std::uint64_t limit);
    /// The name is none that is here.
    void add(IndexedFile file);
    void forget(const std::string& name);
    /// For a file of `target` (as evidence_target() says it). When it is refused nothing has changed.
    Room make_room(const std::string& target, std::uint64_t allocated);
    /// The oldest file of the target that holds the most; the index is not empty.
    IndexedFile take_from_largest();

    std::size_t files() const { return files_; }
    /// Bytes by which the limit is judged: a file counts as what the disk gives it, and as its part of
    /// max_files() when that is more.
    std::uint64_t used() const { return used_; }
    void for_each(const std::function<void(const IndexedFile&)>& visit) const;

  private:
    struct Older {
        bool operator()(const IndexedFile& a, const IndexedFile& b) const;
    };
    using Files = std::set<IndexedFile, Older>;
    struct Holding {
        Files files;
        std::uint64_t used = 0;
    };
    using Holdings = std::map<std::string, Holding>;
    struct Rank {
        std::uint64_t used = 0;
        const IndexedFile* oldest = nullptr;
        const std::string* target = nullptr;
        /// The last holds the most; of equal ones, the one with the oldest file.
        bool operator<(const Rank& other) const;
    };

    std::uint64_t charge(std::uint64_t allocated) const;
    static Rank rank_of(const Holdings::value_type& holding);
    /// The target that gives up a file; none when nobody has to.
    const std::string* giver(const std::string& target, std::uint64_t charged) const;
    std::size_t sharing(const std::string& target) const;
    IndexedFile take(Holdings::iterator holding, Files::iterator at);
    IndexedFile take_oldest(Holdings::iterator holding);

    std::uint64_t limit_ = 0;
    std::uint64_t least_charge_ = 0;
    std::uint64_t used_ = 0;
    std::size_t files_ = 0;
    Holdings targets_;
    std::set<Rank> ranks_;
};

}  // namespace whylink::daemon
