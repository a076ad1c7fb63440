// Probes on demand against real servers on loopback, as a scrape asks for them and as an attacker does.
#include "daemon/probe/prober.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/certificates.hpp"
#include "support/connection_counter.hpp"
#include "support/dns_server.hpp"
#include "support/stream_server.hpp"
#include "tests/unit/daemon/temporary_file.hpp"

namespace whylink::daemon {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* host = "db.corp.test";

const lab::Certificates& certificates() {
    static const lab::Certificates made{host};
    return made;
}

IpAddress at(const char* text) {
    return *IpAddress::parse(text);
}

std::string place(const char* address, std::uint16_t port) {
    return endpoint_text(at(address), port);
}

std::string redirect_to(const std::string& location) {
    return "HTTP/1.1 302 Found\r\nLocation: " + location +
           "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
}

constexpr const char* good_page = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

class OnDemand : public testing::Test {
  protected:
    OnDemand() {
        generation_->context.files.resolv_conf = resolv_conf_.path();
        generation_->context.files.hosts_file = hosts_file_.path();
        allow({"127.0.0.1"});
    }

    void allow(const std::vector<const char*>& blocks) {
        config::OnDemand settings;
        for (const char* block : blocks) {
            settings.allow.push_back(*Cidr::parse(block));
        }
        prober_.configure(std::move(settings));
    }

    std::uint16_t serve(const lab::StreamBehaviour& behaviour) {
        return lab::start_stream_server(servers_, {nullptr, IpAddress(), 0}, behaviour);
    }

    config::Endpoint& configure(std::string name, std::uint16_t port) {
        configured_.name = "configured";
        configured_.host = std::move(name);
        configured_.port = port;
        configured_.expect = {*Cidr::parse("127.0.0.1")};
        configured_.tls.server_name = host;
        return configured_;
    }

    ProbeAnswer ask(Query query, const std::string& scrape_timeout = "30") {
        std::optional<ProbeAnswer> got;
        prober_.answer({std::move(query), scrape_timeout},
                       [&got](ProbeAnswer answer) { got = std::move(answer); });
        loop_.restart();
        loop_.run();
        EXPECT_TRUE(got);
        EXPECT_EQ(prober_.under_way(), 0U);
        return got.value_or(ProbeAnswer{0, "", "no answer"});
    }

    ProbeAnswer connect(const std::string& target) {
        return ask({{"module", "tcp_connect"}, {"target", target}});
    }
    ProbeAnswer fetch(const std::string& target) { return ask({{"module", "http_2xx"}, {"target", target}}); }

    lab::ServerLoop servers_;
    asio::io_context loop_;
    fabricated::TemporaryFile resolv_conf_{"nameserver 127.99.99.99\n"};
    fabricated::TemporaryFile hosts_file_{
        "127.0.0.1 db.corp.test\n127.0.0.2 outside.corp.test\n127.0.0.1 mixed.corp.test\n"
        "127.0.0.2 mixed.corp.test\n::1 six.corp.test\n"};
    std::shared_ptr<Generation> generation_ = std::make_shared<Generation>();
    config::Endpoint configured_;
    std::vector<std::string> broke_;
    OnDemandProber prober_{
        loop_,
        {.generation = [this] { return generation_; },
         .targets =
             [this] {
                 return configured_.name.empty() ? std::vector<config::TargetPtr>()
                                                 : std::vector{config::make_target(configured_)};
             },
         .broke = [this](const std::string&, const std::string& what) { broke_.push_back(what); }},
        "vm-7"};
};

// ---- what a scrape gets ----

TEST_F(OnDemand, AConnectionIsASuccess) {
    const ProbeAnswer answer = connect(place("127.0.0.1", serve(lab::silent())));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(answer.body, AllOf(HasSubstr("\nprobe_success 1\n"), HasSubstr("\nprobe_ip_protocol 4\n"),
                                   HasSubstr("cause=\"healthy\"")));
    EXPECT_TRUE(broke_.empty());
}

TEST_F(OnDemand, AConnectionThatIsClosedAtOnceIsOneAllTheSame) {
    const ProbeAnswer answer = connect(place("127.0.0.1", serve(lab::close_at_accept())));
    EXPECT_THAT(answer.body, HasSubstr("\nprobe_success 1\n"));
}

TEST_F(OnDemand, ARefusedConnectionIsNone) {
    std::uint16_t free_port = 0;
    {
        lab::ServerLoop gone;
        free_port = lab::start_stream_server(gone, {nullptr, at("127.0.0.1"), 0}, lab::silent());
    }
    const ProbeAnswer answer = connect(place("127.0.0.1", free_port));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_THAT(answer.body, AllOf(HasSubstr("\nprobe_success 0\n"), HasSubstr("outcome=\"refused\"")));
}

TEST_F(OnDemand, ANameThatDoesNotResolveIsNone) {
    const ProbeAnswer answer = connect("nowhere.corp.test:443");
    EXPECT_EQ(answer.status, 200U);
    EXPECT_THAT(answer.body, AllOf(HasSubstr("\nprobe_success 0\n"), HasSubstr("\nprobe_ip_protocol 0\n")));
}

TEST_F(OnDemand, TheHeaderBoundsTheWholeProbe) {
    const std::uint16_t port = serve(lab::silent());
    const ProbeAnswer answer = ask({{"module", "tcp_tls"}, {"target", place("127.0.0.1", port)}}, "1");
    EXPECT_THAT(answer.body,
                AllOf(HasSubstr("\nprobe_success 0\n"), HasSubstr("\nprobe_timeout_seconds 0.5\n")));
}

TEST_F(OnDemand, TlsTrustsTheSystemsStoreAlone) {
    const std::uint16_t port = serve(lab::speaks(certificates().service("good")));
    const ProbeAnswer answer =
        ask({{"module", "tcp_tls"}, {"target", place("127.0.0.1", port)}, {"hostname", host}});
    EXPECT_THAT(answer.body,
                AllOf(HasSubstr("\nprobe_success 0\n"), HasSubstr("probe_ssl_earliest_cert_expiry "),
                      HasSubstr("outcome=\"certificate_untrusted\"")));
}

TEST_F(OnDemand, AConfiguredEndpointKeepsItsTrust) {
    allow({});
    const std::uint16_t port = serve(lab::speaks(certificates().service("good")));
    configure(host, port).tls.ca_file = certificates().files().at("ca");
    const ProbeAnswer answer =
        ask({{"module", "tcp_tls"}, {"target", std::string(host) + ":" + std::to_string(port)}});
    EXPECT_EQ(answer.status, 200U);
    EXPECT_THAT(answer.body, AllOf(HasSubstr("\nprobe_success 1\n"),
                                   HasSubstr("probe_ssl_last_chain_expiry_timestamp_seconds "),
                                   HasSubstr("name=\"configured\"")));
}

TEST_F(OnDemand, APageIsASuccess) {
    const ProbeAnswer answer = fetch("http://" + place("127.0.0.1", serve(lab::replies(good_page))) + "/");
    EXPECT_THAT(answer.body,
                AllOf(HasSubstr("\nprobe_success 1\n"), HasSubstr("\nprobe_http_status_code 200\n"),
                      HasSubstr("\nprobe_http_content_length 2\n"), HasSubstr("\nprobe_http_version 1.1\n"),
                      HasSubstr("\nprobe_http_redirects 0\n")));
}

TEST_F(OnDemand, AnErrorPageIsNone) {
    const std::uint16_t port =
        serve(lab::replies("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    const ProbeAnswer answer = fetch(place("127.0.0.1", port));
    EXPECT_THAT(answer.body,
                AllOf(HasSubstr("\nprobe_success 0\n"), HasSubstr("\nprobe_http_status_code 401\n")));
}

TEST_F(OnDemand, ARedirectIsFollowed) {
    const std::uint16_t last = serve(lab::replies(good_page));
    const std::uint16_t first = serve(lab::replies(redirect_to("http://" + place("127.0.0.1", last) + "/x")));
    const ProbeAnswer answer = fetch(place("127.0.0.1", first));
    EXPECT_THAT(answer.body,
                AllOf(HasSubstr("\nprobe_success 1\n"), HasSubstr("\nprobe_http_redirects 1\n")));
}

TEST_F(OnDemand, ARedirectToItselfEnds) {
    const ProbeAnswer answer = fetch(place("127.0.0.1", serve(lab::replies(redirect_to("/again")))));
    EXPECT_THAT(answer.body,
                AllOf(HasSubstr("\nprobe_success 0\n"), HasSubstr("\nprobe_http_redirects 10\n")));
}

TEST_F(OnDemand, DnsAsksTheTarget) {
    const std::uint16_t port =
        lab::start_dns_server(servers_, {nullptr, at("127.0.0.1"), 0},
                              lab::DnsZone::parse("a.test A 10.0.0.4\na.test A 10.0.0.5\n"));
    const auto question = [&](const char* name) {
        return ask({{"module", "dns"}, {"target", place("127.0.0.1", port)}, {"query_name", name}}).body;
    };
    EXPECT_THAT(question("a.test"),
                AllOf(HasSubstr("\nprobe_success 1\n"), HasSubstr("\nprobe_dns_answer_rrs 2\n"),
                      HasSubstr("\nprobe_dns_query_succeeded 1\n")));
    EXPECT_THAT(question("b.test"),
                AllOf(HasSubstr("\nprobe_success 0\n"), HasSubstr("\nprobe_dns_answer_rrs 0\n"),
                      HasSubstr("\nprobe_dns_query_succeeded 1\n")));
}

TEST_F(OnDemand, DnsFindsTheServerByItsName) {
    const std::uint16_t port =
        lab::start_dns_server(servers_, {nullptr, at("127.0.0.1"), 0},
                              lab::DnsZone::parse("_db._tcp.a.test SRV 1 2 5432 b.test\n"));
    const auto answer = [&](const std::string& server) {
        return ask({{"module", "dns"},
                    {"target", server + ":" + std::to_string(port)},
                    {"query_name", "_db._tcp.a.test"},
                    {"query_type", "SRV"}});
    };
    EXPECT_THAT(answer("db.corp.test").body,
                AllOf(HasSubstr("\nprobe_success 1\n"), HasSubstr("\nprobe_dns_answer_rrs 1\n"),
                      HasSubstr("\nprobe_ip_protocol 4\n")));
    EXPECT_EQ(answer("outside.corp.test").status, 403U);
    EXPECT_THAT(answer("nowhere.corp.test").body,
                AllOf(HasSubstr("\nprobe_success 0\n"), HasSubstr("\nprobe_dns_query_succeeded 0\n")));
}

TEST_F(OnDemand, DebugShowsWhatWasDone) {
    const ProbeAnswer answer = ask(
        {{"module", "tcp_connect"}, {"target", place("127.0.0.1", serve(lab::silent()))}, {"debug", "true"}});
    EXPECT_EQ(answer.content_type, "text/plain; charset=utf-8");
    EXPECT_THAT(answer.body, AllOf(HasSubstr("Logs for the probe:\nmodule tcp_connect"),
                                   HasSubstr("tcp 127.0.0.1:"), HasSubstr("Report:\n")));
}

TEST_F(OnDemand, ATargetThatIsNoneIsRefused) {
    EXPECT_EQ(connect("127.0.0.1").status, 400U) << "a port is needed";
    EXPECT_EQ(connect("127.0.0.1:0").status, 400U);
    EXPECT_EQ(fetch("ftp://127.0.0.1/").status, 400U);
    EXPECT_EQ(ask({{"module", "dns"}, {"target", "a b"}, {"query_name", "a"}}).status, 400U);
}

// ---- what an attacker gets ----

TEST_F(OnDemand, NothingIsAllowedByDefault) {
    allow({});
    const lab::ConnectionCounter server(servers_, {nullptr, IpAddress(), 0});
    EXPECT_EQ(connect(place("127.0.0.1", server.port())).status, 403U);
    EXPECT_EQ(connect("db.corp.test:" + std::to_string(server.port())).status, 403U);
    EXPECT_EQ(fetch("http://db.corp.test:" + std::to_string(server.port())).status, 403U);
    EXPECT_EQ(ask({{"module", "dns"}, {"target", "127.0.0.1"}, {"query_name", "a.test"}}).status, 403U);
    EXPECT_EQ(server.total(), 0U);
}

TEST_F(OnDemand, ANameThatLeadsOutsideIsNotConnectedTo) {
    const lab::ConnectionCounter server(servers_, {nullptr, IpAddress(), 0});
    for (const char* name : {"outside.corp.test", "mixed.corp.test", "six.corp.test"}) {
        for (const char* module : {"tcp_connect", "tcp_tls", "http_2xx"}) {
            const ProbeAnswer answer = ask(
                {{"module", module}, {"target", std::string(name) + ":" + std::to_string(server.port())}});
            EXPECT_EQ(answer.status, 403U) << name << " " << module;
            EXPECT_THAT(answer.body, Not(HasSubstr("127.0.0.2"))) << "nobody is told where names lead";
        }
    }
    EXPECT_EQ(server.total(), 0U);
}

TEST_F(OnDemand, AnAddressInAnotherFormIsTheSameAddress) {
    allow({"10.0.0.0/8", "::/0"});
    const lab::ConnectionCounter server(servers_, {nullptr, IpAddress(), 0});
    const std::string port = std::to_string(server.port());
    for (const char* form : {"127.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::1]", "[::]",
                             "[64:ff9b::127.0.0.1]"}) {
        EXPECT_EQ(connect(std::string(form) + ":" + port).status, 403U) << form;
    }
    // Forms that only some programs take for an address are names that do not exist.
    for (const char* form : {"2130706433", "0x7f.1", "127.1", "017700000001"}) {
        EXPECT_THAT(connect(std::string(form) + ":" + port).status, testing::AnyOf(200U, 400U)) << form;
    }
    EXPECT_EQ(server.total(), 0U);
}

TEST_F(OnDemand, ARedirectOutsideIsNotFollowed) {
    const lab::ConnectionCounter server(servers_, {nullptr, IpAddress(), 0});
    for (const std::string& host_part :
         {std::string("127.0.0.2"), std::string("outside.corp.test"), std::string("[::ffff:127.0.0.2]")}) {
        const std::string location = "http://" + host_part + ":" + std::to_string(server.port()) + "/";
        const ProbeAnswer answer = ask(
            {{"target", place("127.0.0.1", serve(lab::replies(redirect_to(location))))}, {"debug", "true"}});
        EXPECT_EQ(answer.status, 200U);
        EXPECT_THAT(answer.body, AllOf(HasSubstr("\nprobe_success 0\n"), HasSubstr("not followed")))
            << location;
    }
    EXPECT_EQ(server.total(), 0U);
}

TEST_F(OnDemand, OfAConfiguredEndpointOnlyItsOwnPathIsAskedFor) {
    allow({});
    const std::uint16_t port = serve(lab::replies(good_page));
    const std::string url = "http://db.corp.test:" + std::to_string(port);
    configure(host, port).http_path = "/ping";
    EXPECT_THAT(fetch(url + "/ping").body, HasSubstr("\nprobe_success 1\n"));
    EXPECT_THAT(fetch(url).body, HasSubstr("\nprobe_success 1\n"));
    EXPECT_EQ(fetch(url + "/shutdown").status, 403U);
    allow({"127.0.0.1"});
    EXPECT_THAT(fetch(url + "/shutdown").body, HasSubstr("\nprobe_success 1\n"));
}

TEST_F(OnDemand, AConfiguredNameThatLeadsToALoopbackItDoesNotExpectIsLeftAlone) {
    allow({});
    const lab::ConnectionCounter server(servers_, {nullptr, IpAddress(), 0});
    const std::uint16_t dns = lab::start_dns_server(servers_, {nullptr, at("127.0.0.1"), 0},
                                                    lab::DnsZone::parse("db.corp.test A 127.0.0.2\n"));
    configure(host, server.port()).resolvers = {config::Resolver{false, at("127.0.0.1"), dns}};
    const ProbeAnswer answer = connect(std::string(host) + ":" + std::to_string(server.port()));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_THAT(answer.body, HasSubstr("\nprobe_success 0\n"));
    EXPECT_EQ(server.total(), 0U);
}

TEST_F(OnDemand, MoreThanItsMostAreToldToComeAgain) {
    const std::string target = place("127.0.0.1", serve(lab::silent()));
    const Query query{{"module", "tcp_tls"}, {"target", target}};
    std::size_t answered = 0;
    std::optional<ProbeAnswer> refused;
    const auto begin = [&](const std::string& client, unsigned count) {
        for (unsigned i = 0; i < count; ++i) {
            prober_.answer({query, "1", client}, [&](const ProbeAnswer& answer) {
                answer.status == 503 ? void(refused = answer) : void(++answered);
            });
        }
    };
    begin("one", OnDemandProber::max_of_client);
    EXPECT_FALSE(refused);
    begin("one", 1);
    ASSERT_TRUE(refused);
    EXPECT_THAT(refused->body, HasSubstr("at most 16 of one client"));
    refused.reset();
    begin("other", OnDemandProber::max_concurrent - OnDemandProber::max_of_client);
    EXPECT_FALSE(refused) << "one client leaves room for others";
    EXPECT_EQ(prober_.under_way(), OnDemandProber::max_concurrent);
    begin("third", 1);
    ASSERT_TRUE(refused);
    EXPECT_THAT(refused->body, HasSubstr("at most 32"));
    loop_.run();
    EXPECT_EQ(answered, OnDemandProber::max_concurrent);
    EXPECT_EQ(prober_.under_way(), 0U);
    EXPECT_EQ(ask(query, "1").status, 200U) << "there is room again";
}

TEST_F(OnDemand, AClientThatIsGoneGetsNoAnswer) {
    const std::string target = place("127.0.0.1", serve(lab::silent()));
    bool answered = false;
    const auto cancel = prober_.answer({{{"module", "tcp_tls"}, {"target", target}}, "1"},
                                       [&](const ProbeAnswer&) { answered = true; });
    cancel();
    cancel();
    loop_.run();
    EXPECT_FALSE(answered);
    EXPECT_EQ(prober_.under_way(), 0U);
    cancel();
}

}  // namespace
}  // namespace whylink::daemon
