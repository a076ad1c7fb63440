#include "probes/packets/proxy_header.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace whylink::probes {
namespace {

using Bytes = std::vector<std::uint8_t>;

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

Bytes text(std::string_view line) {
    return {line.begin(), line.end()};
}

std::optional<ProxyHeader> line(std::string_view characters) {
    return read_proxy_header(text(characters));
}

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes whole;
    for (const Bytes& part : parts) {
        whole.insert(whole.end(), part.begin(), part.end());
    }
    return whole;
}

const Bytes signature{0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
/// 10.1.0.4:51000 to 10.1.0.9:6379
const Bytes v4_block{10, 1, 0, 4, 10, 1, 0, 9, 0xc7, 0x38, 0x18, 0xeb};

Bytes binary(std::uint8_t command, std::uint8_t family, const Bytes& body) {
    const auto size = static_cast<std::uint16_t>(body.size());
    return join(
        {signature,
         {command, family, static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size & 0xffU)},
         body});
}

/// PROXY, TCP over IPv4, and these fields behind the addresses.
Bytes with_fields(const Bytes& fields) {
    return binary(0x21, 0x11, join({v4_block, fields}));
}

ProxyHeader v4_header() {
    ProxyHeader header;
    header.version = 2;
    header.source = address("10.1.0.4");
    header.source_port = 51000;
    header.destination = address("10.1.0.9");
    header.destination_port = 6379;
    return header;
}

ProxyHeader truncated_header(unsigned version) {
    ProxyHeader header;
    header.version = version;
    header.truncated = true;
    return header;
}

// What the vendors send.
const Bytes aws_field = join({{0xEA, 0x00, 0x17, 0x01}, text("vpce-08d2bf15fac5001c9")});
const Bytes azure_field{0xEE, 0x00, 0x05, 0x01, 0x78, 0x56, 0x34, 0x12};
const Bytes gcp_field{0xE0, 0x00, 0x08, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
/// PP2_TYPE_CRC32C and PP2_TYPE_NOOP, which AWS puts around its own.
const Bytes checksum_field{0x03, 0x00, 0x04, 0xa9, 0xb8, 0x7e, 0x8f};
const Bytes padding_field{0x04, 0x00, 0x03, 0x00, 0x00, 0x00};

// ---- version 1 ----

TEST(ProxyHeader, ReadsALineOfIPv4) {
    const auto header = line("PROXY TCP4 192.0.2.7 10.0.0.4 56324 443\r\nGET / HTTP/1.1\r\n");
    ProxyHeader expected;
    expected.version = 1;
    expected.source = address("192.0.2.7");
    expected.source_port = 56324;
    expected.destination = address("10.0.0.4");
    expected.destination_port = 443;
    EXPECT_EQ(header, expected);
}

TEST(ProxyHeader, ReadsALineOfIPv6) {
    const auto header = line("PROXY TCP6 2001:db8::7 fd00::4 65535 0\r\n");
    ASSERT_TRUE(header);
    EXPECT_EQ(header->source, address("2001:db8::7"));
    EXPECT_EQ(header->destination, address("fd00::4"));
    EXPECT_EQ(header->source_port, 65535);
    EXPECT_EQ(header->destination_port, 0);
    EXPECT_FALSE(header->truncated);
}

TEST(ProxyHeader, ReadsTheLongestLine) {
    const std::string longest =
        "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";
    ASSERT_EQ(longest.size(), 107U);
    ProxyHeader unknown;
    unknown.version = 1;
    EXPECT_EQ(line(longest), unknown);
    EXPECT_EQ(line("PROXY UNKNOWN\r\n"), unknown);
    // A line that does not end in time is none.
    EXPECT_FALSE(line("PROXY UNKNOWN " + std::string(92, 'f') + "\r\n"));
}

TEST(ProxyHeader, RefusesALineThatReceiversRefuse) {
    for (const char* bad : {
             "PROXY TCP4 192.0.2.7 10.0.0.4 56324\r\n",        // no port
             "PROXY TCP4 192.0.2.7 10.0.0.4 56324 443 1\r\n",  // more than ports
             "PROXY TCP4 192.0.2.7 10.0.0.4 56324 65536\r\n",  // no port number
             "PROXY TCP4 192.0.2.7 10.0.0.4 056 443\r\n",      // leading zero
             "PROXY TCP4 192.0.2.7  10.0.0.4 56324 443\r\n",   // two spaces
             "PROXY TCP4 2001:db8::7 fd00::4 56324 443\r\n",   // the other family
             "PROXY TCP6 192.0.2.7 10.0.0.4 56324 443\r\n",    //
             "PROXY TCP4 192.0.2.300 10.0.0.4 56324 443\r\n",  // no address
             "PROXY TCP4\r\n",                                 //
             "PROXY UDP4 192.0.2.7 10.0.0.4 56324 443\r\n",    // no such family
             "PROXY UNKNOWNS\r\n",                             //
             "PROXY is what this service is called\r\n",       // another protocol
             "PROXY me",                                       //
             "PROXY TCP4 192.0.2.7 over there",                //
             "proxy TCP4 192.0.2.7 10.0.0.4 56324 443\r\n",    // lower case
             "PROXY\tTCP4 192.0.2.7 10.0.0.4 56324 443\r\n",   // no space
         }) {
        EXPECT_FALSE(line(bad)) << bad;
    }
}

TEST(ProxyHeader, ReadsALineAsFarAsItGoes) {
    const std::string whole = "PROXY TCP4 192.0.2.7 10.0.0.4 56324 443\r\n";
    for (std::size_t size = 6; size < whole.size(); ++size) {
        const auto header = line(std::string_view(whole).substr(0, size));
        ASSERT_TRUE(header) << size;
        EXPECT_TRUE(header->truncated) << size;
        // A word that the cut may have shortened is not believed.
        EXPECT_EQ(header->source.has_value(), size >= whole.find(" 10.") + 1) << size;
        EXPECT_EQ(header->destination.has_value(), size >= whole.find(" 563") + 1) << size;
        EXPECT_EQ(header->source_port, size >= whole.find(" 443") + 1 ? 56324 : 0) << size;
        EXPECT_EQ(header->destination_port, 0) << size;
    }
    EXPECT_EQ(line("PROXY UNKN"), truncated_header(1));
    EXPECT_EQ(line("PROXY UNKNOWN what"), truncated_header(1));
}

// ---- version 2 ----

TEST(ProxyHeader, ReadsBinaryIPv4) {
    EXPECT_EQ(read_proxy_header(with_fields({})), v4_header());
    EXPECT_EQ(read_proxy_header(join({with_fields({}), text("GET / HTTP/1.1\r\n")})), v4_header());
}

TEST(ProxyHeader, ReadsBinaryIPv6) {
    const Bytes body{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7,  // 2001:db8::7
                     0xfd, 0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4,  // fd00::4
                     0xc7, 0x38, 0x01, 0xbb};
    const auto header = read_proxy_header(binary(0x21, 0x21, body));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->source, address("2001:db8::7"));
    EXPECT_EQ(header->destination, address("fd00::4"));
    EXPECT_EQ(header->source_port, 51000);
    EXPECT_EQ(header->destination_port, 443);
    EXPECT_FALSE(header->truncated);
}

TEST(ProxyHeader, ReadsTheFieldsOfAws) {
    ProxyHeader expected = v4_header();
    expected.aws_endpoint_id = "vpce-08d2bf15fac5001c9";
    EXPECT_EQ(read_proxy_header(with_fields(join({checksum_field, aws_field, padding_field}))), expected);
}

TEST(ProxyHeader, LeavesOutAnIdThatIsTooLong) {
    const auto of_size = [](std::uint8_t size) {
        return with_fields(join({{0xEA, 0x00, static_cast<std::uint8_t>(size + 1), 0x01}, Bytes(size, 'v')}));
    };
    ProxyHeader expected = v4_header();
    expected.aws_endpoint_id = std::string(64, 'v');
    EXPECT_EQ(read_proxy_header(of_size(64)), expected);
    EXPECT_EQ(read_proxy_header(of_size(65)), v4_header());
}

TEST(ProxyHeader, ReadsTheFieldsOfAzure) {
    ProxyHeader expected = v4_header();
    expected.azure_link_id = 0x12345678;
    EXPECT_EQ(read_proxy_header(with_fields(azure_field)), expected);
}

TEST(ProxyHeader, ReadsTheFieldsOfGcp) {
    ProxyHeader expected = v4_header();
    expected.gcp_connection_id = 0x0123456789abcdef;
    EXPECT_EQ(read_proxy_header(with_fields(gcp_field)), expected);
}

TEST(ProxyHeader, IgnoresFieldsThatItDoesNotKnow) {
    const Bytes strange{0xEA, 0x00, 0x02, 0x02, 'x',               // another subtype
                        0xEA, 0x00, 0x00,                          // empty
                        0xEE, 0x00, 0x03, 0x01, 0x00, 0x00,        // too short
                        0xE0, 0x00, 0x04, 0x00, 0x00, 0x00, 0x01,  // too short
                        0xEA, 0x00, 0x03, 0x01, 'v',  '\n'};       // not printable
    EXPECT_EQ(read_proxy_header(with_fields(strange)), v4_header());
    // A field that claims more than the header has.
    EXPECT_EQ(read_proxy_header(with_fields({0xEA, 0xff, 0xff, 0x01, 'v'})), v4_header());
}

TEST(ProxyHeader, ReadsAHealthCheckOfTheProxy) {
    ProxyHeader expected;
    expected.version = 2;
    expected.local = true;
    EXPECT_EQ(read_proxy_header(binary(0x20, 0x00, {})), expected);
    // Addresses of LOCAL are to be ignored, even of an unknown family; the vendors' fields are not.
    EXPECT_EQ(read_proxy_header(binary(0x20, 0xf7, v4_block)), expected);
    expected.azure_link_id = 0x12345678;
    EXPECT_EQ(read_proxy_header(binary(0x20, 0x11, join({v4_block, azure_field}))), expected);
    EXPECT_EQ(read_proxy_header(binary(0x20, 0x00, azure_field)), expected);
}

TEST(ProxyHeader, ReadsWhatHasNoAddresses) {
    ProxyHeader expected;
    expected.version = 2;
    EXPECT_EQ(read_proxy_header(binary(0x21, 0x00, {})), expected);
    expected.azure_link_id = 0x12345678;
    EXPECT_EQ(read_proxy_header(binary(0x21, 0x31, join({Bytes(216, '/'), azure_field}))), expected);
}

TEST(ProxyHeader, RefusesBinaryThatReceiversRefuse) {
    EXPECT_FALSE(read_proxy_header(binary(0x11, 0x11, v4_block)));      // version 1
    EXPECT_FALSE(read_proxy_header(binary(0x22, 0x11, v4_block)));      // no such command
    EXPECT_FALSE(read_proxy_header(binary(0x21, 0x41, v4_block)));      // no such family
    EXPECT_FALSE(read_proxy_header(binary(0x21, 0x13, v4_block)));      // no such protocol
    EXPECT_FALSE(read_proxy_header(binary(0x21, 0x21, v4_block)));      // too short for IPv6
    EXPECT_FALSE(read_proxy_header(binary(0x21, 0x11, Bytes(11, 0))));  // too short for IPv4
    Bytes other = with_fields({});
    other[11] = 0x0d;  // the last byte of the signature
    EXPECT_FALSE(read_proxy_header(other));
}

TEST(ProxyHeader, ReadsBinaryAsFarAsItGoes) {
    const Bytes whole = with_fields(join({aws_field, gcp_field}));
    ProxyHeader complete = v4_header();
    complete.aws_endpoint_id = "vpce-08d2bf15fac5001c9";
    complete.gcp_connection_id = 0x0123456789abcdef;
    ASSERT_EQ(read_proxy_header(whole), complete);
    for (std::size_t size = signature.size(); size < whole.size(); ++size) {
        const auto header = read_proxy_header(std::span(whole).first(size));
        ASSERT_TRUE(header) << size;
        EXPECT_EQ(header->version, 2U) << size;
        EXPECT_TRUE(header->truncated) << size;
        EXPECT_EQ(header->source.has_value(), size >= 20) << size;
        EXPECT_EQ(header->destination.has_value(), size >= 24) << size;
        EXPECT_EQ(header->source_port, size >= 26 ? 51000 : 0) << size;
        EXPECT_EQ(header->destination_port, size >= 28 ? 6379 : 0) << size;
        // Never a part of an id.
        EXPECT_EQ(header->aws_endpoint_id, size >= 28 + aws_field.size() ? complete.aws_endpoint_id : "")
            << size;
        EXPECT_FALSE(header->gcp_connection_id) << size;
    }
}

// ---- anything else ----

TEST(ProxyHeader, IsNotSeenInOtherProtocols) {
    EXPECT_FALSE(read_proxy_header({}));
    EXPECT_FALSE(line("GET / HTTP/1.1\r\n"));
    EXPECT_FALSE(read_proxy_header(Bytes{0x16, 0x03, 0x01, 0x02, 0x00, 0x01}));  // a ClientHello
    EXPECT_FALSE(line("\r\n\r\n"));
    EXPECT_FALSE(line("PROXY"));
}

TEST(ProxyHeader, SaysWhenItCannotKnowYet) {
    EXPECT_TRUE(too_short_for_proxy_header({}));
    EXPECT_TRUE(too_short_for_proxy_header(text("PRO")));
    EXPECT_TRUE(too_short_for_proxy_header(text("\r\n\r")));
    EXPECT_FALSE(too_short_for_proxy_header(text("PING")));
    EXPECT_FALSE(too_short_for_proxy_header(text("PROXY ")));
    EXPECT_FALSE(too_short_for_proxy_header(signature));
}

}  // namespace
}  // namespace whylink::probes
