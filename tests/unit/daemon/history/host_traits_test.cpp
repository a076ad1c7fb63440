// What is read of this host.
#include "daemon/history/host_traits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "daemon/history/firewall_hash.hpp"
#include "daemon/history/fnv.hpp"
#include "tests/support/temporary_directory.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

std::string value(const Traits& traits, What what) {
    const auto found = traits.find({what, {}});
    return found == traits.end() ? "not observed" : found->second;
}

TEST(HostTraits, ResolvConfHasServersAndTheRest) {
    Traits traits;
    add_resolv_conf(
        "# made by hand\nnameserver 10.0.0.2\nsearch a.example  b.example\nnameserver 10.0.0.3\n"
        "options ndots:5 ; why\n",
        traits);
    EXPECT_EQ(value(traits, What::resolvers), "10.0.0.2, 10.0.0.3");
    EXPECT_EQ(value(traits, What::resolv_conf), "search a.example b.example, options ndots:5");
}

TEST(HostTraits, DefaultRoutesAreThoseToEverywhere) {
    Traits traits;
    add_default_routes(
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
        "tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0\n",
        traits);
    EXPECT_EQ(value(traits, What::route), "192.168.1.1 eth0, tun0");
}

TEST(HostTraits, WhatCannotBeReadWasNotObserved) {
    const lab::TemporaryDirectory root;
    FirewallHash firewall;
    const Traits traits = traits_of_host(firewall, root.path());
    EXPECT_EQ(value(traits, What::boot), "not observed");
    EXPECT_EQ(value(traits, What::route), "not observed");
    EXPECT_EQ(value(traits, What::resolv_conf), "not observed");
    EXPECT_NE(value(traits, What::kernel), "not observed");
}

TEST(HostTraits, ABootIsItsIdentifier) {
    const lab::TemporaryDirectory root;
    std::filesystem::create_directories(root / "proc/sys/kernel/random");
    std::ofstream(root / "proc/sys/kernel/random/boot_id") << "3f2a91c0-1111-2222-3333-444444444444\n";
    FirewallHash firewall;
    EXPECT_EQ(value(traits_of_host(firewall, root.path()), What::boot), "3f2a91c0");
}

TEST(ClockWatch, SeesStepsAndNoSlew) {
    ClockWatch clock;
    EXPECT_EQ(clock.step(1000s, 10s), 0s);
    EXPECT_EQ(clock.step(1005s + 20ms, 15s), 0s);
    EXPECT_EQ(clock.step(8210s, 20s), 7200s);
    EXPECT_EQ(clock.step(8215s, 25s), 0s);
    EXPECT_EQ(clock.step(1020s, 30s), -7200s);
}

// ---- rules ----

using Bytes = std::vector<std::uint8_t>;

/// As linux/netlink.h has it, in the byte order of this host.
Bytes attribute(std::uint16_t type, const Bytes& value) {
    const auto length = static_cast<std::uint16_t>(4 + value.size());
    Bytes bytes(4);
    std::memcpy(bytes.data(), &length, sizeof length);
    std::memcpy(bytes.data() + 2, &type, sizeof type);
    bytes.insert(bytes.end(), value.begin(), value.end());
    bytes.resize((bytes.size() + 3) / 4 * 4);
    return bytes;
}

Bytes expression(std::string_view name, const Bytes& data) {
    Bytes text(name.begin(), name.end());
    text.push_back(0);
    Bytes both = attribute(1, text);  // NFTA_EXPR_NAME
    const Bytes second = attribute(2, data);
    both.insert(both.end(), second.begin(), second.end());
    return attribute(1, both);
}

std::uint64_t hash_of(const Bytes& expressions) {
    return hash_expressions(fnv_begin, expressions);
}

TEST(FirewallHash, IsOfTheRulesAndNotOfTheirCounters) {
    EXPECT_EQ(hash_of(expression("counter", {1, 2})), hash_of(expression("counter", {3, 4})));
    EXPECT_NE(hash_of(expression("cmp", {1, 2})), hash_of(expression("cmp", {3, 4})));
    EXPECT_NE(hash_of(expression("counter", {})), hash_of(expression("cmp", {})));
}

TEST(FirewallHash, IsSafeWithAnyBytes) {
    const Bytes whole = expression("cmp", {1, 2, 3, 4});
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        hash_of(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
    }
    hash_of(Bytes(64, 0xff));
    hash_of(Bytes(64, 0));
}

}  // namespace
}  // namespace whylink::daemon
