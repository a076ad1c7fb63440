// Which of the answers a round tries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/round/dns_stage.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using config::Family;
using fabricated::address;
using testing::ElementsAre;
using testing::IsEmpty;

probes::Observation answered(const std::vector<std::string_view>& answers) {
    return fabricated::dns("a.example", answers).observation;
}

probes::DnsFacts& facts(probes::Observation& observation) {
    return std::get<probes::DnsFacts>(observation.facts);
}

bool everywhere(const IpAddress&) {
    return true;
}

TEST(AddressesToTry, AreEachOnceAndSorted) {
    EXPECT_THAT(addresses_to_try({answered({"10.0.0.9", "10.0.0.4"}), answered({"10.0.0.4", "fd00::4"})},
                                 Family::any, everywhere),
                ElementsAre(address("10.0.0.4"), address("10.0.0.9"), address("fd00::4")));
}

TEST(AddressesToTry, NoneWithoutAnswers) {
    EXPECT_THAT(addresses_to_try({answered({})}, Family::any, everywhere), IsEmpty());
}

TEST(AddressesToTry, ThePublicNameIsOnlyResolved) {
    probes::Observation public_name = answered({"203.0.113.5"});
    facts(public_name).role = probes::NameRole::public_host;
    EXPECT_THAT(addresses_to_try({answered({"10.0.0.4"}), public_name}, Family::any, everywhere),
                ElementsAre(address("10.0.0.4")));
}

TEST(AddressesToTry, TheHostsFileStandsForTheSystem) {
    probes::Observation hosts = answered({"10.9.9.9"});
    facts(hosts).source = probes::NameSource::hosts_file;
    facts(hosts).from_system = true;
    facts(hosts).hosts_file = {address("10.9.9.9")};
    probes::Observation system = answered({"10.0.0.4"});
    facts(system).from_system = true;
    facts(system).hosts_file = {address("10.9.9.9")};
    probes::Observation configured = answered({"10.0.0.5"});
    facts(configured).hosts_file = {address("10.9.9.9")};
    EXPECT_THAT(addresses_to_try({hosts, system, configured}, Family::any, everywhere),
                ElementsAre(address("10.0.0.5"), address("10.9.9.9")));
}

TEST(AddressesToTry, AFamilyWithoutRouteIsLeftOutBesideTheOther) {
    const auto only_v4 = [](const IpAddress& a) { return a.is_v4(); };
    const std::vector both{answered({"10.0.0.4", "fd00::4"})};
    EXPECT_THAT(addresses_to_try(both, Family::any, only_v4), ElementsAre(address("10.0.0.4")));
    const auto only_v6 = [](const IpAddress& a) { return a.is_v6(); };
    EXPECT_THAT(addresses_to_try(both, Family::any, only_v6), ElementsAre(address("fd00::4")));
}

TEST(AddressesToTry, WithoutAnyRouteAllAreTried) {
    const auto nowhere = [](const IpAddress&) { return false; };
    EXPECT_THAT(addresses_to_try({answered({"10.0.0.4", "fd00::4"})}, Family::any, nowhere),
                ElementsAre(address("10.0.0.4"), address("fd00::4")));
    EXPECT_THAT(addresses_to_try({answered({"fd00::4"})}, Family::any, nowhere),
                ElementsAre(address("fd00::4")));
}

TEST(AddressesToTry, OneAddressWithoutRouteDoesNotHideItsFamily) {
    const auto not_that = [](const IpAddress& a) { return a != address("fd00::5"); };
    EXPECT_THAT(addresses_to_try({answered({"10.0.0.4", "fd00::4", "fd00::5"})}, Family::any, not_that),
                ElementsAre(address("10.0.0.4"), address("fd00::4"), address("fd00::5")));
}

TEST(AddressesToTry, AreBounded) {
    probes::Observation many = answered({});
    for (unsigned i = 0; i <= max_addresses; ++i) {
        facts(many).queries[0].answers.push_back(
            {IpAddress::v4({10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}), 60});
    }
    EXPECT_EQ(addresses_to_try({many}, Family::any, everywhere).size(), max_addresses);
}

}  // namespace
}  // namespace whylink::daemon
