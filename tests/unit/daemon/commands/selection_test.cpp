#include "daemon/commands/selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whylink::daemon {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

config::Config config() {
    config::Config config;
    for (const char* name : {"orders", "billing", "retired"}) {
        config::Endpoint endpoint;
        endpoint.name = name;
        endpoint.enabled = endpoint.name != "retired";
        config.endpoints.push_back(endpoint);
    }
    config::Zone zone;
    zone.name = "westus";
    config.zones.push_back(zone);
    config::Watch watch;
    watch.name = "inbound";
    config.watches.push_back(watch);
    watch.name = "asleep";
    watch.enabled = false;
    config.watches.push_back(watch);
    return config;
}

std::string error_of(const std::vector<std::string>& names) {
    const auto result = select(config(), names);
    const auto* error = std::get_if<std::string>(&result);
    return error == nullptr ? "" : *error;
}

TEST(Select, WithoutNamesAllThatAreEnabled) {
    const auto targets = std::get<Targets>(select(config(), {}));
    EXPECT_THAT(targets.endpoints, ElementsAre(Field(&config::Endpoint::name, "orders"),
                                               Field(&config::Endpoint::name, "billing")));
    EXPECT_THAT(targets.zones, ElementsAre(Field(&config::Zone::name, "westus")));
    EXPECT_THAT(targets.watches, ElementsAre(Field(&config::Watch::name, "inbound")));
}

TEST(Select, NamedOnesInTheirOrderAndOnce) {
    const auto targets = std::get<Targets>(select(config(), {"westus", "billing", "orders", "billing"}));
    EXPECT_THAT(targets.endpoints, ElementsAre(Field(&config::Endpoint::name, "billing"),
                                               Field(&config::Endpoint::name, "orders")));
    EXPECT_THAT(targets.zones, ElementsAre(Field(&config::Zone::name, "westus")));
}

TEST(Select, ADisabledOneWhenItIsNamed) {
    const auto targets = std::get<Targets>(select(config(), {"retired"}));
    EXPECT_THAT(targets.endpoints, ElementsAre(Field(&config::Endpoint::name, "retired")));
    EXPECT_THAT(targets.zones, IsEmpty());
}

TEST(Select, AnUnknownNameIsAnErrorThatNamesTheNearest) {
    EXPECT_THAT(error_of({"orders", "biling"}), HasSubstr("\"biling\"; the nearest is \"billing\""));
}

TEST(Select, AWatchByItsName) {
    const auto targets = std::get<Targets>(select(config(), {"asleep", "orders", "asleep"}));
    EXPECT_THAT(targets.watches, ElementsAre(Field(&config::Watch::name, "asleep")));
    EXPECT_THAT(targets.endpoints, ElementsAre(Field(&config::Endpoint::name, "orders")));
    EXPECT_THAT(error_of({"inbond"}), HasSubstr("the nearest is \"inbound\""));
}

TEST(Select, NothingIsNearInAnEmptyConfig) {
    const auto result = select({}, {"orders"});
    EXPECT_EQ(std::get<std::string>(result), "nothing in the config has the name \"orders\"");
}

}  // namespace
}  // namespace whylink::daemon
