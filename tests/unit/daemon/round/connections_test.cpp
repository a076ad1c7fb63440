// A round of a name with very many addresses, on loopback against real sockets. What it had at once is read from when its
// probes began and how long they took; nothing is asserted of how long that is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "config/capacity.hpp"
#include "daemon/round/round.hpp"
#include "support/dns_server.hpp"
#include "support/stream_server.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using probes::Observation;
using probes::Stage;

/// 127.0.1.1 to 127.0.1.250, all of which one silent server answers.
class ManyAddresses : public testing::Test {
  protected:
    ManyAddresses() {
        std::string zone;
        for (int i = 1; i <= 250; ++i) {
            zone += "db.corp.test A 127.0.1." + std::to_string(i) + "\n";
        }
        const std::uint16_t dns = lab::start_dns_server(servers_, {nullptr, IpAddress::v4({127, 0, 0, 1}), 0},
                                                        lab::DnsZone::parse(zone));
        endpoint.host = "db.corp.test";
        endpoint.family = config::Family::ipv4;
        endpoint.resolvers = {config::Resolver{false, IpAddress::v4({127, 0, 0, 1}), dns}};
        endpoint.expect = {*Cidr::parse("127.0.1.0/24")};
        endpoint.port = lab::start_stream_server(servers_, {nullptr, IpAddress(), 0}, lab::silent());
        endpoint.tls.verify = false;
        endpoint.experiments = false;
    }

    /// Of a stage, in the order of the addresses.
    std::vector<Observation> round(Stage stage, FollowUpMemory* memory = nullptr) {
        asio::io_context loop;
        RoundContext context{contexts_, {}};
        std::exception_ptr failure;
        Measured measured;
        asio::co_spawn(loop, run_endpoint(endpoint, context, memory),
                       [&](const std::exception_ptr& thrown, Measured made) {
                           failure = thrown;
                           measured = std::move(made);
                       });
        loop.run();
        if (failure) {
            std::rethrow_exception(failure);
        }
        std::erase_if(measured.round.probes, [&](const Observation& probe) { return probe.stage != stage; });
        return std::move(measured.round.probes);
    }

    config::Endpoint endpoint;

  private:
    lab::ServerLoop servers_;
    probes::TlsContexts contexts_;
};

/// The most of them that went on at one time.
std::size_t max_at_once(const std::vector<Observation>& probes) {
    std::size_t most = 0;
    for (const Observation& one : probes) {
        std::size_t at_once = 0;
        for (const Observation& other : probes) {
            const bool begun = other.started <= one.started;
            // The two clocks that are added here may differ by a little.
            at_once += begun && one.started < other.started + other.took - 1ms ? 1U : 0U;
        }
        most = std::max(most, at_once);
    }
    return most;
}

TEST_F(ManyAddresses, SixtyFourAreTriedAndSixteenAtOnce) {
    endpoint.timeout = 500ms;
    const std::vector<Observation> tried = round(Stage::tls);
    EXPECT_EQ(tried.size(), max_addresses);
    EXPECT_LE(max_at_once(tried), config::max_connections);
}

TEST_F(ManyAddresses, WhatWouldOutlastTheIntervalIsNotBegun) {
    endpoint.interval = 2s;
    endpoint.timeout = 800ms;
    FollowUpMemory memory;
    const std::vector<Observation> tried = round(Stage::tls, &memory);
    EXPECT_GE(tried.size(), config::max_connections) << "the first are tried however late it is";
    EXPECT_LE(tried.size(), 2 * config::max_connections) << "each batch waits for 0.8 s in vain";
}

}  // namespace
}  // namespace whylink::daemon
