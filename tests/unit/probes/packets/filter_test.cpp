#include "probes/packets/filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/bpf_common.h>
#include <pcap/pcap.h>

#include <algorithm>

#include "packet_bytes.hpp"
#include "probes/packets/filter_program.hpp"

namespace whylink::probes {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

CompiledFilterPtr compiled(const std::string& text, LinkType link = LinkType::cooked_v2) {
    auto result = compile_filter(text, link, 2048);
    const auto* error = std::get_if<std::string>(&result);
    EXPECT_EQ(error, nullptr) << *error << "\n" << text;
    return error != nullptr ? nullptr : std::get<CompiledFilterPtr>(result);
}

/// Of one wish, for packets that are given from their IP header on.
class Filter {
  public:
    explicit Filter(const FilterWish& wish) : filter_(compiled(filter_text(wish))) {}
    explicit Filter(CompiledFilterPtr filter) : filter_(std::move(filter)) {}

    bool passes(const Bytes& packet) const {
        const bool v4 = (packet[0] >> 4) == 4;
        return passes_frame(cooked_v2(0, 2, v4 ? type_v4 : type_v6) + packet);
    }
    bool passes_frame(const Bytes& frame) const {
        pcap_pkthdr header{};
        header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
        return pcap_offline_filter(&filter_->program, &header, frame.data()) != 0;
    }

  private:
    CompiledFilterPtr filter_;
};

FilterWish::Peer peer(std::string_view address, std::uint16_t port) {
    return {ip(address), port};
}

FilterWish endpoint_wish() {
    FilterWish wish;
    wish.endpoints = {peer("10.0.0.4", 9440), peer("10.0.0.5", 443), peer("fd00::4", 9440)};
    return wish;
}

Bytes from_server(std::string_view server, unsigned port) {
    const bool v6_address = server.find(':') != std::string_view::npos;
    const Bytes segment = tcp({.source_port = port, .destination_port = 40000});
    return v6_address ? v6({.source = server, .destination = "fd00::99"}, segment)
                      : v4({.source = server, .destination = "192.0.2.99"}, segment);
}

Bytes to_server(std::string_view server, unsigned port) {
    const bool v6_address = server.find(':') != std::string_view::npos;
    const Bytes segment = tcp({.source_port = 40000, .destination_port = port, .flags = flag_syn});
    return v6_address ? v6({.source = "fd00::99", .destination = server}, segment)
                      : v4({.source = "192.0.2.99", .destination = server}, segment);
}

TEST(Filter, PassesTheConnectionsOfEndpointsInBothDirections) {
    const Filter filter(endpoint_wish());
    for (const auto& [address, port] :
         {std::pair("10.0.0.4", 9440U), {"10.0.0.5", 443U}, {"fd00::4", 9440U}}) {
        EXPECT_TRUE(filter.passes(to_server(address, port))) << address;
        EXPECT_TRUE(filter.passes(from_server(address, port))) << address;
    }
}

TEST(Filter, KeepsForeignTrafficOut) {
    const Filter filter(endpoint_wish());
    EXPECT_FALSE(filter.passes(to_server("10.0.0.6", 9440)));   // another host
    EXPECT_FALSE(filter.passes(from_server("fd00::5", 9440)));  // in IPv6
    EXPECT_FALSE(filter.passes(to_server("10.0.0.4", 22)));     // another port
    EXPECT_FALSE(filter.passes(to_server("10.0.0.4", 443)));    // the port of the other host
    EXPECT_FALSE(filter.passes(v4({.destination = "10.0.0.4", .protocol = 17}, udp(40000, 9440, {}))));
    EXPECT_FALSE(filter.passes_frame(cooked_v2(0, 2, 0x0806) + zeros(28)));  // ARP
}

// ---- what becomes of connections elsewhere ----

class Openings : public ::testing::Test {
  protected:
    static FilterWish wish() {
        FilterWish made;
        made.endpoints = {peer("10.0.0.4", 9440)};
        made.openings = true;
        return made;
    }
    bool passes(unsigned packet_type, std::uint32_t interface, const Bytes& packet) const {
        const bool v4 = (packet[0] >> 4) == 4;
        return filter_.passes_frame(cooked_v2(packet_type, interface, v4 ? type_v4 : type_v6) + packet);
    }
    static Bytes segment(unsigned flags, bool v6_address, bool to_itself = false) {
        const Bytes made = tcp({.source_port = 40000, .destination_port = 15001, .flags = flags});
        return v6_address ? v6({.destination = to_itself ? "fd00::1" : "fd00::2"}, made)
                          : v4({.destination = to_itself ? "10.0.0.1" : "10.0.0.2"}, made);
    }

    static constexpr unsigned to_us = 0, outgoing = 4;
    static constexpr std::uint32_t lo = 1, eth0 = 2;
    Filter filter_{wish()};
};

TEST_F(Openings, AreTheSynsThatThisHostSendsAndTheirAnswers) {
    for (const bool v6_address : {false, true}) {
        EXPECT_TRUE(passes(outgoing, eth0, segment(flag_syn, v6_address)));
        EXPECT_TRUE(passes(to_us, eth0, segment(flag_syn | flag_ack, v6_address)));
        EXPECT_TRUE(passes(to_us, lo, segment(flag_syn, v6_address))) << "a redirect to this host";
        EXPECT_TRUE(passes(to_us, eth0, segment(flag_syn, v6_address, true))) << "a hairpin";
    }
}

TEST_F(Openings, AreNothingThatOthersOpenAndNoData) {
    for (const bool v6_address : {false, true}) {
        EXPECT_FALSE(passes(to_us, eth0, segment(flag_syn, v6_address))) << "a server's traffic";
        EXPECT_FALSE(passes(outgoing, eth0, segment(flag_syn | flag_ack, v6_address)));
        EXPECT_FALSE(passes(outgoing, eth0, segment(flag_ack | flag_psh, v6_address)));
        EXPECT_FALSE(passes(to_us, eth0, segment(flag_ack | flag_rst, v6_address)));
    }
    const Filter without(endpoint_wish());
    EXPECT_FALSE(without.passes_frame(cooked_v2(outgoing, eth0, type_v4) + segment(flag_syn, false)));
}

TEST(Filter, TakesAnIpv4MappedAddressAsWhatIsOnTheWire) {
    FilterWish wish;
    wish.endpoints = {peer("::ffff:10.0.0.4", 443), peer("64:ff9b::a00:5", 443)};
    const Filter filter(wish);
    EXPECT_TRUE(filter.passes(to_server("10.0.0.4", 443)));
    EXPECT_TRUE(filter.passes(to_server("64:ff9b::a00:5", 443)));
    EXPECT_FALSE(filter.passes(to_server("10.0.0.5", 443)));
}

TEST(Filter, PassesDnsWithResolversOverUdpAndTcp) {
    FilterWish wish;
    wish.resolvers = {peer("10.0.0.2", 53), peer("fd00::53", 5353)};
    const Filter filter(wish);
    EXPECT_TRUE(filter.passes(v4({.destination = "10.0.0.2", .protocol = 17}, udp(40000, 53, {}))));
    EXPECT_TRUE(filter.passes(v4({.source = "10.0.0.2", .protocol = 17}, udp(53, 40000, {}))));
    EXPECT_TRUE(filter.passes(to_server("10.0.0.2", 53)));
    EXPECT_TRUE(filter.passes(v6({.source = "fd00::53", .next = 17}, udp(5353, 40000, {}))));
    EXPECT_FALSE(filter.passes(v4({.destination = "10.0.0.3", .protocol = 17}, udp(40000, 53, {}))));
    EXPECT_FALSE(filter.passes(v4({.destination = "10.0.0.2", .protocol = 17}, udp(40000, 123, {}))));
}

TEST(Filter, PassesTheTrafficOfWatchesByPortAndPeers) {
    FilterWish wish;
    wish.watches = {{443, {*Cidr::parse("10.1.0.0/16"), *Cidr::parse("fd01::/16")}}, {8080, {}}};
    const Filter filter(wish);
    EXPECT_TRUE(filter.passes(to_server("10.1.2.3", 443)));
    EXPECT_TRUE(filter.passes(from_server("fd01:9::1", 443)));
    EXPECT_TRUE(filter.passes(to_server("192.168.1.1", 8080)));
    EXPECT_TRUE(filter.passes(to_server("fd77::1", 8080)));
    EXPECT_FALSE(filter.passes(to_server("10.2.0.1", 443)));
    EXPECT_FALSE(filter.passes(to_server("fd02::1", 443)));
    EXPECT_FALSE(filter.passes(to_server("10.1.2.3", 80)));
}

TEST(Filter, OfAWatchWithoutAPortTakesAllTcpOfThePeers) {
    FilterWish wish;
    wish.watches = {{0, {*Cidr::parse("10.1.0.0/16")}}};
    const Filter filter(wish);
    EXPECT_TRUE(filter.passes(to_server("10.1.2.3", 12345)));
    EXPECT_FALSE(filter.passes(to_server("10.2.2.3", 12345)));
    EXPECT_FALSE(filter.passes(v4({.destination = "10.1.2.3", .protocol = 17}, udp(1, 2, {}))));
}

TEST(Filter, OfPeersThatAreEverybodyTakesOneFamily) {
    FilterWish wish;
    wish.watches = {{443, {*Cidr::parse("0.0.0.0/0")}}};
    const Filter filter(wish);
    EXPECT_TRUE(filter.passes(to_server("198.51.100.1", 443)));
    EXPECT_FALSE(filter.passes(to_server("fd02::1", 443)));
}

TEST(Filter, AlwaysPassesIcmpErrorsAndNoOtherIcmp) {
    const Filter filter(endpoint_wish());
    for (const unsigned type : {3U, 4U, 5U, 11U, 12U}) {
        EXPECT_TRUE(filter.passes(v4({.source = "192.0.2.1", .protocol = 1}, icmp(type, 1, 0)))) << type;
    }
    for (const unsigned type : {0U, 8U, 9U, 10U, 13U}) {
        EXPECT_FALSE(filter.passes(v4({.protocol = 1}, icmp(type, 0, 0)))) << type;
    }
    for (const unsigned type : {1U, 2U, 3U, 4U, 127U}) {
        EXPECT_TRUE(filter.passes(v6({.source = "2001:db8::1", .next = 58}, icmp(type, 1, 0)))) << type;
    }
    for (const unsigned type : {128U, 129U, 135U, 136U}) {
        EXPECT_FALSE(filter.passes(v6({.next = 58}, icmp(type, 0, 0)))) << type;
    }
}

TEST(Filter, PassesLaterFragmentsOfTheHosts) {
    const Filter filter(endpoint_wish());
    const Bytes rest = zeros(16);
    EXPECT_TRUE(filter.passes(v4({.source = "10.0.0.4", .fragment = 0x00b9}, rest)));
    EXPECT_TRUE(filter.passes(v4({.source = "10.0.0.4", .fragment = 0x20b9}, rest)));
    EXPECT_FALSE(filter.passes(v4({.source = "10.0.0.6", .fragment = 0x00b9}, rest)));
    EXPECT_FALSE(filter.passes(v4({.source = "10.0.0.4", .protocol = 17, .fragment = 0x00b9}, rest)));
}

TEST(Filter, PassesExtensionHeadersOfTheHosts) {
    const Filter filter(endpoint_wish());
    for (const unsigned next : {0U, 43U, 44U, 51U, 60U}) {
        EXPECT_TRUE(filter.passes(v6({.source = "fd00::4", .next = next}, extension(6) + tcp({})))) << next;
        EXPECT_FALSE(filter.passes(v6({.source = "fd00::5", .next = next}, extension(6) + tcp({})))) << next;
    }
}

TEST(Filter, OfNoWishLetsNothingPass) {
    const Filter filter{FilterWish{}};
    EXPECT_FALSE(filter.passes(to_server("10.0.0.4", 9440)));
    EXPECT_FALSE(filter.passes(v4({.protocol = 1}, icmp(3, 1, 0))));
}

TEST(Filter, IsTheSameWhateverTheOrderAndTheRepetitions) {
    FilterWish wish = endpoint_wish();
    wish.watches = {{443, {*Cidr::parse("10.1.0.0/16"), *Cidr::parse("10.2.0.0/16")}}, {80, {}}};
    FilterWish other = wish;
    std::ranges::reverse(other.endpoints);
    other.endpoints.push_back(other.endpoints.front());
    std::ranges::reverse(other.watches);
    std::ranges::reverse(other.watches.back().peers);
    EXPECT_EQ(filter_text(wish), filter_text(other));
}

TEST(Filter, TellsPortsOfAnEndpointApartAndJoinsNeighbours) {
    FilterWish wish;
    wish.endpoints = {peer("10.0.0.4", 9001), peer("10.0.0.4", 9002), peer("10.0.0.4", 9003),
                      peer("10.0.0.4", 9005)};
    EXPECT_THAT(filter_text(wish), HasSubstr("(tcp portrange 9001-9003 or tcp port 9005 or "));
    const Filter filter(wish);
    EXPECT_TRUE(filter.passes(to_server("10.0.0.4", 9002)));
    EXPECT_FALSE(filter.passes(to_server("10.0.0.4", 9004)));
}

// ---- size ----

std::string many_address(unsigned number, bool v6_address) {
    const std::string high = std::to_string(number / 200);
    const std::string low = std::to_string(number % 200 + 1);
    return v6_address ? "fd00:0:0:" + low + "::" + high + ":" + low : "10.0." + high + "." + low;
}

/// Hosts and ports in every pairing, or each host with one of the ports.
FilterWish many(unsigned hosts, bool v6_address, unsigned ports, bool every_pairing) {
    FilterWish wish;
    for (unsigned host = 0; host < hosts; ++host) {
        for (unsigned port = 0; port < ports; ++port) {
            if (every_pairing || host % ports == port) {
                wish.endpoints.push_back(
                    peer(many_address(host, v6_address), static_cast<std::uint16_t>(9000 + 2 * port)));
            }
        }
    }
    return wish;
}

std::size_t size_of(const FilterWish& wish) {
    const auto filter = compiled(filter_text(wish));
    return filter ? std::size_t{filter->program.bf_len} : std::size_t{BPF_MAXINSNS};
}

// What they were when this was written. Compiling the largest took 20 ms.
TEST(Filter, StaysSmall) {
    EXPECT_LE(size_of(many(1, false, 1, true)), 40U);
    EXPECT_LE(size_of(many(200, false, 1, true)), 600U);
    EXPECT_LE(size_of(many(200, false, 50, true)), 700U);
    EXPECT_LE(size_of(many(200, false, 50, false)), 700U);
    EXPECT_LE(size_of(many(200, true, 1, true)), 600U);
    EXPECT_LE(size_of(many(200, true, 50, true)), 700U);
    EXPECT_LE(size_of(many(2000, false, 1, true)), 50U);
    EXPECT_LE(size_of(many(2000, true, 50, true)), 250U);
    EXPECT_LE(size_of(many(2000, false, 2000, false)), 50U);
}

TEST(Filter, OfTwoHundredHostsTellsThemApart) {
    const Filter filter(many(200, false, 1, true));
    EXPECT_TRUE(filter.passes(to_server("10.0.0.200", 9000)));
    EXPECT_FALSE(filter.passes(to_server("10.9.0.1", 9000)));
}

TEST(Filter, OfMoreHostsGoesByPorts) {
    const Filter filter(many(2000, false, 2, false));
    EXPECT_TRUE(filter.passes(to_server("10.0.9.200", 9002)));
    EXPECT_TRUE(filter.passes(to_server("198.51.100.1", 9000)));
    EXPECT_FALSE(filter.passes(to_server("10.0.9.200", 22)));
    EXPECT_TRUE(filter.passes(v4({.source = "198.51.100.1", .fragment = 0x00b9}, zeros(8))));
    EXPECT_TRUE(filter.passes(v6({.next = 44}, fragment_extension(6, 0xb8) + zeros(8))));
}

TEST(Filter, OfThousandsOfPortsIsByHostsOrAllTcp) {
    const Filter of_hosts(many(1, false, 3000, true));
    EXPECT_TRUE(of_hosts.passes(to_server("10.0.0.1", 9000)));
    EXPECT_TRUE(of_hosts.passes(to_server("10.0.0.1", 9001)));
    EXPECT_FALSE(of_hosts.passes(to_server("10.0.0.2", 9000)));
    const Filter of_tcp(many(2000, true, 2000, false));
    EXPECT_TRUE(of_tcp.passes(to_server("198.51.100.1", 22)));
    EXPECT_TRUE(of_tcp.passes(to_server("fd33::1", 22)));
    EXPECT_FALSE(of_tcp.passes(v4({.protocol = 17}, udp(1, 2, {}))));
}

TEST(Filter, OfHostsThatAreManyPairsIsNeverNarrowerThanTheWish) {
    const FilterWish wish = many(60, true, 20, false);  // twenty groups
    const Filter filter(wish);
    for (const auto& [address, port] : wish.endpoints) {
        EXPECT_TRUE(filter.passes(to_server(address.to_string(), port)));
    }
    EXPECT_FALSE(filter.passes(to_server("fd00::999", 9000)));
    EXPECT_FALSE(filter.passes(to_server("fd00:0:0:1::0:1", 22)));
}

// ---- compiling ----

TEST(CompileFilter, WorksForEveryLinkType) {
    for (const LinkType link : {LinkType::null, LinkType::ethernet, LinkType::raw_ip, LinkType::loop,
                                LinkType::cooked_v1, LinkType::cooked_v2}) {
        EXPECT_TRUE(compiled(filter_text(endpoint_wish()), link)) << static_cast<int>(link);
    }
    const Filter raw(compiled(filter_text(endpoint_wish()), LinkType::raw_ip));
    EXPECT_TRUE(raw.passes_frame(to_server("10.0.0.4", 9440)));
    EXPECT_FALSE(raw.passes_frame(to_server("10.0.0.6", 9440)));
}

TEST(CompileFilter, GivesLibpcapsWordsForWhatItCannotRead) {
    const auto result = compile_filter("tcp prot 443", LinkType::ethernet, 2048);
    ASSERT_TRUE(std::holds_alternative<std::string>(result));
    EXPECT_THAT(std::get<std::string>(result), HasSubstr("syntax error"));
}

TEST(CompileFilter, RefusesWhatTheKernelWouldNotTake) {
    std::string text = "ip6 host fd00::1";
    for (unsigned host = 0; host < 300; ++host) {
        text += " or ip6 host " + many_address(host, true);
    }
    const auto result = compile_filter(text, LinkType::ethernet, 2048);
    ASSERT_TRUE(std::holds_alternative<std::string>(result));
    EXPECT_THAT(std::get<std::string>(result), HasSubstr("instructions"));
}

}  // namespace
}  // namespace whylink::probes
