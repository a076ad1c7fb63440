#include "config/applications.hpp"

#include <gtest/gtest.h>

#include <set>

namespace whylink::config {
namespace {

TEST(Applications, HaveATitleEach) {
    for (const Term<App>& term : terms_of<App>) {
        EXPECT_EQ(term.title.empty(), term.value == App::none) << term.slug;
    }
}

TEST(Applications, AreOneForAPort) {
    std::set<std::uint16_t> seen;
    for (const Term<App>& term : terms_of<App>) {
        for (const std::uint16_t port : application(term.value).plain_ports) {
            EXPECT_TRUE(seen.insert(port).second) << port;
            EXPECT_EQ(app_by_port(port), term.value) << port;
        }
    }
    EXPECT_EQ(app_by_port(8123), App::clickhouse);
    EXPECT_EQ(app_by_port(9440), App::none);
    EXPECT_EQ(app_by_port(4711), App::none);
}

TEST(Applications, OnlyClickHouseHasAProtocolBesideHttp) {
    EXPECT_TRUE(speaks_natively(App::clickhouse, 9000));
    EXPECT_TRUE(speaks_natively(App::clickhouse, 9440));
    EXPECT_FALSE(speaks_natively(App::clickhouse, 8123));
    EXPECT_FALSE(speaks_natively(App::http, 9000));
    EXPECT_FALSE(speaks_natively(App::none, 9000));
}

TEST(Applications, AreGuessedByTheirPort) {
    EXPECT_EQ(plain_guess(6379), App::redis);
    EXPECT_EQ(plain_guess(443), App::http);
    EXPECT_EQ(plain_guess(9440), App::none);
}

TEST(Applications, AServerThatSpeaksFirstOrStartsInPlainTextSaysSo) {
    EXPECT_TRUE(application(App::mysql).server_speaks_first);
    EXPECT_EQ(application(App::mysql).tls, TlsStart::inside);
    EXPECT_FALSE(application(App::postgres).server_speaks_first);
    EXPECT_EQ(application(App::postgres).tls, TlsStart::inside);
    EXPECT_EQ(application(App::redis).tls, TlsStart::in_front);
}

}  // namespace
}  // namespace whylink::config
