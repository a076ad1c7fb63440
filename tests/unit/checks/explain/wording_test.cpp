#include "checks/explain/wording.hpp"

#include <gtest/gtest.h>

namespace whylink::checks {
namespace {

TEST(Wording, FillsWhatIsKnown) {
    Wording wording;
    wording.host = "abcd.example";
    wording.port = "9440";
    EXPECT_EQ(fill("{host}:{port} and {host}", wording), "abcd.example:9440 and abcd.example");
}

TEST(Wording, IsGeneralAboutWhatIsNotConfigured) {
    EXPECT_EQ(fill("add {endpoint_id} to {service}", {}), "add the endpoint's identifier to the service");
}

TEST(Wording, SaysNothingTwice) {
    EXPECT_EQ(fill("the public name {public_host} is another", {}), "the public name is another");
    EXPECT_EQ(fill("the public name ({public_host}) is another", {}), "the public name is another");
    EXPECT_EQ(fill("the zone {zone}", {}), "the zone");
    EXPECT_EQ(fill("{public_host} ({public_host}", {}), "the public name (the public name");
    Wording wording;
    wording.public_host = "a.example";
    EXPECT_EQ(fill("the public name ({public_host})", wording), "the public name (a.example)");
}

TEST(Wording, LeavesUnknownPlaceholdersAndLoneBraces) {
    EXPECT_EQ(fill("{nothing} { } {", {}), "{nothing} { } {");
    EXPECT_EQ(fill("", {}), "");
    EXPECT_EQ(fill("}{", {}), "}{");
}

TEST(Wording, DoesNotFillWhatAValueHolds) {
    Wording wording;
    wording.detail = "{host}";
    wording.host = "x";
    EXPECT_EQ(fill("{detail}", wording), "{host}");
}

}  // namespace
}  // namespace whylink::checks
