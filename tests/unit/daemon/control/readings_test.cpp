#include "daemon/control/readings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using fabricated::address;
using testing::ElementsAre;
using testing::SizeIs;

control::Endpoint endpoint(std::string account, std::string id, std::string_view at) {
    control::Endpoint made;
    made.origin.account = std::move(account);
    made.id = std::move(id);
    made.state = control::ConnectionState::waiting;
    made.interfaces.items.emplace_back().addresses = {address(at)};
    return made;
}

control::Read read(std::string account, std::string what, std::vector<std::string> targets = {}) {
    control::Read made;
    made.account = std::move(account);
    made.read = std::move(what);
    made.targets = std::move(targets);
    return made;
}

control::Subject subject(std::string target) {
    control::Subject made;
    made.target = std::move(target);
    made.host = "abcd.example";
    made.addresses = {address("10.0.0.4")};
    return made;
}

std::vector<std::string> names(const std::vector<control::Read>& reads) {
    std::vector<std::string> names;
    for (const control::Read& one : reads) {
        names.push_back(one.account + " " + one.read);
    }
    return names;
}

TEST(ReadingsBookTest, HasNothingOfAnAccountThatDidNotAnswer) {
    ReadingsBook book;
    EXPECT_EQ(book.of(subject("a"), {"acme"}), nullptr);
    EXPECT_EQ(book.of(subject("a"), {}), nullptr);
}

TEST(ReadingsBookTest, GivesATargetItsReadsAndThoseOfAll) {
    ReadingsBook book;
    control::Readings readings;
    readings.reads = {read("acme", "vpc_endpoint", {"a"}), read("acme", "security_group", {"b"}),
                      read("acme", "account")};
    book.put("acme", readings);
    EXPECT_THAT(names(book.of(subject("a"), {"acme"})->reads),
                ElementsAre("acme vpc_endpoint", "acme account"));
}

TEST(ReadingsBookTest, KeepsTheOrderOfAnAnswer) {
    ReadingsBook book;
    control::Readings readings;
    readings.reads = {read("acme", "account"), read("acme", "vpc_endpoint", {"b", "a", "a"}),
                      read("acme", "instance"), read("acme", "subnet", {"a"}), read("acme", "vpc", {"b"})};
    book.put("acme", readings);
    EXPECT_THAT(names(book.of(subject("a"), {"acme"})->reads),
                ElementsAre("acme account", "acme vpc_endpoint", "acme instance", "acme subnet"));
    EXPECT_THAT(names(book.of(subject("c"), {"acme"})->reads), ElementsAre("acme account", "acme instance"));
    readings.reads.resize(1);
    book.put("acme", readings);
    EXPECT_THAT(names(book.of(subject("a"), {"acme"})->reads), ElementsAre("acme account"));
}

TEST(ReadingsBookTest, AddressesOfOtherAccountsAreNotTheTargets) {
    ReadingsBook book;
    control::Readings one;
    one.facts.endpoints = {endpoint("one", "vpce-1", "10.0.0.4")};
    control::Readings other;
    other.facts.endpoints = {endpoint("other", "vpce-2", "10.0.0.4")};
    book.put("one", one);
    book.put("other", other);
    const auto readings = book.of(subject("a"), {"one"});
    ASSERT_THAT(readings->all->facts.endpoints, SizeIs(1));
    EXPECT_EQ(readings->all->facts.endpoints[0].id, "vpce-1");
    ASSERT_TRUE(readings->connection.has_value());
    EXPECT_EQ(*readings->connection, (ConnectionStanding{"one", control::ConnectionState::waiting}));
}

TEST(ReadingsBookTest, TargetsOfTheSameAccountsShareTheFacts) {
    ReadingsBook book;
    book.put("acme", {});
    book.put("clickhouse", {});
    EXPECT_EQ(book.of(subject("a"), {"acme", "clickhouse"})->all,
              book.of(subject("b"), {"acme", "clickhouse"})->all);
}

TEST(ReadingsBookTest, ANewAnswerReplacesTheOneBefore) {
    ReadingsBook book;
    control::Readings before;
    before.facts.endpoints = {endpoint("acme", "vpce-1", "10.0.0.4")};
    book.put("acme", before);
    ASSERT_TRUE(book.of(subject("a"), {"acme"})->connection.has_value());
    book.put("acme", {});
    EXPECT_FALSE(book.of(subject("a"), {"acme"})->connection.has_value());
}

TEST(ReadingsBookTest, TheHostStandsOnceAmongTheFacts) {
    ReadingsBook book;
    control::Instance instance;
    instance.cloud = config::Cloud::aws;
    book.put(instance);
    book.put("acme", {});
    EXPECT_THAT(book.of(subject("a"), {"acme"})->all->facts.instances, SizeIs(1));
    control::Readings readings;
    readings.facts.instances = {instance};
    book.put("acme", readings);
    EXPECT_THAT(book.of(subject("a"), {"acme"})->all->facts.instances, SizeIs(1));
}

}  // namespace
}  // namespace whylink::daemon
