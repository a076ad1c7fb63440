#include "daemon/report/human/account_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using control::Result;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(const std::vector<StageLine>& lines) {
    std::vector<std::string> texts;
    for (const StageLine& line : lines) {
        texts.push_back(line.text());
    }
    return texts;
}

control::Read read(Result result, std::string detail) {
    control::Read made;
    made.account = "acme";
    made.read = "vpc_endpoint";
    made.result = result;
    made.detail = std::move(detail);
    return made;
}

TargetReadingsPtr with(std::vector<control::Read> reads) {
    auto readings = std::make_shared<TargetReadings>();
    readings->reads = std::move(reads);
    return readings;
}

TEST(AccountLines, NothingWithoutAccounts) {
    EXPECT_THAT(account_lines(nullptr), IsEmpty());
    EXPECT_THAT(all_account_lines(nullptr), IsEmpty());
}

TEST(AccountLines, TheStateOfTheTargetsOwnAndWhatIsMissing) {
    control::Read endpoint = read(Result::ok, "");
    endpoint.read = "private_endpoint";
    endpoint.targets = {"orders"};
    endpoint.facts = {{"id", "/subscriptions/s/privateEndpoints/pe"}, {"state", "Pending"}};
    control::Read listing = endpoint;
    listing.targets.clear();
    EXPECT_THAT(texts(account_lines(with({endpoint, listing, read(Result::forbidden, "a:Read"),
                                          read(Result::forbidden, "b:Read"),
                                          read(Result::unreachable, "no reply within 5 s")}))),
                ElementsAre("private_endpoint pe is Pending (account acme)",
                            "account acme: permission missing: a:Read, b:Read",
                            "account acme: API not reachable: no reply within 5 s"));
}

TEST(AccountLines, AllOfThemHaveEverything) {
    EXPECT_THAT(texts(all_account_lines(fabricated::readings("acme", control::ConnectionState::waiting))),
                ElementsAre("account acme, private_endpoint at 2026-01-01 12:00:00 UTC; id "
                            "/subscriptions/s/privateEndpoints/pe; state Pending",
                            "account acme, security_group at 2026-01-01 12:00:00 UTC: permission missing; "
                            "Microsoft.Network/networkSecurityGroups/read"));
}

}  // namespace
}  // namespace whylink::daemon
