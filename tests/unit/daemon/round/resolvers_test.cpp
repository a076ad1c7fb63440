// What `system` and the configured resolvers come down to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/round/dns_stage.hpp"
#include "tests/unit/daemon/fabricated.hpp"
#include "tests/unit/daemon/temporary_file.hpp"

namespace whylink::daemon {
namespace {

using fabricated::address;
using testing::ElementsAre;

config::Resolver at(std::string_view text, std::uint16_t port = 53) {
    return {false, address(text), port};
}

ResolverAddress configured(std::string_view text, std::uint16_t port = 53) {
    return {address(text), port, 0, false};
}

ResolverAddress of_system(std::string_view text) {
    return {address(text), 53, 0, true};
}

TEST(ExpandResolvers, SystemIsEachNameserver) {
    const fabricated::TemporaryFile resolv_conf("nameserver 10.0.0.2\nnameserver fd00::2\n");
    EXPECT_THAT(expand_resolvers({config::Resolver{}}, {resolv_conf.path(), "/nonexistent"}),
                ElementsAre(of_system("10.0.0.2"), of_system("fd00::2")));
}

TEST(ExpandResolvers, KeepsTheOrderAndAsksEachOnce) {
    const fabricated::TemporaryFile resolv_conf("nameserver 10.0.0.2\nnameserver 10.0.0.2\n");
    EXPECT_THAT(expand_resolvers({at("10.0.0.9"), config::Resolver{}, at("10.0.0.9"), at("10.0.0.9", 5353)},
                                 {resolv_conf.path(), "/nonexistent"}),
                ElementsAre(configured("10.0.0.9"), of_system("10.0.0.2"), configured("10.0.0.9", 5353)));
}

TEST(ExpandResolvers, OneThatIsConfiguredTooIsNoLongerTheSystems) {
    const fabricated::TemporaryFile resolv_conf("nameserver 10.0.0.2\n");
    EXPECT_THAT(expand_resolvers({config::Resolver{}, at("10.0.0.2")}, {resolv_conf.path(), "/nonexistent"}),
                ElementsAre(configured("10.0.0.2")));
    EXPECT_THAT(expand_resolvers({at("10.0.0.2"), config::Resolver{}}, {resolv_conf.path(), "/nonexistent"}),
                ElementsAre(configured("10.0.0.2")));
}

TEST(ExpandResolvers, TellsALoopbackThatIsOnlyAssumedFromOneThatIsNamed) {
    const SystemFiles without{"/nonexistent", "/nonexistent"};
    const fabricated::TemporaryFile resolv_conf("nameserver 127.0.0.1\n");
    const ResolverAddress assumed{address("127.0.0.1"), 53, 0, true, true};
    EXPECT_THAT(expand_resolvers({config::Resolver{}}, without), ElementsAre(assumed));
    EXPECT_THAT(expand_resolvers({config::Resolver{}}, {resolv_conf.path(), "/nonexistent"}),
                ElementsAre(of_system("127.0.0.1")));
    EXPECT_THAT(expand_resolvers({config::Resolver{}, at("127.0.0.1")}, without),
                ElementsAre(configured("127.0.0.1")));
}

}  // namespace
}  // namespace whylink::daemon
