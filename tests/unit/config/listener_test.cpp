#include "config/listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/load.hpp"
#include "config/show.hpp"

namespace whylink::config {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string hash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

LoadResult loaded(const std::string& tables) {
    return load_text("[daemon]\nallow_empty = true\n" + tables, "/etc/whylink/whylink.toml");
}

TEST(Listener, HasNeitherTlsNorUsersByDefault) {
    const LoadResult result = loaded("");
    ASSERT_TRUE(result.ok());
    EXPECT_FALSE(result.config.daemon.tls.on());
    EXPECT_TRUE(result.config.daemon.users.empty());
}

TEST(Listener, TakesFilesThatWhoeverLoadsTheConfigMayNotRead) {
    const LoadResult result = loaded(
        "[daemon.tls]\ncert_file = \"tls/cert.pem\"\nkey_file = \"/nonexistent/key.pem\"\nclient_ca_file = \"\"\n");
    ASSERT_TRUE(result.ok()) << result.errors.front().to_string();
    EXPECT_TRUE(result.config.daemon.tls.on());
    EXPECT_EQ(result.config.daemon.tls.cert_file, "/etc/whylink/tls/cert.pem");
    EXPECT_EQ(result.config.daemon.tls.key_file, "/nonexistent/key.pem");
    EXPECT_EQ(result.config.daemon.tls.client_ca_file, "");
    EXPECT_THAT(show(result.config),
                HasSubstr("\n[daemon.tls]\ncert_file = \"/etc/whylink/tls/cert.pem\"\n"));
}

TEST(Listener, HashesAreNotShown) {
    const LoadResult result =
        loaded("[daemon.users]\nprometheus = \"" + hash + "\"\n\"a b\" = \"" + hash + "\"\n");
    ASSERT_TRUE(result.ok()) << result.errors.front().to_string();
    EXPECT_EQ(result.config.daemon.users.at("prometheus"), hash);
    const std::string shown = show(result.config);
    EXPECT_THAT(shown,
                HasSubstr("users = { \"a b\" = \"(not shown)\", \"prometheus\" = \"(not shown)\" }\n"));
    EXPECT_THAT(shown, Not(HasSubstr("$2y$")));
}

TEST(Listener, FilesThatWereReadAreNamed) {
    EXPECT_THAT(loaded("").files, testing::ElementsAre("/etc/whylink/whylink.toml"));
}

TEST(Listener, EveryKindOfBcryptIsTaken) {
    for (const std::string kind : {"$2a$", "$2b$", "$2y$"}) {
        EXPECT_EQ(bcrypt_hash_fault(kind + hash.substr(4)), std::nullopt) << kind;
    }
    for (const std::string& other : {std::string("$2x$") + hash.substr(4), hash + "x", hash.substr(1),
                                     "$2y$4$" + hash.substr(6), std::string("$6$abc$def"), std::string()}) {
        EXPECT_TRUE(bcrypt_hash_fault(other).has_value()) << other;
    }
}

TEST(Listener, KnowsWhatOtherHostsReach) {
    for (const char* here : {"127.0.0.1:9797", "127.8.9.1:1", "[::1]:9797", "[::ffff:127.0.0.1]:1", ""}) {
        EXPECT_FALSE(is_reachable_from_elsewhere(here)) << here;
    }
    for (const char* open : {"0.0.0.0:9797", "[::]:9797", "10.0.0.4:9797", "[fd00::4]:9797"}) {
        EXPECT_TRUE(is_reachable_from_elsewhere(open)) << open;
    }
}

}  // namespace
}  // namespace whylink::config
