#include "daemon/compare/render.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace whylink::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const HumanStyle plain{80, false, true};
const SideNames names{"vm-a", "vm-b"};

Comparison bypassed() {
    SeenTarget good;
    good.kind = "endpoint";
    good.name = "orders";
    good.what = "orders.example.com:443";
    good.healthy = true;
    good.cause = "healthy";
    good.names = {{"host", "orders.example.com", "10.0.0.2:53", "ok", {"10.0.0.4"}, {}}};
    SeenTarget bad = good;
    bad.healthy = false;
    bad.cause = "private_dns_bypassed";
    bad.names = {{"host", "orders.example.com", "10.9.0.2:53", "public_address", {"52.1.2.3"}, {}}};
    return std::get<Comparison>(compare({"vm-a", "", {good}}, {"vm-b", "", {bad}}));
}

TEST(RenderComparison, SaysTheDecisiveDifferenceFirst) {
    const std::string text = render_comparison(bypassed(), names, plain);
    EXPECT_THAT(text, StartsWith("orders  orders.example.com:443\n  healthy on vm-a, failing on vm-b\n\n"
                                 "  Decisive: DNS addresses of orders.example.com\n"
                                 "    vm-a  10.0.0.4\n    vm-b  52.1.2.3 (public)\n"));
    EXPECT_THAT(text, HasSubstr("\n  Also different\n"));
    EXPECT_THAT(text, HasSubstr("\n  Usual differences between hosts\n"));
    EXPECT_THAT(text, testing::EndsWith("\n1 of 1 different\n"));
}

TEST(RenderComparison, OfEqualSidesIsALine) {
    Comparison equal = bypassed();
    equal.targets.front().differences.clear();
    EXPECT_EQ(render_comparison(equal, names, plain), "1 of 1 equal\n");
}

TEST(RenderComparison, MakesTextOfAFileHarmless) {
    Comparison comparison = bypassed();
    comparison.targets.front().good.name = "\x1b[31mred";
    comparison.only_good = {"\x1b]0;title\x07"};
    EXPECT_THAT(render_comparison(comparison, names, plain), Not(HasSubstr("\x1b")));
}

TEST(ComparisonJson, HasEveryDifference) {
    const auto document = nlohmann::json::parse(comparison_json(bypassed(), names));
    EXPECT_EQ(document["schema"], "whylink-compare/1");
    EXPECT_EQ(document["good"], "vm-a");
    EXPECT_EQ(document["equal"], false);
    const auto& target = document["targets"][0];
    EXPECT_EQ(target["name"], "orders");
    EXPECT_EQ(target["bad"]["cause"], "private_dns_bypassed");
    EXPECT_EQ(target["differences"][0]["layer"], "dns");
    EXPECT_EQ(target["differences"][0]["what"], "addresses");
    EXPECT_EQ(target["differences"][0]["decisive"], true);
    EXPECT_EQ(target["differences"][1]["decisive"], false);
}

}  // namespace
}  // namespace whylink::daemon
