#include "probes/tcp/proxy_protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "probes/packets/proxy_header.hpp"
#include "probes/tcp/stream.hpp"
#include "support/netns.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "tests/unit/probes/exchange_fixture.hpp"

namespace whylink::probes {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

const IpAddress source_v4 = IpAddress::v4({10, 0, 0, 4});
const IpAddress destination_v4 = IpAddress::v4({10, 1, 0, 9});
const IpAddress source_v6 = *IpAddress::parse("fd00:1111:2222:3333:4444:5555:6666:7777");
const IpAddress destination_v6 = *IpAddress::parse("fd00:aaaa:bbbb:cccc:dddd:eeee:ffff:8888");

std::optional<ProxyHeader> read_back(const std::string& bytes) {
    const std::vector<std::uint8_t> payload(bytes.begin(), bytes.end());
    return read_proxy_header(payload);
}

TEST(ProxyHeaderBytes, OfVersion1AreText) {
    EXPECT_EQ(proxy_header_bytes(ProxyHeaderSent::v1, source_v4, 40000, destination_v4, 9440),
              "PROXY TCP4 10.0.0.4 10.1.0.9 40000 9440\r\n");
    EXPECT_THAT(proxy_header_bytes(ProxyHeaderSent::v1, source_v6, 65535, destination_v6, 65535),
                StartsWith("PROXY TCP6 fd00:1111:2222:3333:4444:5555:6666:7777 fd00:aaaa:"));
}

TEST(ProxyHeaderBytes, OfLocalNameNobody) {
    const std::string bytes =
        proxy_header_bytes(ProxyHeaderSent::v2_local, source_v4, 40000, destination_v4, 9440);
    EXPECT_EQ(bytes, std::string("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16));
    const auto header = read_back(bytes);
    ASSERT_TRUE(header);
    EXPECT_TRUE(header->local);
    EXPECT_FALSE(header->truncated);
}

TEST(ProxyHeaderBytes, OfNoneAreNone) {
    EXPECT_EQ(proxy_header_bytes(ProxyHeaderSent::none, source_v4, 1, destination_v4, 2), "");
}

using EndsOfAConnection = std::pair<IpAddress, IpAddress>;
class RoundTrip : public testing::TestWithParam<std::tuple<ProxyHeaderSent, EndsOfAConnection>> {};
INSTANTIATE_TEST_SUITE_P(
    ProxyHeaderBytes, RoundTrip,
    testing::Combine(testing::Values(ProxyHeaderSent::v1, ProxyHeaderSent::v2),
                     testing::Values(EndsOfAConnection(source_v4, destination_v4),
                                     EndsOfAConnection(source_v6, destination_v6),
                                     // On the wire this is IPv4, whatever the socket's family.
                                     EndsOfAConnection(source_v4, *IpAddress::parse("::ffff:10.1.0.9")))));

TEST_P(RoundTrip, SaysWhatTheReaderUnderstands) {
    const auto& [kind, ends] = GetParam();
    const auto& [source, destination] = ends;
    const std::string bytes = proxy_header_bytes(kind, source, 40000, destination, 9440);
    EXPECT_LE(bytes.size(), 107U);
    const auto header = read_back(bytes);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->version, kind == ProxyHeaderSent::v1 ? 1U : 2U);
    EXPECT_FALSE(header->local);
    EXPECT_FALSE(header->truncated);
    EXPECT_EQ(header->source, source);
    EXPECT_EQ(header->source_port, 40000);
    EXPECT_EQ(header->destination, source.is_v4() ? destination_v4 : destination_v6);
    EXPECT_EQ(header->destination_port, 9440);
}

// ---- as real servers read it ----

constexpr std::uint16_t nginx_port = 8081;
constexpr std::uint16_t haproxy_port = 8082;

/// nginx and haproxy that wait for a PROXY header and answer with the client that it names.
class Servers {
  public:
    const lab::Netns& netns() const { return netns_; }

  private:
    lab::Command nginx() const {
        lab::make_file(directory_ / "nginx.conf",
                       "daemon off; master_process off; pid nginx.pid; error_log stderr;\n"
                       "events {}\n"
                       "http { access_log off;\n"
                       "  server { listen 127.0.0.1:8081 proxy_protocol; listen [::1]:8081 proxy_protocol;\n"
                       "    location / { return 200 \"$proxy_protocol_addr $proxy_protocol_port;\"; } } }\n");
        lab::Command command;
        command.argv = {"nginx", "-p", directory_.path(), "-c", directory_ / "nginx.conf", "-e", "stderr"};
        command.netns = netns_.fd();
        return command;
    }
    lab::Command haproxy() const {
        lab::make_file(
            directory_ / "haproxy.cfg",
            "defaults\n mode http\n timeout client 60s\n timeout connect 60s\n timeout server 60s\n"
            "frontend f\n bind 127.0.0.1:8082 accept-proxy\n bind ::1:8082 accept-proxy\n"
            " http-request return status 200 content-type text/plain lf-string \"%[src] %[src_port];\"\n");
        lab::Command command;
        command.argv = {"haproxy", "-db", "-f", directory_ / "haproxy.cfg"};
        command.netns = netns_.fd();
        return command;
    }

    lab::Netns netns_;
    lab::TemporaryDirectory directory_;
    lab::Background nginx_{nginx()};
    lab::Background haproxy_{haproxy()};
};

struct Reply {
    std::string text;
    std::uint16_t port = 0;  ///< ours
};

Reply ask(const IpAddress& address, std::uint16_t port, ProxyHeaderSent header) {
    asio::io_context loop;
    TcpProbe probe = kept_connection(address, port);
    probe.proxy_header = header;
    TcpResult connected = connect_once_up(loop, probe);
    const auto& facts = get<TcpFacts>(connected.observation.facts);
    EXPECT_EQ(facts.proxy_header, header);
    const StreamPtr stream = plain_stream(std::move(*connected.socket));
    return {run_probe(loop, say_and_hear(loop, *stream, "GET / HTTP/1.0\r\n\r\n")), facts.local_port};
}

TEST(ProxyHeader, IsTakenByRealServers) {
    const Servers servers;
    servers.netns().enter([] {
        for (const auto& address : {loopback_v4, loopback_v6}) {
            for (const auto port : {nginx_port, haproxy_port}) {
                for (const auto kind : {ProxyHeaderSent::v1, ProxyHeaderSent::v2}) {
                    const Reply reply = ask(address, port, kind);
                    EXPECT_THAT(reply.text, HasSubstr(" 200 "));
                    EXPECT_THAT(reply.text,
                                HasSubstr(address.to_string() + ' ' + std::to_string(reply.port) + ';'));
                }
                EXPECT_THAT(ask(address, port, ProxyHeaderSent::v2_local).text, HasSubstr(" 200 "));
            }
        }
    });
}

TEST(ProxyHeader, ComesFirstWhetherTheConnectionIsKeptOrWatched) {
    for (const bool keep : {true, false}) {
        const BoundSocket listener(loopback_v4, SOCK_STREAM, 8);
        asio::io_context loop;
        TcpProbe probe = kept_connection(loopback_v4, listener.port());
        probe.proxy_header = ProxyHeaderSent::v1;
        probe.keep = keep;
        probe.settle = std::chrono::milliseconds(1);
        const TcpResult result = run_probe(loop, probe_tcp(probe));
        const Fd peer = listener.accept();
        std::string bytes(256, '\0');
        const ssize_t size = ::recv(peer.get(), bytes.data(), bytes.size(), 0);
        ASSERT_GT(size, 0);
        bytes.resize(static_cast<std::size_t>(size));
        const auto& facts = get<TcpFacts>(result.observation.facts);
        EXPECT_EQ(bytes, proxy_header_bytes(ProxyHeaderSent::v1, loopback_v4, facts.local_port, loopback_v4,
                                            listener.port()));
    }
}

}  // namespace
}  // namespace whylink::probes
