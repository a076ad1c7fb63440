#include "probes/dns/name_walk.hpp"

#include <gtest/gtest.h>

#include "dns_bytes.hpp"

namespace whylink::probes {
namespace {

using testing::Bytes;
using testing::pointer_to;
using testing::wire_name;

Bytes labels(std::size_t count) {
    Bytes bytes;
    for (std::size_t i = 0; i < count; ++i) {
        bytes += Bytes{1, 'x'};
    }
    return bytes;
}

/// Each leads to the one before, the first to byte 0.
Bytes pointers(std::size_t count) {
    Bytes bytes = wire_name("") + pointer_to(0);
    for (std::size_t i = 1; i < count; ++i) {
        bytes += pointer_to(bytes.size() - 2);
    }
    return bytes;
}

TEST(NameWalk, CountsLabelsAndPointersToTheRoot) {
    const Bytes message = wire_name("db.example") + Bytes{1, 'a'} + pointer_to(3);
    const NameWalk walk = walk_name(message, 12);
    EXPECT_EQ(walk.end, NameWalk::End::root);
    EXPECT_EQ(walk.labels, 2U);
    EXPECT_EQ(walk.pointers, 1U);
    EXPECT_TRUE(walk.is_bounded());
}

TEST(NameWalk, FollowsAsMuchAsALegalNameHas) {
    EXPECT_TRUE(walk_name(labels(max_labels) + Bytes{0}, 0).is_bounded());
    const Bytes chain = pointers(max_pointers);
    const NameWalk walk = walk_name(chain, chain.size() - 2);
    EXPECT_TRUE(walk.is_bounded());
    EXPECT_EQ(walk.pointers, max_pointers);
    EXPECT_EQ(walk.end, NameWalk::End::root);
}

TEST(NameWalk, StopsWhereNoNameHasSoManyLabels) {
    const NameWalk walk = walk_name(labels(32'000) + Bytes{0}, 0);
    EXPECT_FALSE(walk.is_bounded());
    EXPECT_EQ(walk.labels, max_labels + 1);
    EXPECT_EQ(walk.fault(), "a name of more than 255 bytes");
}

TEST(NameWalk, StopsWhereNoNameHasSoManyPointers) {
    const Bytes chain = pointers(8'000);
    const NameWalk walk = walk_name(chain, chain.size() - 2);
    EXPECT_FALSE(walk.is_bounded());
    EXPECT_EQ(walk.pointers, max_pointers + 1);
    EXPECT_EQ(walk.fault(), "a name of more than 32 compression pointers");
}

TEST(NameWalk, StopsInALoopOfLabelsAndPointers) {
    const NameWalk walk = walk_name(labels(3) + pointer_to(0), 0);
    EXPECT_FALSE(walk.is_bounded());
    EXPECT_LE(walk.labels + walk.pointers, max_labels + max_pointers + 1);
    EXPECT_EQ(walk.fault(), "a compression loop");
}

TEST(NameWalk, SaysWhereANameBreaksOff) {
    EXPECT_EQ(walk_name({}, 0).fault(), "a name that runs past the end");
    EXPECT_EQ(walk_name(labels(1), 0).fault(), "a name that runs past the end");
    EXPECT_EQ(walk_name(labels(1), 7).fault(), "a name that runs past the end");
    EXPECT_EQ(walk_name(Bytes{0xc0}, 0).fault(), "a name that runs past the end");
    EXPECT_EQ(walk_name(Bytes{0x40, 0}, 0).fault(), "a label of an unknown kind");
}

}  // namespace
}  // namespace whylink::probes
