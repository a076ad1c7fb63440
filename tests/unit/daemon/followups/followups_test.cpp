// Follow-up tests on loopback, against real sockets. What is planned is given; when it is planned is the concern
// of the checks.
#include "daemon/followups/followups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/followups/making.hpp"
#include "support/certificates.hpp"
#include "support/dns_server.hpp"
#include "support/server_tls.hpp"
#include "support/stream_server.hpp"
#include "tests/unit/probes/exchange_fixture.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;
using checks::PlannedFollowUp;
using probes::FollowUp;
using probes::Observation;
using probes::Stage;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* host = "db.corp.test";

const lab::Certificates& certificates() {
    static const lab::Certificates made{host};
    return made;
}

IpAddress loopback() {
    return *IpAddress::parse("127.0.0.1");
}

/// Resets what does not begin with a PROXY v2 header, and speaks TLS behind one.
class ServerBehindProxy {
  public:
    ServerBehindProxy() { asio::co_spawn(loop_.context(), accept(), asio::detached); }
    std::uint16_t port() const { return port_; }
    unsigned accepted() const { return accepted_; }

  private:
    static constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};
    static constexpr std::size_t fixed_length = 16;

    asio::awaitable<void> accept() {
        for (;;) {
            tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
            ++accepted_;
            asio::co_spawn(loop_.context(), serve(std::move(socket)), asio::detached);
        }
    }

    static asio::awaitable<std::string> read(tcp::socket& socket) {
        std::array<char, 4096> bytes{};
        const std::size_t count = co_await socket.async_read_some(asio::buffer(bytes), asio::use_awaitable);
        co_return std::string(bytes.data(), count);
    }

    asio::awaitable<void> serve(tcp::socket socket) {
        std::string bytes = co_await read(socket);
        if (!bytes.starts_with(signature)) {
            socket.set_option(asio::socket_base::linger(true, 0));
            co_return;
        }
        while (bytes.size() < fixed_length) {
            bytes += co_await read(socket);
        }
        bytes.erase(0, fixed_length + static_cast<unsigned char>(bytes[15]));
        lab::ServerTls tls(context_);
        for (;;) {
            tls.feed(bytes);
            const auto progress = tls.handshake();
            const std::string output = tls.take_output();
            co_await asio::async_write(socket, asio::buffer(output), asio::use_awaitable);
            if (progress == lab::ServerTls::Progress::failed) {
                co_return;
            }
            bytes = co_await read(socket);
        }
    }

    lab::ServerContext context_ = lab::make_server_context(certificates().service("good"));
    lab::ServerLoop loop_;
    tcp::acceptor acceptor_{loop_.context(), {asio::ip::address_v4::loopback(), 0}};
    std::uint16_t port_ = acceptor_.local_endpoint().port();
    std::atomic<unsigned> accepted_ = 0;
};

std::vector<PlannedFollowUp> behind_proxy(const config::Endpoint& endpoint, const checks::Assessment& shown,
                                          std::string_view) {
    if (!shown.follow_ups.empty()) {
        return {};
    }
    PlannedFollowUp planned;
    planned.address = endpoint.address;
    planned.port = endpoint.port;
    planned.proxy_header = probes::ProxyHeaderSent::v2_local;
    planned.tls = true;
    planned.server_name = endpoint.tls.server_name;
    return {planned};
}

/// One endpoint, and rounds of it made by hand.
class FollowUpsTest : public testing::Test {
  protected:
    FollowUpsTest() {
        endpoint.name = "db";
        endpoint.host = "127.0.0.1";
        endpoint.address = loopback();
        endpoint.timeout = 5s;
        endpoint.tls.server_name = host;
        endpoint.tls.ca_file = certificates().files().at("ca");
        probes::TlsSettings settings;
        settings.ca_file = endpoint.tls.ca_file;
        tls = contexts.get(settings);
    }

    /// The ordinary connection; then what its failure calls for.
    std::vector<probes::FollowUpTest> round(FollowUpPlanner planner) {
        Measured measured;
        run(connect(measured));
        return follow_ups_after(std::move(measured), planner);
    }

    std::vector<probes::FollowUpTest> follow_ups_after(Measured measured, FollowUpPlanner planner) {
        budget.under_way = of_others;
        FollowUpRound further{.endpoint = endpoint,
                              .files = {},
                              .tls = tls,
                              .budget = budget,
                              .memory = memory,
                              .until = std::chrono::steady_clock::now() + left,
                              .planner = planner};
        if (auto under_way = follow_up(further, measured)) {
            run(*std::move(under_way));
        }
        EXPECT_EQ(budget.under_way, of_others);
        return measured.round.follow_ups;
    }

    config::Endpoint endpoint;
    TlsContextOrFault tls;
    FollowUpBudget budget;
    FollowUpMemory remembered;
    FollowUpMemory* memory = &remembered;
    std::chrono::milliseconds left = 30s;
    unsigned of_others = 0;  ///< follow-up tests under way

  private:
    asio::awaitable<void> connect(Measured& measured) {
        const Capturing nothing(nullptr);
        ConnectionResult result = co_await probe_connection(plan_of(endpoint, loopback()), tls, nothing);
        measured.round.probes.push_back(std::move(*result.tcp));
        if (result.tls) {
            measured.round.probes.push_back(std::move(*result.tls));
        }
    }

    static void run(asio::awaitable<void> task) {
        asio::io_context loop;
        std::exception_ptr failure;
        asio::co_spawn(loop, std::move(task),
                       [&failure](std::exception_ptr thrown) { failure = std::move(thrown); });
        loop.run();
        if (failure) {
            std::rethrow_exception(failure);
        }
    }

    probes::TlsContexts contexts;
};

/// A failure of a time-out, as a round that took no time.
Measured unanswered() {
    probes::TcpFacts facts;
    facts.timed_out = true;
    Observation observation;
    observation.stage = Stage::tcp;
    observation.address = loopback();
    observation.port = 1;
    observation.facts = facts;
    Measured measured;
    measured.round.probes.push_back(observation);
    return measured;
}

std::vector<probes::FollowUpTest> earlier() {
    return {{FollowUp::proxy_v2, unanswered().round.probes.front()}};
}

TEST_F(FollowUpsTest, AServerThatWaitsForAProxyHeaderAnswersBehindOne) {
    const ServerBehindProxy server;
    endpoint.port = server.port();
    const std::vector<probes::FollowUpTest> results = round(behind_proxy);
    ASSERT_THAT(results, SizeIs(1));
    EXPECT_EQ(results[0].kind, FollowUp::proxy_v2);
    EXPECT_EQ(results[0].observation.stage, Stage::tls);
    EXPECT_EQ(results[0].observation.port, server.port());
    EXPECT_GE(get<probes::TlsFacts>(results[0].observation.facts).progress,
              probes::TlsProgress::server_hello);
    EXPECT_EQ(budget.left_out, 0U);
}

TEST_F(FollowUpsTest, OfTheSameFailureStandWithoutBeingMadeAgain) {
    const ServerBehindProxy server;
    endpoint.port = server.port();
    const std::vector<probes::FollowUpTest> made = round(behind_proxy);
    ASSERT_THAT(made, SizeIs(1));
    const std::vector<probes::FollowUpTest> standing = round(behind_proxy);
    ASSERT_THAT(standing, SizeIs(1));
    EXPECT_EQ(standing[0].observation.started, made[0].observation.started);
    EXPECT_EQ(server.accepted(), 3U);
}

TEST_F(FollowUpsTest, AreMadeEachTimeByAOneShotCommand) {
    const ServerBehindProxy server;
    endpoint.port = server.port();
    memory = nullptr;
    EXPECT_THAT(round(behind_proxy), SizeIs(1));
    EXPECT_THAT(round(behind_proxy), SizeIs(1));
    EXPECT_EQ(server.accepted(), 4U);
}

std::vector<PlannedFollowUp> must_not_be_asked(const config::Endpoint&, const checks::Assessment&,
                                               std::string_view) {
    ADD_FAILURE() << "a plan was asked for";
    return {};
}

std::vector<PlannedFollowUp> none(const config::Endpoint&, const checks::Assessment&, std::string_view) {
    return {};
}

TEST_F(FollowUpsTest, AfterARoundThatPassesTheNextFailureIsNew) {
    lab::ServerLoop loop;
    endpoint.port =
        lab::start_stream_server(loop, {nullptr, loopback(), 0}, lab::speaks(certificates().service("good")));
    remembered.made(picture_of({checks::Fact::tls_silent}, {loopback()}), earlier());
    EXPECT_THAT(round(none), IsEmpty());
    EXPECT_TRUE(remembered.due(picture_of({checks::Fact::tls_silent}, {loopback()})));
    // Nothing was called for: it is not asked again in the next round.
    EXPECT_THAT(round(must_not_be_asked), IsEmpty());
}

TEST_F(FollowUpsTest, OfARoundThatPassesAreMadeOnce) {
    lab::ServerLoop loop;
    endpoint.port =
        lab::start_stream_server(loop, {nullptr, loopback(), 0}, lab::speaks(certificates().service("good")));
    const std::vector<probes::FollowUpTest> made = round(checks::plan_follow_ups);
    ASSERT_THAT(made, SizeIs(1));
    EXPECT_EQ(made[0].kind, FollowUp::large_hello);
    const auto& facts = get<probes::TlsFacts>(made[0].observation.facts);
    EXPECT_EQ(facts.progress, probes::TlsProgress::complete);
    EXPECT_GT(facts.client_hello_size, 1500U);
    EXPECT_THAT(round(must_not_be_asked), IsEmpty());
}

/// What the first test of a round that passes shows calls for a second one.
std::vector<PlannedFollowUp> one_after_the_other(const config::Endpoint& endpoint,
                                                 const checks::Assessment& shown, std::string_view) {
    PlannedFollowUp planned;
    planned.kind = shown.follow_ups.empty() ? FollowUp::large_hello : FollowUp::large_hello_segments;
    planned.pace = checks::Pace::passing_daily;
    planned.address = endpoint.address;
    planned.port = endpoint.port;
    planned.tls = true;
    planned.server_name = endpoint.tls.server_name;
    return {planned};
}

TEST_F(FollowUpsTest, OfARoundThatPassesAreMadeInTwoBatchesAtMost) {
    lab::ServerLoop loop;
    endpoint.port =
        lab::start_stream_server(loop, {nullptr, loopback(), 0}, lab::speaks(certificates().service("good")));
    const std::vector<probes::FollowUpTest> made = round(one_after_the_other);
    ASSERT_THAT(made, SizeIs(2));
    EXPECT_EQ(made[0].kind, FollowUp::large_hello);
    EXPECT_EQ(made[1].kind, FollowUp::large_hello_segments);
}

/// What the first test of a failing round shows calls for others.
std::vector<PlannedFollowUp> then_five_more(const config::Endpoint& endpoint, const checks::Assessment& shown,
                                            std::string_view label) {
    const checks::Assessment nothing_yet;
    PlannedFollowUp planned = behind_proxy(endpoint, nothing_yet, label)[0];
    if (shown.follow_ups.empty()) {
        return {planned};
    }
    planned.kind = FollowUp::repeat;
    return std::vector<PlannedFollowUp>(5, planned);
}

TEST_F(FollowUpsTest, OfAFailureAreMadeInTwoBatchesOfFourTogether) {
    const ServerBehindProxy server;
    endpoint.port = server.port();
    const std::vector<probes::FollowUpTest> made = round(then_five_more);
    ASSERT_THAT(made, SizeIs(checks::max_follow_ups));
    EXPECT_EQ(made[0].kind, FollowUp::proxy_v2);
    EXPECT_EQ(made[1].kind, FollowUp::repeat);
    // All of them stand.
    EXPECT_THAT(round(then_five_more), SizeIs(checks::max_follow_ups));
    EXPECT_EQ(server.accepted(), 2U + checks::max_follow_ups);
}

TEST_F(FollowUpsTest, OfARoundThatPassesWaitForTheNextRoundWhileManyAreUnderWay) {
    lab::ServerLoop loop;
    endpoint.port =
        lab::start_stream_server(loop, {nullptr, loopback(), 0}, lab::speaks(certificates().service("good")));
    of_others = budget.max_routine;
    EXPECT_THAT(round(one_after_the_other), IsEmpty());
    of_others = 0;
    EXPECT_THAT(round(one_after_the_other), SizeIs(2));
    EXPECT_EQ(budget.left_out, 0U);
}

TEST_F(FollowUpsTest, OfAFailureDoNotWait) {
    const ServerBehindProxy server;
    endpoint.port = server.port();
    of_others = budget.max_routine;
    EXPECT_THAT(round(behind_proxy), SizeIs(1));
}

TEST_F(FollowUpsTest, CanBeSwitchedOff) {
    endpoint.experiments = false;
    EXPECT_THAT(follow_ups_after(unanswered(), must_not_be_asked), IsEmpty());
    EXPECT_EQ(budget.left_out, 0U);
}

TEST_F(FollowUpsTest, ARoundThatThisHostCouldNotMakeIsNoPassAndNoFailure) {
    Measured measured = unanswered();
    measured.round.probes[0].local = probes::LocalError{"socket", EMFILE, "Too many open files"};
    remembered.made(picture_of({checks::Fact::tls_silent}, {loopback()}), earlier());
    EXPECT_THAT(follow_ups_after(measured, must_not_be_asked), IsEmpty());
    EXPECT_FALSE(remembered.due(picture_of({checks::Fact::tls_silent}, {loopback()})));
}

TEST_F(FollowUpsTest, AHostThatHasRunOutOfDescriptorsMakesNoMore) {
    Measured measured = unanswered();
    measured.round.probes.push_back(measured.round.probes[0]);
    measured.round.probes[1].local = probes::LocalError{"socket", EMFILE, "Too many open files"};
    EXPECT_THAT(follow_ups_after(measured, must_not_be_asked), IsEmpty());
}

// ---- the budget ----

struct Want {
    const char* name;
    bool on_time;
    unsigned under_way;
    std::chrono::milliseconds left;
};

class WantTest : public FollowUpsTest, public testing::WithParamInterface<Want> {};

TEST_P(WantTest, LeavesThemOutAndCountsTheRound) {
    const Want& want = GetParam();
    budget.on_time = [&want] { return want.on_time; };
    budget.under_way = want.under_way;
    left = want.left;
    const ServerBehindProxy server;
    endpoint.port = server.port();
    FollowUpRound further{.endpoint = endpoint,
                          .files = {},
                          .tls = tls,
                          .budget = budget,
                          .memory = memory,
                          .until = std::chrono::steady_clock::now() + left,
                          .planner = behind_proxy};
    Measured measured = unanswered();
    asio::io_context loop;
    auto under_way = follow_up(further, measured);
    ASSERT_TRUE(under_way);
    asio::co_spawn(loop, *std::move(under_way), asio::detached);
    loop.run();
    EXPECT_THAT(measured.round.follow_ups, IsEmpty());
    EXPECT_EQ(budget.left_out, 1U);
    EXPECT_EQ(budget.under_way, want.under_way);
    EXPECT_EQ(server.accepted(), 0U);
    EXPECT_TRUE(remembered.due(picture_of({}, {loopback()}))) << "the next round may";
}

INSTANTIATE_TEST_SUITE_P(Experiments, WantTest,
                         testing::Values(Want{"OfPunctuality", false, 0, 30s}, Want{"OfRoom", true, 500, 30s},
                                         Want{"OfTime", true, 0, 600ms}, Want{"OfAllTime", true, 0, -1s}),
                         [](const auto& row) { return row.param.name; });

std::vector<PlannedFollowUp> six_times(const config::Endpoint& endpoint, const checks::Assessment& /*shown*/,
                                       std::string_view label) {
    const checks::Assessment nothing_yet;
    return std::vector<PlannedFollowUp>(6, behind_proxy(endpoint, nothing_yet, label)[0]);
}

TEST_F(FollowUpsTest, AreFourAtMost) {
    const ServerBehindProxy server;
    endpoint.port = server.port();
    EXPECT_THAT(follow_ups_after(unanswered(), six_times), SizeIs(checks::max_follow_ups));
    EXPECT_EQ(server.accepted(), checks::max_follow_ups);
}

TEST_F(FollowUpsTest, WaitNoLongerThanTheRoundLasts) {
    lab::ServerLoop loop;
    endpoint.port = lab::start_stream_server(loop, {nullptr, loopback(), 0}, lab::silent());
    endpoint.timeout = 1h;
    left = 1200ms;
    const std::vector<probes::FollowUpTest> results = follow_ups_after(unanswered(), behind_proxy);
    ASSERT_THAT(results, SizeIs(1));
    EXPECT_TRUE(get<probes::TlsFacts>(results[0].observation.facts).timed_out);
}

// ---- what is made ----

TEST_F(FollowUpsTest, WhatThisHostCannotMakeSaysNothing) {
    endpoint.port = 1;
    endpoint.source_address = IpAddress::parse("192.0.2.77");
    EXPECT_THAT(follow_ups_after(unanswered(), behind_proxy), IsEmpty());
    EXPECT_TRUE(remembered.due(picture_of({}, {loopback()})));
}

std::vector<PlannedFollowUp> script_in_plain_text(const config::Endpoint& endpoint,
                                                  const checks::Assessment& shown, std::string_view) {
    if (!shown.follow_ups.empty()) {
        return {};
    }
    PlannedFollowUp planned;
    planned.kind = FollowUp::plain_text;
    planned.address = endpoint.address;
    planned.port = endpoint.port;
    planned.app = config::App::expect;
    return {planned};
}

TEST_F(FollowUpsTest, AScriptIsNotSaidWithLessProtectionThanItIsMeantToHave) {
    lab::ServerLoop loop;
    endpoint.port = lab::start_stream_server(loop, {nullptr, loopback(), 0}, lab::echoes());
    endpoint.app = config::App::expect;
    endpoint.expect_script = {{.send = "PASS secret\r\n", .expect = "PASS"}};
    const std::vector<probes::FollowUpTest> results = follow_ups_after(unanswered(), script_in_plain_text);
    ASSERT_THAT(results, SizeIs(1));
    EXPECT_EQ(results[0].observation.stage, Stage::tcp);
}

template <FollowUp kind>
std::vector<PlannedFollowUp> script_at_the_endpoint(const config::Endpoint& endpoint,
                                                    const checks::Assessment& shown, std::string_view) {
    if (!shown.follow_ups.empty()) {
        return {};
    }
    PlannedFollowUp planned;
    planned.kind = kind;
    planned.address = endpoint.address;
    planned.port = endpoint.port;
    planned.app = config::App::expect;
    planned.settle = 10ms;
    return {planned};
}

TEST_F(FollowUpsTest, AScriptIsSaidToTheSamePeerOnly) {
    endpoint.expect = {*Cidr::parse("127.0.0.0/8")};  // or no next hop would be there
    endpoint.tls = {};
    endpoint.tls.mode = config::TlsMode::off;
    endpoint.app = config::App::expect;
    endpoint.expect_script = {{.send = "PASS secret\r\n", .expect = "OK", .starttls = false}};
    memory = nullptr;
    const auto first_byte = [this](FollowUpPlanner planner) {
        std::string heard;
        probes::OnePeer peer([&heard](int fd) {
            probes::transmit(fd, "OK\r\n");
            heard = probes::receive(fd, 1);
        });
        endpoint.port = peer.port();
        EXPECT_THAT(follow_ups_after(unanswered(), planner), SizeIs(1));
        peer.join();
        return heard;
    };
    EXPECT_EQ(first_byte(script_at_the_endpoint<FollowUp::repeat>), "P");
    EXPECT_EQ(first_byte(script_at_the_endpoint<FollowUp::other_address>), "");
    EXPECT_EQ(first_byte(script_at_the_endpoint<FollowUp::read_on>), "");
    EXPECT_EQ(first_byte(script_at_the_endpoint<FollowUp::next_hop>), "");
}

/// Where a server sends its clients: the ports of these tell them apart.
std::vector<std::uint16_t> hops_left(const config::Endpoint& endpoint) {
    const TlsContextOrFault no_tls;
    FollowUpBudget budget;
    OwnAddresses own([] { return std::vector{IpAddress::v4({10, 0, 0, 7})}; });
    const FollowUpRound round{.endpoint = endpoint,
                              .files = {},
                              .tls = no_tls,
                              .budget = budget,
                              .until = std::chrono::steady_clock::now(),
                              .own_addresses = &own};
    std::vector<PlannedFollowUp> plan(3);
    plan[0].address = IpAddress::v4({10, 0, 0, 7});
    plan[0].port = 7;
    plan[1].address = IpAddress::v4({10, 0, 0, 8});
    plan[1].port = 8;
    plan[2].address = IpAddress::v4({169, 254, 169, 254});
    plan[2].port = 9;
    for (PlannedFollowUp& planned : plan) {
        planned.kind = FollowUp::next_hop;
    }
    leave_out_hops_to_this_host(round, plan);
    std::vector<std::uint16_t> ports;
    for (const PlannedFollowUp& planned : plan) {
        ports.push_back(planned.port);
    }
    return ports;
}

TEST(NextHops, AServerDoesNotSendUsToOurselves) {
    config::Endpoint endpoint;
    EXPECT_EQ(hops_left(endpoint), (std::vector<std::uint16_t>{8}));
    endpoint.expect = {*Cidr::parse("10.0.0.0/24")};
    EXPECT_EQ(hops_left(endpoint), (std::vector<std::uint16_t>{7, 8})) << "it is meant";
    endpoint.expect.clear();
    endpoint.address = IpAddress::v4({10, 0, 0, 7});
    EXPECT_EQ(hops_left(endpoint), (std::vector<std::uint16_t>{7, 8})) << "a server of this host";
}

std::vector<PlannedFollowUp> at_the_other_resolver(const config::Endpoint& endpoint,
                                                   const checks::Assessment& shown, std::string_view label) {
    if (!shown.follow_ups.empty()) {
        return {};
    }
    PlannedFollowUp planned;
    planned.kind = FollowUp::sibling_label;
    planned.name = std::string(label) + ".corp.test";
    planned.resolver = config::Resolver{false, loopback(), endpoint.port};
    return {planned};
}

TEST_F(FollowUpsTest, AQuestionGoesToTheResolverThatIsPlanned) {
    lab::ServerLoop loop;
    endpoint.port = lab::start_dns_server(loop, {nullptr, loopback(), 0},
                                          lab::DnsZone::parse("*.corp.test A 10.0.0.4\n"));
    endpoint.family = config::Family::ipv4;
    endpoint.resolvers = {config::Resolver{false, loopback(), 1}};
    const std::vector<probes::FollowUpTest> results = follow_ups_after(unanswered(), at_the_other_resolver);
    ASSERT_THAT(results, SizeIs(1));
    EXPECT_EQ(results[0].kind, FollowUp::sibling_label);
    const auto& facts = get<probes::DnsFacts>(results[0].observation.facts);
    EXPECT_EQ(facts.role, probes::NameRole::random_label);
    EXPECT_EQ(facts.resolver_port, endpoint.port);
    ASSERT_THAT(facts.queries, SizeIs(1));
    EXPECT_THAT(facts.queries[0].answers, SizeIs(1));
}

}  // namespace
}  // namespace whylink::daemon
