#include "config/dns_name.hpp"

#include <gtest/gtest.h>

namespace whylink {
namespace {

std::string repeated(const std::string& label, int times) {
    std::string name;
    for (int i = 0; i < times; ++i) {
        name += (i > 0 ? "." : "") + label;
    }
    return name;
}

TEST(HostName, AcceptsWhatDnsCarries) {
    for (const std::string& name :
         {std::string("a"), std::string("localhost"),
          std::string("abcd.westus3.privatelink.azure.clickhouse.cloud"), std::string("db.example.com."),
          std::string("_sip._tcp.example.com"), std::string("xn--bcher-kva.example"),
          std::string("1.2.3.example"), std::string("3com.com"), std::string("A-B.Example.COM"),
          std::string(63, 'a') + ".com", repeated(std::string(49, 'a'), 5) + ".abc",
          repeated(std::string(49, 'a'), 5) + ".abc."}) {
        EXPECT_FALSE(host_name_fault(name)) << name;
    }
}

TEST(HostName, SaysWhatIsWrong) {
    EXPECT_EQ(host_name_fault(""), "it is empty");
    EXPECT_EQ(host_name_fault("."), "it is empty");
    EXPECT_EQ(host_name_fault(".."), "it has an empty label");
    EXPECT_EQ(host_name_fault("a..b"), "it has an empty label");
    EXPECT_EQ(host_name_fault(".a"), "it has an empty label");
    EXPECT_EQ(host_name_fault("a b"), "it has a space");
    EXPECT_EQ(host_name_fault("a\x01"), "it has a control character");
    EXPECT_EQ(host_name_fault(std::string_view("a\0b", 3)), "it has a control character");
    EXPECT_EQ(host_name_fault("b\xC3\xBC"), "international names need their ASCII form (xn--...)");
    EXPECT_EQ(host_name_fault("a-.b"), "a label starts or ends with a hyphen");
    EXPECT_EQ(host_name_fault("-a.b"), "a label starts or ends with a hyphen");
    EXPECT_EQ(host_name_fault("10.0.0.256"), "a name cannot end in a number");
    EXPECT_EQ(host_name_fault(std::string(64, 'a')), "a label has 64 characters, the maximum is 63");
    EXPECT_EQ(host_name_fault(repeated(std::string(49, 'a'), 5) + ".abcd"),
              "it has 254 characters, the maximum is 253");
    EXPECT_EQ(host_name_fault("a/b"), "'/' is not allowed in a host name");
}

TEST(HostName, ComparesWithoutCaseAndTrailingDot) {
    EXPECT_EQ(canonical_name("DB.Example.COM."), "db.example.com");
    EXPECT_EQ(canonical_name("db"), "db");
    EXPECT_EQ(canonical_name(""), "");
}

}  // namespace
}  // namespace whylink
