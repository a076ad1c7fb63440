#include "daemon/probe/order.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using Query = std::vector<std::pair<std::string, std::string>>;

ProbeOrder read(Query query, std::string scrape_timeout = {}) {
    auto order = read_order({std::move(query), std::move(scrape_timeout)});
    if (const auto* refused = std::get_if<ProbeAnswer>(&order)) {
        ADD_FAILURE() << refused->status << " " << refused->body;
        return {};
    }
    return std::get<ProbeOrder>(order);
}

std::string refused(Query query, std::string scrape_timeout = {}) {
    const auto order = read_order({std::move(query), std::move(scrape_timeout)});
    const auto* answer = std::get_if<ProbeAnswer>(&order);
    return answer == nullptr ? "accepted" : std::to_string(answer->status) + " " + answer->body;
}

TEST(ProbeOrder, HasTheDefaultsOfBlackboxExporter) {
    const ProbeOrder order = read({{"target", "db.corp.test"}});
    EXPECT_EQ(order.module, ProbeModule::http_2xx);
    EXPECT_EQ(order.target, "db.corp.test");
    EXPECT_EQ(order.timeout, max_probe_time);
    EXPECT_FALSE(order.debug);
}

TEST(ProbeOrder, HasWhatIsAskedFor) {
    const ProbeOrder order = read({{"target", "10.0.0.4:443"},
                                   {"module", "tcp_tls"},
                                   {"hostname", "db.corp.test"},
                                   {"debug", "true"},
                                   {"target", "10.0.0.5:443"},
                                   {"unknown", "parameter"}},
                                  "10");
    EXPECT_EQ(order.module, ProbeModule::tcp_tls);
    EXPECT_EQ(order.target, "10.0.0.4:443") << "of a repeated parameter the first counts";
    EXPECT_EQ(order.hostname, "db.corp.test");
    EXPECT_TRUE(order.debug);
    EXPECT_EQ(order.timeout, 9500ms);
    EXPECT_FALSE(read({{"target", "a"}, {"debug", "1"}}).debug) << "true is the only word for it";
}

TEST(ProbeOrder, OfDnsHasTheQuestion) {
    const ProbeOrder order =
        read({{"target", "10.0.0.2"}, {"module", "dns"}, {"query_name", "a.test"}, {"query_type", "AAAA"}});
    EXPECT_EQ(order.query_name, "a.test");
    EXPECT_EQ(order.query_type, probes::RecordType::aaaa);
    EXPECT_EQ(read({{"target", "a"}, {"module", "dns"}, {"query_name", "a.test"}}).query_type,
              probes::RecordType::a);
}

TEST(ProbeOrder, TakesItsTimeFromTheScrape) {
    const auto time = [](const char* header) { return read({{"target", "a"}}, header).timeout; };
    EXPECT_EQ(time("0"), max_probe_time);
    EXPECT_EQ(time("2.5"), 2s);
    EXPECT_EQ(time("0.6"), 300ms) << "of a short one half is left";
    EXPECT_EQ(time("1e9"), max_probe_time);
}

TEST(ProbeOrder, IsRefusedWithTheStatusOfBlackboxExporter) {
    EXPECT_EQ(refused({{"module", "icmp"}, {"target", "a"}}),
              "400 Unknown module \"icmp\"; there are tcp_connect, tcp_tls, http_2xx, dns\n");
    EXPECT_EQ(refused({}), "400 Target parameter is missing\n");
    EXPECT_EQ(refused({{"target", ""}}), "400 Target parameter is missing\n");
    for (const char* header : {"ten", "-1", "nan", "inf", "10s", " 10"}) {
        EXPECT_TRUE(refused({{"target", "a"}}, header).starts_with("500 Failed to parse timeout")) << header;
    }
}

TEST(ProbeOrder, RefusesWhatWouldBecomeSomethingElseOnTheWire) {
    for (const char* target : {"a b", "http://a/\r\nX: y", "a\tb", "a\x01"}) {
        EXPECT_TRUE(refused({{"target", target}}).starts_with("400 target must be of at most 2048 bytes"))
            << target;
    }
    EXPECT_TRUE(refused({{"target", std::string(2049, 'a')}}).starts_with("400 target must be"));
    EXPECT_TRUE(refused({{"target", "10.0.0.4:1"}, {"module", "tcp_tls"}, {"hostname", "a b"}})
                    .starts_with("400 hostname \"a b\" is no host name"));
}

TEST(ProbeOrder, RefusesAQuestionThatNobodyCanAsk) {
    const auto dns = [](Query further) {
        Query query{{"target", "10.0.0.2"}, {"module", "dns"}};
        query.insert(query.end(), further.begin(), further.end());
        return refused(query);
    };
    EXPECT_EQ(dns({}), "400 query_name is missing: module \"dns\" asks the target for it\n");
    EXPECT_TRUE(dns({{"query_name", "a..b"}}).starts_with("400 query_name \"a..b\" is no DNS name"));
    EXPECT_EQ(dns({{"query_name", "a"}, {"query_type", "SOA"}}),
              "400 query_type \"SOA\" is not supported; there are A, AAAA, SRV\n");
}

}  // namespace
}  // namespace whylink::daemon
