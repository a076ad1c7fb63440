#include "daemon/compare/differ.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace whylink::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SeenTarget healthy() {
    SeenTarget target;
    target.kind = "endpoint";
    target.name = "orders";
    target.what = "orders.example.com:443";
    target.healthy = true;
    target.cause = "healthy";
    target.names = {{"host", "orders.example.com", "10.0.0.2:53", "ok", {"10.0.0.4"}, {}}};
    SeenConnection connection;
    connection.address = "10.0.0.4";
    connection.local_address = "10.0.7.1";
    connection.tcp = "ok";
    connection.tls = "ok";
    connection.app = "ok";
    connection.peer_mss = 1460;
    connection.ttl = 63;
    connection.version = "TLSv1.3";
    connection.certificate = {"CN=orders", "CN=CA", "2027-01-01T00:00:00.000Z"};
    target.connections = {connection};
    return target;
}

/// At a stage: the ones behind it were not reached.
SeenTarget failing(const std::string& cause, const std::string& tcp, const std::string& tls = {}) {
    SeenTarget target = healthy();
    target.healthy = false;
    target.cause = cause;
    SeenConnection& connection = target.connections.front();
    connection.tcp = tcp;
    connection.tls = tls;
    connection.app.clear();
    if (tls != "ok") {
        connection.version.clear();
        connection.certificate.reset();
    }
    return target;
}

Side side(SeenTarget target) {
    return {"vm", "", {std::move(target)}};
}

TargetComparison comparison(SeenTarget good, SeenTarget bad) {
    return std::get<Comparison>(compare(side(std::move(good)), side(std::move(bad)))).targets.front();
}

/// "dns addresses", those that decide with "!".
std::vector<std::string> found(const TargetComparison& compared) {
    std::vector<std::string> lines;
    for (const Difference& difference : compared.differences) {
        const bool decisive = compared.has_decisive && lines.empty();
        lines.push_back(std::string(slug(difference.layer)) + " " + std::string(difference.what) +
                        (decisive ? "!" : ""));
    }
    return lines;
}

TEST(Compare, EqualSidesHaveNoDifference) {
    const auto compared = compare(side(healthy()), side(healthy()));
    EXPECT_TRUE(std::get<Comparison>(compared).equal());
    EXPECT_THAT(
        comparison(failing("backend_silent", "ok", "timeout"), failing("backend_silent", "ok", "timeout"))
            .differences,
        IsEmpty());
}

TEST(Compare, AddressesDecideBeforeWhatFollowsFromThem) {
    SeenTarget bad = failing("private_dns_bypassed", "timeout");
    bad.names.front().addresses = {"52.1.2.3"};
    bad.names.front().outcome = "public_address";
    bad.names.front().resolver = "10.9.0.2:53";
    bad.connections.front().address = "52.1.2.3";
    const TargetComparison compared = comparison(healthy(), bad);
    EXPECT_EQ(found(compared).front(), "dns addresses!");
    EXPECT_EQ(compared.differences.front().good, "10.0.0.4");
    EXPECT_EQ(compared.differences.front().bad, "52.1.2.3 (public)");
    EXPECT_THAT(std::string(meaning(compared.differences.front())), HasSubstr("private zones"));
    // What most hosts have otherwise comes last.
    EXPECT_EQ(found(compared).back(), "dns resolver");
}

TEST(Compare, AnotherResolverAloneDecidesNothing) {
    SeenTarget bad = failing("syn_unanswered", "timeout");
    bad.names.front().resolver = "10.9.0.2:53";
    EXPECT_THAT(found(comparison(healthy(), bad)),
                ElementsAre("tcp outcome!", "cause cause", "dns resolver"));
}

TEST(Compare, WhatWasNotReachedIsNoDifferenceOfItsOwn) {
    EXPECT_THAT(found(comparison(healthy(), failing("connection_refused", "refused"))),
                ElementsAre("tcp outcome!", "cause cause"));
    EXPECT_THAT(found(comparison(healthy(), failing("not_on_allowlist", "ok", "pending_allowlist"))),
                ElementsAre("tls outcome!", "cause cause"));
}

TEST(Compare, ASegmentSizeDecidesWhereLargePacketsCount) {
    SeenTarget stalled = failing("path_mtu_black_hole", "ok", "timeout");
    stalled.connections.front().peer_mss = 8460;
    EXPECT_EQ(found(comparison(healthy(), stalled)).front(), "path MSS of the peer!");
    SeenTarget reset = failing("not_on_allowlist", "ok", "pending_allowlist");
    reset.connections.front().peer_mss = 8460;
    EXPECT_EQ(found(comparison(healthy(), reset)).front(), "tls outcome!");
    SeenTarget refused = failing("connection_refused", "refused");
    refused.connections.front().peer_mss = 8460;
    EXPECT_EQ(found(comparison(healthy(), refused)).front(), "tcp outcome!");
}

TEST(Compare, HopsDecideWhereAnotherMachineAnswers) {
    SeenTarget bad = failing("reset_in_path", "ok", "reset_by_peer");
    bad.connections.front().ttl = 60;
    EXPECT_EQ(found(comparison(healthy(), bad)).front(), "tls outcome!");
    bad.connections.front().ttl = 127;
    EXPECT_EQ(found(comparison(healthy(), bad)).front(), "path hops!");
}

TEST(Compare, AnotherCertificateDecidesBeforeItsOutcome) {
    SeenTarget bad = failing("certificate_problem", "ok", "certificate_untrusted");
    bad.connections.front().version = "TLSv1.3";
    bad.connections.front().certificate = {"CN=orders", "CN=Inspection", "2026-07-01T00:00:00.000Z"};
    const TargetComparison compared = comparison(healthy(), bad);
    EXPECT_THAT(found(compared), ElementsAre("tls certificate!", "tls outcome", "cause cause"));
}

TEST(Compare, TheSourceDecidesWhereItIsOfAnotherKind) {
    SeenTarget bad = failing("syn_unanswered", "timeout");
    bad.connections.front().local_address = "10.0.9.9";
    EXPECT_EQ(found(comparison(healthy(), bad)).front(), "tcp outcome!");
    bad.connections.front().local_address = "203.0.113.4";
    EXPECT_EQ(found(comparison(healthy(), bad)).front(), "route source!");
}

TEST(Compare, ARouteThroughATunnelIsSaid) {
    SeenTarget bad = failing("syn_unanswered", "timeout");
    bad.connections.front().interface = "eth0";
    EXPECT_THAT(found(comparison(healthy(), bad)), ElementsAre("tcp outcome!", "cause cause"));
    bad.connections.front().interface = "wg0";
    bad.connections.front().link_kind = "wireguard";
    const TargetComparison compared = comparison(healthy(), bad);
    EXPECT_THAT(found(compared), ElementsAre("tcp outcome!", "cause cause", "route interface"));
    EXPECT_EQ(compared.differences.back().good, "not recorded");
    EXPECT_EQ(compared.differences.back().bad, "wg0 (wireguard)");
}

TEST(Compare, NothingIsDecisiveWhereTheOtherSideFailsToo) {
    const TargetComparison compared =
        comparison(failing("connection_refused", "refused"), failing("syn_unanswered", "timeout"));
    EXPECT_FALSE(compared.has_decisive);
    EXPECT_THAT(found(compared), ElementsAre("tcp outcome", "cause cause"));
    EXPECT_FALSE(comparison(failing("connection_refused", "refused"), healthy()).has_decisive);
}

TEST(Compare, RandomNamesAreComparedByTheirRole) {
    SeenTarget good = healthy();
    good.names = {{"random_label", "", "10.0.0.2:53", "ok", {"10.0.0.4"}, {}},
                  {"random_label", "", "10.0.0.2:53", "ok", {"10.0.0.4"}, {}}};
    SeenTarget bad = good;
    bad.healthy = false;
    bad.names.front().outcome = "nxdomain";
    bad.names.front().addresses = {};
    EXPECT_EQ(found(comparison(good, bad)).front(), "dns outcome!");
}

TEST(Compare, ReportsOfDifferentTargetsAreNotCompared) {
    SeenTarget other = healthy();
    other.what = "billing.example.com:443";
    const auto compared = compare(side(healthy()), side(other));
    EXPECT_EQ(std::get<std::string>(compared),
              "the reports have different targets: orders.example.com:443 and billing.example.com:443");
    Side many{"vm", "", {healthy(), healthy()}};
    other.name = "billing";
    EXPECT_EQ(std::get<std::string>(compare(many, side(other))), "the reports have no target in common");
}

TEST(Compare, OfTwoReportsWithOneTargetTheNamesMayDiffer) {
    SeenTarget diagnosed = healthy();
    diagnosed.name = diagnosed.what;
    EXPECT_TRUE(std::get<Comparison>(compare(side(healthy()), side(diagnosed))).equal());
}

TEST(Compare, TargetsOfOneSideAreNamed) {
    SeenTarget billing = healthy();
    billing.name = "billing";
    billing.what = "billing.example.com:443";
    const auto compared = compare({"a", "", {healthy(), billing}}, side(healthy()));
    const auto& result = std::get<Comparison>(compared);
    EXPECT_EQ(result.targets.size(), 1U);
    EXPECT_THAT(result.only_good, ElementsAre("billing"));
    EXPECT_THAT(result.only_bad, IsEmpty());
    EXPECT_FALSE(result.equal());
}

}  // namespace
}  // namespace whylink::daemon
