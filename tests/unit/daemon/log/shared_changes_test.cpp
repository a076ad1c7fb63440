// A change that several targets failed after is said once.
#include "daemon/log/shared_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/log/change_log.hpp"
#include "tests/unit/daemon/fabricated_snapshot.hpp"
#include "tests/unit/daemon/log/logged_changes.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using fabricated::noon;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr SharedChanges::Clock::time_point start{1000h};

Change rule() {
    return {noon() - 1s, What::firewall, "aa11", "bb22"};
}
Change address(std::chrono::seconds ago) {
    return {noon() - ago, What::address, "10.0.0.9", "10.0.0.4"};
}

TargetStatus failing(const std::string& name, std::vector<Change> changes) {
    TargetStatus status = fabricated::watched(fabricated::failing_endpoint(name));
    status.healthy = false;
    status.standing.history =
        std::make_shared<const TargetHistory>(TargetHistory{noon(), noon() - 30s, std::move(changes)});
    return status;
}

TEST(SharedChanges, AreSaidOnceForAllTargets) {
    SharedChanges shared;
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
        shared.add(failing(name, {rule()}), start);
        shared.add(failing(name, {rule()}), start + 1s);
    }
    EXPECT_THAT(shared.take_due(start + SharedChanges::gathering - 1s), IsEmpty());
    const std::vector<Record> said = shared.take_due(start + SharedChanges::gathering);
    ASSERT_THAT(said, SizeIs(1));
    EXPECT_EQ(said.front().event, "shared_change");
    EXPECT_THAT(
        said.front().message,
        AllOf(HasSubstr("6 targets failed after one change: firewall ruleset of this host aa11 → bb22"),
              HasSubstr("at 2026-01-01T11:59:59.000Z: a, b, c, d, e and 1 more")));
    shared.add(failing("g", {rule()}), start + 1min);
    EXPECT_THAT(shared.take_due(start + 1h), IsEmpty());
}

TEST(SharedChanges, OfOneTargetAreItsOwn) {
    SharedChanges shared;
    shared.add(failing("a", {rule()}), start);
    shared.add(failing("b", {address(5s)}), start);
    shared.add(failing("c", {address(6s)}), start);
    shared.add(failing("d", {}), start);
    EXPECT_THAT(shared.take_due(start + 1h), IsEmpty());
}

TEST(SharedChanges, NameTheTargetWhoseLineHasTheChange) {
    SharedChanges shared;
    shared.add(failing("a", {rule()}), start);
    EXPECT_EQ(shared.first_after_same(failing("a", {rule()})), "");
    EXPECT_EQ(shared.first_after_same(failing("b", {rule()})), "a");
    EXPECT_EQ(shared.first_after_same(failing("b", {rule(), address(5s)})), "") << "it has one of its own";
    EXPECT_EQ(shared.first_after_same(failing("b", {})), "");
}

TEST(SharedChanges, AreBounded) {
    SharedChanges shared;
    for (int i = 0; i < 200; ++i) {
        shared.add(failing("a", {{noon() + i * 1s, What::firewall, "x", "y"}}), start);
    }
    EXPECT_EQ(shared.first_after_same(failing("b", {{noon(), What::firewall, "x", "y"}})), "");
    EXPECT_EQ(shared.first_after_same(failing("b", {{noon() + 199s, What::firewall, "x", "y"}})), "a");
}

TEST(SharedChanges, StandInOneLineOfTheLog) {
    std::vector<Record> said;
    ChangeLog log([&said](Record record) { said.push_back(std::move(record)); }, start,
                  fabricated::explained);
    log.round_ended(std::make_shared<TargetStatus>(failing("a", {rule()})), start);
    log.round_ended(std::make_shared<TargetStatus>(failing("b", {rule()})), start);
    log.tick({}, start + SharedChanges::gathering);
    ASSERT_THAT(said, SizeIs(3));
    EXPECT_THAT(said[0].message, HasSubstr("changed: firewall ruleset of this host"));
    EXPECT_THAT(said[1].message,
                AllOf(HasSubstr("; same change before it as a"), Not(HasSubstr("firewall ruleset"))));
    EXPECT_EQ(said[2].event, "shared_change");
}

}  // namespace
}  // namespace whylink::daemon
