#include "probes/dns/system_resolver.hpp"

#include <gtest/gtest.h>
#include <net/if.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace whylink::probes {
namespace {

using Texts = std::vector<std::string>;

class SystemResolverTest : public ::testing::Test {
  protected:
    SystemResolverTest() : file_(::testing::TempDir() + "whylink-resolver-XXXXXX") {
        const int fd = ::mkstemp(file_.data());
        EXPECT_GE(fd, 0);
        ::close(fd);
    }
    ~SystemResolverTest() override { std::filesystem::remove(file_); }

    Texts resolvers(const std::string& content) {
        write(content);
        Texts texts;
        for (const auto& resolver : system_resolvers(file_)) {
            texts.push_back(resolver.address.to_string());
            EXPECT_EQ(resolver.port, 53);
        }
        return texts;
    }

    Texts addresses(const std::string& content, const std::string& name) {
        write(content);
        Texts texts;
        for (const auto& address : hosts_file_addresses(name, file_)) {
            texts.push_back(address.to_string());
        }
        return texts;
    }

    void write(const std::string& content) { std::ofstream(file_) << content; }

    std::string file_;
};

TEST_F(SystemResolverTest, ReadsNameserversInTheirOrder) {
    EXPECT_EQ(resolvers("search example\nnameserver 10.0.0.2\nnameserver\tfd00::2\noptions ndots:5\n"),
              (Texts{"10.0.0.2", "fd00::2"}));
}

TEST_F(SystemResolverTest, StopsAfterThree) {
    EXPECT_EQ(
        resolvers("nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4\n"),
        (Texts{"10.0.0.1", "10.0.0.2", "10.0.0.3"}));
}

TEST_F(SystemResolverTest, PassesOverCommentsAndWhatItCannotRead) {
    EXPECT_EQ(resolvers("# nameserver 10.0.0.1\n; nameserver 10.0.0.2\n nameserver 10.0.0.3\nnameserver\n"
                        "nameserver dns.example\nnameservers 10.0.0.4\nnameserver 10.0.0.300\n"
                        "nameserver 10.0.0.5 # the good one\r\nnameserver 10.0.0.6"),
              (Texts{"10.0.0.5", "10.0.0.6"}));
}

TEST_F(SystemResolverTest, FallsBackToLoopback) {
    EXPECT_EQ(resolvers(""), Texts{"127.0.0.1"});
    EXPECT_EQ(resolvers("search example\n"), Texts{"127.0.0.1"});
    const auto missing = system_resolvers(file_ + ".missing");
    ASSERT_EQ(missing.size(), 1U);
    EXPECT_EQ(missing.at(0).address.to_string(), "127.0.0.1");
    EXPECT_TRUE(missing.at(0).assumed);
    EXPECT_EQ(system_resolvers("/").at(0).address.to_string(), "127.0.0.1");
}

TEST_F(SystemResolverTest, KnowsTheInterfaceOfALinkLocalResolver) {
    write("nameserver fe80::1%lo\nnameserver fe80::2%7\nnameserver fe80::3%nosuch0\nnameserver fe80::4\n");
    const auto found = system_resolvers(file_);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].address.to_string(), "fe80::1");
    EXPECT_EQ(found[0].scope, ::if_nametoindex("lo"));
    EXPECT_EQ(found[1].scope, 7U);
    EXPECT_EQ(found[2].address.to_string(), "fe80::4");
    EXPECT_EQ(found[2].scope, 0U);
}

TEST_F(SystemResolverTest, FindsANameAmongItsAliases) {
    const std::string hosts =
        "127.0.0.1 localhost\n"
        "10.0.0.4\tdb.example db  # the database\n"
        "\n"
        "# 10.0.0.5 db.example\n"
        "fd00::4   DB.Example.\n"
        "10.0.0.4 db.example\n"
        "10.0.0.6 other.example#db.example\n"
        "not-an-address db.example\n"
        "10.0.0.7\n"
        "  10.0.0.8 db.example";
    EXPECT_EQ(addresses(hosts, "db.example"), (Texts{"10.0.0.4", "fd00::4", "10.0.0.8"}));
    EXPECT_EQ(addresses(hosts, "dB.eXample."), (Texts{"10.0.0.4", "fd00::4", "10.0.0.8"}));
    EXPECT_EQ(addresses(hosts, "db"), Texts{"10.0.0.4"});
    EXPECT_EQ(addresses(hosts, "example"), Texts{});
}

TEST_F(SystemResolverTest, FindsNothingInAFileThatIsNotThere) {
    EXPECT_TRUE(hosts_file_addresses("localhost", file_ + ".missing").empty());
}

TEST_F(SystemResolverTest, ReadsHowProgramsAsk) {
    write(
        "options use-vc edns0 timeout:3\noptions attempts:4 ndots:5 single-request-reopen\n"
        "search old.example\nsearch One.example two.example\nnameserver 10.0.0.2\n");
    const LookupOptions options = lookup_options(file_);
    EXPECT_TRUE(options.use_vc && options.edns0 && options.single_request);
    EXPECT_EQ(options.timeout, 3U);
    EXPECT_EQ(options.attempts, 4U);
    EXPECT_EQ(options.ndots, 5U);
    EXPECT_EQ(options.search, (Texts{"one.example", "two.example"}));
}

TEST_F(SystemResolverTest, BoundsWhatTheFileSaysAsTheLibraryDoes) {
    write("options timeout:1000 attempts:1000 ndots:1000 ndots:x\n options use-vc\n");
    const LookupOptions options = lookup_options(file_);
    EXPECT_EQ(options.timeout, 30U);
    EXPECT_EQ(options.attempts, 5U);
    EXPECT_EQ(options.ndots, 15U);
    EXPECT_FALSE(options.use_vc) << "the keyword does not start its line";
}

TEST_F(SystemResolverTest, CountsTheSearchListBeyondItsBound) {
    std::string line = "search";
    for (int i = 0; i < 100; ++i) {
        line += " d" + std::to_string(i) + ".example";
    }
    write(line + "\n");
    const LookupOptions options = lookup_options(file_);
    ASSERT_EQ(options.search.size(), 32U);
    EXPECT_EQ(options.search.back(), "d31.example");
    EXPECT_EQ(options.search_left_out, 68U);
}

TEST_F(SystemResolverTest, HasDefaultsWithoutAFile) {
    const LookupOptions options = lookup_options("/nonexistent");
    EXPECT_FALSE(options.use_vc || options.edns0 || options.single_request);
    EXPECT_EQ(options.timeout, 5U);
    EXPECT_EQ(options.attempts, 2U);
    EXPECT_EQ(options.ndots, 1U);
    EXPECT_TRUE(options.search.empty());
}

TEST_F(SystemResolverTest, ReadsTheHostsLineOfNsswitch) {
    write("passwd: files\nhosts:  files dns # as usual\n");
    EXPECT_EQ(lookup_ends_at("db.example", lookup_services(file_)), "");
    EXPECT_EQ(lookup_services("/nonexistent"), "");
}

TEST(LookupEnd, IsWhereDnsIsNotAsked) {
    EXPECT_EQ(lookup_ends_at("db.example", ""), "");
    EXPECT_EQ(lookup_ends_at("db.example", " files dns"), "");
    EXPECT_EQ(lookup_ends_at("db.example", " files resolve [!UNAVAIL=return] dns"), "");
    EXPECT_EQ(lookup_ends_at("db.example", " files sss"), "") << "it may ask DNS";
    EXPECT_EQ(lookup_ends_at("db.example", " files"), "files");
    EXPECT_EQ(lookup_ends_at("db.example", " files [notfound=RETURN] dns"), "files");
    EXPECT_EQ(lookup_ends_at("db.example", " files [SUCCESS=return] dns"), "");
}

TEST(LookupEnd, MulticastDnsTakesNamesOfTwoLabelsBelowLocal) {
    const std::string services = " files mdns4_minimal [NOTFOUND=return] dns";
    EXPECT_EQ(lookup_ends_at("Db.local.", services), "mdns4_minimal");
    EXPECT_EQ(lookup_ends_at("db.example", services), "");
    EXPECT_EQ(lookup_ends_at("db.corp.local", services), "");
    EXPECT_EQ(lookup_ends_at("db.local", " files mdns4_minimal dns"), "");
}

}  // namespace
}  // namespace whylink::probes
