#include "daemon/evidence/index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "daemon/evidence/evidence_file.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t mib = 1U << 20U;

/// Of the round that began so many seconds after noon.
std::string name_of(std::string_view target, int round) {
    return evidence_name(fabricated::noon() + std::chrono::seconds(round), target, Cause::no_route);
}

/// An index of a limit, to which files come one after the other.
class Filled {
  public:
    explicit Filled(std::uint64_t limit) { index.set_limit(limit); }

    void add(std::string_view target, int round, std::uint64_t size) {
        index.add({name_of(target, round), size, ++sequence_, false});
    }
    /// The names of what a new file displaces; it is added.
    std::vector<std::string> displaced(std::string_view target, int round, std::uint64_t size) {
        const Room room = index.make_room(std::string(target), size);
        EXPECT_TRUE(room.granted);
        add(target, round, size);
        std::vector<std::string> names;
        for (const IndexedFile& file : room.files) {
            names.push_back(file.name);
        }
        return names;
    }
    std::map<std::string, std::uint64_t> by_target() const {
        std::map<std::string, std::uint64_t> sizes;
        index.for_each([&](const IndexedFile& file) { sizes[evidence_target(file.name)] += file.allocated; });
        return sizes;
    }

    EvidenceIndex index;

  private:
    std::uint64_t sequence_ = 0;
};

TEST(EvidenceIndex, RemovesTheOldestOfATargetByArrivalAndNotByName) {
    Filled filled(3 * mib);
    for (const int round : {7, 5, 6}) {
        EXPECT_THAT(filled.displaced("db", round, mib), IsEmpty());
    }
    EXPECT_THAT(filled.displaced("db", 1, mib), ElementsAre(name_of("db", 7)));
    EXPECT_THAT(filled.displaced("db", 2, 2 * mib), ElementsAre(name_of("db", 5), name_of("db", 6)));
}

TEST(EvidenceIndex, OrdersWhatWasFoundTogetherByNameAndWhatIsAheadOfTheClockFirst) {
    Filled filled(4 * mib);
    for (const int round : {3, 1, 2}) {
        filled.index.add({name_of("db", round), mib, 1, false});
    }
    filled.index.add({name_of("db", 9), mib, 1, true});
    EXPECT_THAT(filled.displaced("db", 20, 3 * mib),
                ElementsAre(name_of("db", 9), name_of("db", 1), name_of("db", 2)));
}

TEST(EvidenceIndex, LetsATargetThatFlapsDisplaceOnlyItsOwn) {
    Filled filled(256 * mib);
    for (int round = 0; round < 60; ++round) {
        filled.add("steady-" + std::to_string(round), round, mib);
    }
    for (int round = 100; round < 200; ++round) {
        for (const std::string& name : filled.displaced("flaps", round, 18 * mib)) {
            EXPECT_EQ(evidence_target(name), "flaps") << name;
        }
    }
    const auto sizes = filled.by_target();
    EXPECT_EQ(sizes.size(), 61U);
    EXPECT_EQ(sizes.at("flaps"), 180 * mib) << "all that the others leave";
}

TEST(EvidenceIndex, TakesFromTheLargestForATargetThatHasLittle) {
    Filled filled(10 * mib);
    for (int round = 1; round <= 6; ++round) {
        filled.add("large", round, mib);
    }
    for (int round = 11; round <= 14; ++round) {
        filled.add("small", round, mib);
    }
    EXPECT_THAT(filled.displaced("new", 20, 2 * mib), ElementsAre(name_of("large", 1), name_of("large", 2)));
    // Of two that hold the same, the one whose file is older.
    EXPECT_THAT(filled.displaced("new", 21, mib), ElementsAre(name_of("large", 3)));
    // It holds as much as any other now, and pays for its growth itself.
    EXPECT_THAT(filled.displaced("new", 22, mib), ElementsAre(name_of("new", 20)));
}

TEST(EvidenceIndex, LetsAFileOfItsOwnDisplaceAnotherWhereThereIsRoomForOne) {
    Filled filled(mib);
    EXPECT_THAT(filled.displaced("first", 1, mib), IsEmpty());
    EXPECT_THAT(filled.displaced("second", 2, mib), ElementsAre(name_of("first", 1)));
    EXPECT_THAT(filled.displaced("first", 3, mib), ElementsAre(name_of("second", 2)));
}

TEST(EvidenceIndex, RefusesWhatWouldTakeFromTheShareOfOthersAndChangesNothing) {
    Filled filled(16 * mib);
    for (int target = 0; target < 7; ++target) {
        filled.add("holds-its-share-" + std::to_string(target), target, 2 * mib);
    }
    filled.add("grows", 10, 2 * mib);
    const auto before = filled.by_target();
    const Room room = filled.index.make_room("grows", 3 * mib);
    EXPECT_FALSE(room.granted);
    EXPECT_THAT(room.files, testing::SizeIs(0));
    EXPECT_EQ(room.targets, 8U);
    EXPECT_EQ(room.share, 2 * mib);
    EXPECT_EQ(filled.by_target(), before);
    EXPECT_EQ(filled.index.used(), 16 * mib);
    // What fits into the share is taken, and the oldest of its own goes for it.
    EXPECT_THAT(filled.displaced("grows", 11, 2 * mib), ElementsAre(name_of("grows", 10)));
}

TEST(EvidenceIndex, BoundsTheNumberOfFiles) {
    EXPECT_EQ(EvidenceIndex::max_files(1024), 64U);
    EXPECT_EQ(EvidenceIndex::max_files(mib), 64U);
    EXPECT_EQ(EvidenceIndex::max_files(256 * mib), 16'384U);
    EXPECT_EQ(EvidenceIndex::max_files(1ULL << 50U), 20'000U);
    for (const std::uint64_t limit : {std::uint64_t{1000}, mib, 2 * mib + 1}) {
        Filled filled(limit);
        for (int round = 0; round < 200; ++round) {
            filled.displaced("db-" + std::to_string(round % 3), round, 1);
        }
        EXPECT_LE(filled.index.files(), EvidenceIndex::max_files(limit));
        EXPECT_GE(filled.index.files(), EvidenceIndex::max_files(limit) - 2);
        EXPECT_LE(filled.index.used(), limit);
    }
}

TEST(EvidenceIndex, CountsAgainWhenTheLimitChanges) {
    Filled filled(256 * mib);
    for (int round = 0; round < 10; ++round) {
        filled.add("db", round, 4096);
    }
    EXPECT_EQ(filled.index.used(), 10U * (16U << 10U)) << "each has its part of the limit";
    filled.index.set_limit(mib / 4);
    EXPECT_EQ(filled.index.used(), 10U * 4096U);
    filled.index.set_limit(std::uint64_t{8} * 4096);
    EXPECT_EQ(filled.displaced("db", 20, 4096).size(), 3U);
    EXPECT_EQ(filled.index.used(), 8U * 4096U);
}

TEST(EvidenceIndex, ForgetsWhatIsSaidToBeGone) {
    Filled filled(2 * mib);
    filled.add("db", 1, mib);
    filled.add("db", 2, mib);
    filled.index.forget(name_of("db", 1));
    filled.index.forget(name_of("db", 1));
    filled.index.forget(name_of("other", 1));
    EXPECT_EQ(filled.index.files(), 1U);
    EXPECT_EQ(filled.index.used(), mib);
    EXPECT_THAT(filled.displaced("db", 3, mib), IsEmpty());
    filled.index.forget(name_of("db", 2));
    filled.index.forget(name_of("db", 3));
    EXPECT_EQ(filled.index.files(), 0U);
    EXPECT_EQ(filled.index.used(), 0U);
}

TEST(EvidenceIndex, KeepsEverybodysShareWhateverComes) {
    std::mt19937 random(7);  // the same each time, so that a failure can be seen again
    const auto below = [&](std::uint64_t bound) {
        return std::uniform_int_distribution<std::uint64_t>(0, bound)(random);
    };
    constexpr std::uint64_t limit = 16 * mib;
    Filled filled(limit);
    int refused = 0;
    for (int round = 0; round < 2000; ++round) {
        const std::string target = "db-" + std::to_string(below(20));
        const std::uint64_t size = (16U << 10U) + below(below(9) == 0 ? 12 * mib : mib / 2);
        const auto before = filled.by_target();
        const Room room = filled.index.make_room(target, size);
        if (!room.granted) {
            ++refused;
            EXPECT_GT(size, room.share);
            EXPECT_EQ(filled.by_target(), before);
            continue;
        }
        filled.add(target, round, size);
        ASSERT_LE(filled.index.used(), limit);
        const std::uint64_t share = limit / (before.size() + (before.contains(target) ? 0U : 1U));
        for (const IndexedFile& file : room.files) {
            const std::string from = evidence_target(file.name);
            EXPECT_TRUE(from == target || before.at(from) > share) << from << " for " << target;
        }
    }
    EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace whylink::daemon
