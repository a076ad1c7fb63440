#include "daemon/commands/selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whylink::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

config::Config config() {
    config::Config config;
    for (const char* name : {"orders", "billing", "retired"}) {
        config::Endpoint endpoint;
        endpoint.name = name;
        endpoint.enabled = endpoint.name != "retired";
        config.targets.push_back(config::make_target(endpoint));
    }
    config::Zone zone;
    zone.name = "westus";
    config.targets.push_back(config::make_target(zone));
    config::Watch watch;
    watch.name = "inbound";
    config.targets.push_back(config::make_target(watch));
    watch.name = "asleep";
    watch.enabled = false;
    config.targets.push_back(config::make_target(watch));
    return config;
}

std::string error_of(const std::vector<std::string>& names) {
    const auto result = select(config(), names);
    const auto* error = std::get_if<std::string>(&result);
    return error == nullptr ? "" : *error;
}

std::vector<std::string> selected(const std::vector<std::string>& wanted) {
    std::vector<std::string> names;
    const auto targets = std::get<std::vector<config::TargetPtr>>(select(config(), wanted));
    names.reserve(targets.size());
    for (const config::TargetPtr& target : targets) {
        names.push_back(target->name());
    }
    return names;
}

TEST(Select, WithoutNamesAllThatAreEnabled) {
    EXPECT_THAT(selected({}), ElementsAre("orders", "billing", "westus", "inbound"));
}

TEST(Select, NamedOnesInTheirOrderByKindAndOnce) {
    EXPECT_THAT(selected({"westus", "billing", "orders", "billing"}),
                ElementsAre("billing", "orders", "westus"));
}

TEST(Select, ADisabledOneWhenItIsNamed) {
    EXPECT_THAT(selected({"retired"}), ElementsAre("retired"));
}

TEST(Select, AnUnknownNameIsAnErrorThatNamesANearOne) {
    EXPECT_THAT(error_of({"orders", "biling"}), HasSubstr("\"biling\"; did you mean \"billing\"?"));
}

TEST(Select, AnUnknownNameThatIsNearToNoneHasNoNeighbour) {
    EXPECT_EQ(
        error_of({"nosuch"}),
        "nothing in the config has the name \"nosuch\"; there are \"orders\", \"billing\", \"retired\", "
        "\"westus\", \"inbound\", \"asleep\"");
}

TEST(Select, AWatchByItsName) {
    EXPECT_THAT(selected({"asleep", "orders", "asleep"}), ElementsAre("orders", "asleep"));
    EXPECT_THAT(error_of({"inbond"}), HasSubstr("did you mean \"inbound\"?"));
}

TEST(Select, NothingIsNearInAnEmptyConfig) {
    const auto result = select({}, {"orders"});
    EXPECT_EQ(std::get<std::string>(result), "nothing in the config has the name \"orders\"");
}

}  // namespace
}  // namespace whylink::daemon
