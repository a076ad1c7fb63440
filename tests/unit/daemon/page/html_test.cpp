// The one place that escapes.
#include "daemon/page/html.hpp"

#include <gtest/gtest.h>

namespace whylink::daemon::page {
namespace {

TEST(Html, ClosesWhatItOpens) {
    Html html;
    {
        const auto list = html.in("ul", {{"class", "names"}});
        html.put("li", "a");
        const auto item = html.in("li");
        html.lone("br");
        html.text("b");
    }
    EXPECT_EQ(html.take(), R"(<ul class="names"><li>a</li><li><br/>b</li></ul>)");
}

TEST(Html, TextIsNoMarkup) {
    Html html;
    html.put("p", {{"title", "\"><script>'&"}}, "</p><script>alert('1') && \"2\"</script>");
    EXPECT_EQ(html.take(),
              "<p title=\"&quot;&gt;&lt;script&gt;&#39;&amp;\">&lt;/p&gt;&lt;script&gt;alert(&#39;1&#39;) "
              "&amp;&amp; &quot;2&quot;&lt;/script&gt;</p>");
}

TEST(Html, WhatIsNotPrintableIsShownAsAnEscape) {
    Html html;
    html.text("a\x1b[31m\xff\n\xe2\x80\xae<");
    const std::string text = html.take();
    for (const char* raw : {"\x1b", "\xff", "\n", "\xe2\x80\xae", "<"}) {
        EXPECT_EQ(text.find(raw), std::string::npos) << text;
    }
    EXPECT_NE(text.find("&lt;"), std::string::npos) << text;
}

TEST(Html, UmlautsStay) {
    Html html;
    html.text("b\xc3\xbchne \xe2\x86\x92 10.0.0.4");
    EXPECT_EQ(html.take(), "b\xc3\xbchne \xe2\x86\x92 10.0.0.4");
}

TEST(Html, LinesStayLines) {
    Html html;
    html.lines("a <b>\n\n c\n");
    EXPECT_EQ(html.take(), "a &lt;b&gt;\n\n c\n");
}

TEST(Html, AnAttributeMayBeAbsent) {
    Html html;
    html.lone("option", {{"selected", "", false}, {"value", "a", true}});
    EXPECT_EQ(html.take(), R"(<option value="a"/>)");
}

TEST(Link, EncodesItsValues) {
    EXPECT_EQ(Link("name", "a b&c=\"d\"/\xc3\xbc").text(), "/?name=a%20b%26c%3D%22d%22%2F%C3%BC");
    EXPECT_EQ(Link("q", "a").with("page", "2").text(), "/?q=a&page=2");
    EXPECT_EQ(Link::check("a#b").text(), "/-/check?name=a%23b");
}

TEST(Link, AnEvidenceFileIsOfItsFolder) {
    EXPECT_EQ(Link::evidence("/var/lib/whylink/evidence/a b.pcapng").text(), "/evidence/a%20b.pcapng");
    EXPECT_EQ(Link::evidence("../../etc/passwd").text(), "/evidence/passwd");
    EXPECT_EQ(Link::evidence("javascript:alert(1)").text(), "/evidence/javascript%3Aalert%281%29");
}

TEST(Link, LeadsToThisServer) {
    Html html;
    html.put("a", {Attribute::href(Link("name", "javascript:alert(1)"))}, "x");
    EXPECT_EQ(html.take(), R"(<a href="/?name=javascript%3Aalert%281%29">x</a>)");
}

}  // namespace
}  // namespace whylink::daemon::page
