// Which TTL a record has, by what a cache leaves of it.
#include "daemon/history/ttl_classes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

class TtlClassesTest : public testing::Test {
  protected:
    /// What the trait says after an answer; "" while nothing is known.
    std::string after(std::chrono::seconds time, std::uint32_t ttl) {
        Traits traits;
        classes.add({{"10.0.0.2 A db", ttl}}, start + time, traits);
        return traits.empty() ? "" : traits.at({What::ttl, "10.0.0.2 A db"});
    }
    /// Of a resolver that keeps a record for `ttl`, asked every 30 s until `end`: all that was said.
    std::set<std::string> said(std::uint32_t ttl, std::chrono::seconds begin, std::chrono::seconds end) {
        std::set<std::string> all;
        for (auto time = begin; time < end; time += 30s) {
            const auto kept = static_cast<std::uint32_t>((time - begin).count()) % ttl;
            all.insert(after(time, ttl - kept));
        }
        all.erase("");
        return all;
    }

    TtlClasses classes;
    static constexpr TtlClasses::Clock::time_point start{1000h};
};

TEST_F(TtlClassesTest, ARecordThatIsCountedDownHasOneClass) {
    EXPECT_EQ(said(300, 0s, 3h), std::set<std::string>{"300 s"});
}

TEST_F(TtlClassesTest, NothingIsSaidBeforeALifetimeIsOver) {
    EXPECT_EQ(after(0s, 45), "") << "it may be the rest of any TTL";
    EXPECT_EQ(after(30s, 15), "");
    EXPECT_EQ(after(60s, 290), "");
    EXPECT_EQ(after(330s, 280), "300 s");
}

TEST_F(TtlClassesTest, ALargerOneIsSaidAtOnce) {
    EXPECT_EQ(said(10, 0s, 10min), std::set<std::string>{"10 s"});
    EXPECT_EQ(after(10min, 298), "300 s");
}

TEST_F(TtlClassesTest, ASmallerOneIsSaidOnceTheOldOneMustHaveExpired) {
    said(300, 0s, 1h);
    EXPECT_EQ(after(1h, 10), "300 s");
    std::string latest;
    for (auto time = 1h + 30s; time < 2h; time += 30s) {
        latest = after(time, 10);
    }
    EXPECT_EQ(latest, "10 s");
}

TEST(TtlClass, IsAUsualOne) {
    EXPECT_EQ(ttl_class(0), "0 s");
    EXPECT_EQ(ttl_class(271), "300 s");
    EXPECT_EQ(ttl_class(86400), "86400 s");
    EXPECT_EQ(ttl_class(604800), "over 86400 s");
}

TEST(TtlsOf, HaveThePlacesOfTheAddresses) {
    checks::Assessment round;
    round.probes.push_back(fabricated::dns("db.example", {"10.0.0.4", "10.0.0.5"}));
    const Ttls ttls = ttls_of(round);
    ASSERT_EQ(ttls.size(), 1U);
    EXPECT_TRUE(traits_of(round).contains({What::address, ttls.begin()->first}));
}

}  // namespace
}  // namespace whylink::daemon
