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
        endpoint.labels = {{"team", endpoint.name == "orders" ? "shop" : "finance"}, {"env", "prod"}};
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

std::string error_of(const std::vector<std::string>& names, const std::vector<std::string>& labels = {}) {
    const auto result = select(config(), names, labels);
    const auto* error = std::get_if<std::string>(&result);
    return error == nullptr ? "" : *error;
}

std::vector<std::string> selected(const std::vector<std::string>& wanted,
                                  const std::vector<std::string>& labels = {}) {
    std::vector<std::string> names;
    const auto targets = std::get<std::vector<config::TargetPtr>>(select(config(), wanted, labels));
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
        "no endpoint, zone or watch is named \"nosuch\"; there are \"orders\", \"billing\", \"retired\", "
        "\"westus\", \"inbound\", \"asleep\"");
}

TEST(Select, AWatchByItsName) {
    EXPECT_THAT(selected({"asleep", "orders", "asleep"}), ElementsAre("orders", "asleep"));
    EXPECT_THAT(error_of({"inbond"}), HasSubstr("did you mean \"inbound\"?"));
}

TEST(Select, ByLabelsThoseThatHaveAll) {
    EXPECT_THAT(selected({}, {"env=prod"}), ElementsAre("orders", "billing"));
    EXPECT_THAT(selected({}, {"env=prod", "team=finance"}), ElementsAre("billing"));
    EXPECT_THAT(selected({"retired", "orders"}, {"team=finance"}), ElementsAre("retired"));
}

TEST(Select, ALabelThatNoTargetHasIsAnErrorThatSaysWhatThereIs) {
    EXPECT_EQ(error_of({}, {"tema=shop"}), "--label: no target has a label \"tema\"; did you mean \"team\"?");
    EXPECT_EQ(error_of({}, {"zone=x"}),
              "--label: no target has a label \"zone\"; there are \"env\", \"team\"");
    EXPECT_EQ(error_of({}, {"team=fiance"}),
              "--label: no target has team = \"fiance\"; did you mean \"finance\"?");
    EXPECT_EQ(error_of({}, {"team=x"}),
              "--label: no target has team = \"x\"; there are \"finance\", \"shop\"");
    EXPECT_EQ(error_of({}, {"team"}), "--label: \"team\" is not valid; use KEY=VALUE, such as team=data");
    EXPECT_EQ(error_of({"orders"}, {"team=finance"}),
              "--label: no selected target has all of these labels; use fewer labels or other names");
}

TEST(Select, OfManyNamesTheErrorSaysWhereTheyAreListed) {
    config::Config many;
    for (int i = 0; i < 20; ++i) {
        config::Endpoint endpoint;
        endpoint.name = "target-" + std::to_string(i);
        many.targets.push_back(config::make_target(endpoint));
    }
    const auto result = select(many, {"nosuch"});
    EXPECT_EQ(std::get<std::string>(result),
              "no endpoint, zone or watch is named \"nosuch\"; `whylink config show` lists all 20");
}

TEST(Select, NothingIsNearInAnEmptyConfig) {
    const auto result = select({}, {"orders"});
    EXPECT_EQ(std::get<std::string>(result), "no endpoint, zone or watch is named \"orders\"");
}

}  // namespace
}  // namespace whylink::daemon
