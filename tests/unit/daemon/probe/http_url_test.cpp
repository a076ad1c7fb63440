#include "daemon/probe/http_url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace whylink::daemon {
namespace {

std::string parsed(const char* text) {
    const auto url = HttpUrl::parse(text);
    return url ? url->to_string() : "none";
}

TEST(HttpUrl, IsReadAsBlackboxExporterTakesATarget) {
    EXPECT_EQ(parsed("db.corp.test"), "http://db.corp.test:80/");
    EXPECT_EQ(parsed("db.corp.test:8080/ping?a=b#c"), "http://db.corp.test:8080/ping?a=b");
    EXPECT_EQ(parsed("HTTPS://db.corp.test"), "https://db.corp.test:443/");
    EXPECT_EQ(parsed("https://[fd00::4]:8443?q"), "https://[fd00::4]:8443/?q");
    EXPECT_EQ(parsed("http://10.0.0.4:/a/../b/./c"), "http://10.0.0.4:80/b/c");
    EXPECT_EQ(parsed("db.corp.test/?next=http://x/"), "http://db.corp.test:80/?next=http://x/");
}

TEST(HttpUrl, IsNoneWithWhatNobodyMayAskFor) {
    for (const char* text : {"", "ftp://a", "file:///etc/passwd", "http://user:word@a/", "http://a:0/",
                             "http://a:70000/", "http://a b/", "http://[10.0.0.4]/", "http://fd00::4/",
                             "https://", "http://a/\r\n", "http://a_%/"}) {
        EXPECT_EQ(parsed(text), "none") << text;
    }
}

std::string resolved(const char* from, const char* location) {
    const auto next = HttpUrl::parse(from)->resolve(location);
    return next ? next->to_string() : "none";
}

TEST(HttpUrl, LeadsOnAsRfc3986Says) {
    const char* from = "http://a.test:8080/b/c/d?q";
    EXPECT_EQ(resolved(from, "https://b.test/x"), "https://b.test:443/x");
    EXPECT_EQ(resolved(from, "//b.test/x"), "http://b.test:80/x");
    EXPECT_EQ(resolved(from, "/x?y"), "http://a.test:8080/x?y");
    EXPECT_EQ(resolved(from, "x"), "http://a.test:8080/b/c/x");
    EXPECT_EQ(resolved(from, "../x"), "http://a.test:8080/b/x");
    EXPECT_EQ(resolved(from, "../../../x"), "http://a.test:8080/x");
    EXPECT_EQ(resolved(from, "?r"), "http://a.test:8080/b/c/d?r");
    EXPECT_EQ(resolved(from, "#f"), "http://a.test:8080/b/c/d?q");
    EXPECT_EQ(resolved(from, "x:80/y"), "none") << "\"x:\" is a scheme";
    EXPECT_EQ(resolved(from, "gopher://a.test/"), "none");
    EXPECT_EQ(resolved(from, "/x y"), "none");
    EXPECT_EQ(resolved(from, "http://user@b.test/"), "none");
}

}  // namespace
}  // namespace whylink::daemon
