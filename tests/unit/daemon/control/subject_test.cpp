#include "daemon/control/subject.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using fabricated::address;
using testing::ElementsAre;
using testing::IsEmpty;

config::Endpoint endpoint() {
    config::Endpoint made;
    made.name = "orders";
    made.host = "abcd.example";
    made.port = 9440;
    made.profile = "clickhouse-azure";
    made.endpoint_id = "pe";
    made.service = "svc";
    return made;
}

probes::Observation connection(std::string_view from) {
    probes::Observation made = fabricated::tcp("10.0.0.4").observation;
    get<probes::TcpFacts>(made.facts).local_address = address(from);
    return made;
}

TEST(AccountSubject, BeforeARoundIsWhatIsConfigured) {
    const control::Subject subject = subject_of(config::Target(endpoint()), nullptr);
    EXPECT_EQ(subject.target, "orders");
    EXPECT_EQ(subject.side, control::Side::consumer);
    EXPECT_EQ(subject.vendor, "clickhouse");
    EXPECT_EQ(subject.host, "abcd.example");
    EXPECT_EQ(subject.port, 9440);
    EXPECT_EQ(subject.endpoint_id, "pe");
    EXPECT_EQ(subject.service, "svc");
    EXPECT_THAT(subject.addresses, IsEmpty());
}

TEST(AccountSubject, HasWhatTheRoundSawOnceAndSorted) {
    probes::Round round;
    round.probes = {fabricated::dns("abcd.example", {"10.0.0.9", "10.0.0.4"}).observation,
                    fabricated::dns("abcd.example", {"10.0.0.4"}).observation, connection("10.0.3.10"),
                    connection("10.0.3.10")};
    const control::Subject subject = subject_of(config::Target(endpoint()), round);
    EXPECT_THAT(subject.addresses, ElementsAre(address("10.0.0.4"), address("10.0.0.9")));
    EXPECT_THAT(subject.sources, ElementsAre(address("10.0.3.10")));
}

TEST(AccountSubject, ThePublicNameIsNotOfTheLink) {
    probes::Round round;
    round.probes = {fabricated::dns("abcd.example", {"203.0.113.5"}).observation};
    get<probes::DnsFacts>(round.probes[0].facts).role = probes::NameRole::public_host;
    EXPECT_THAT(subject_of(config::Target(endpoint()), round).addresses, IsEmpty());
}

TEST(AccountSubject, AZoneIsItsWildcard) {
    config::Zone zone;
    zone.name = "z";
    zone.zone = "westus3.example";
    EXPECT_EQ(subject_of(config::Target(zone), nullptr).host, "*.westus3.example");
}

TEST(AccountSubject, AnInboundWatchIsOnTheProvidersSide) {
    config::Watch watch;
    watch.name = "w";
    watch.port = 6379;
    watch.service = "vpce-svc-1";
    watch.peer = {Cidr::parse("10.1.0.0/24").value()};
    const control::Subject subject = subject_of(config::Target(watch), nullptr);
    EXPECT_EQ(subject.side, control::Side::provider);
    EXPECT_EQ(subject.service, "vpce-svc-1");
    EXPECT_EQ(subject.port, 6379);
    EXPECT_THAT(subject.peers, ElementsAre(Cidr::parse("10.1.0.0/24").value()));
    watch.direction = config::Direction::outbound;
    EXPECT_EQ(subject_of(config::Target(watch), nullptr).side, control::Side::consumer);
}

}  // namespace
}  // namespace whylink::daemon
