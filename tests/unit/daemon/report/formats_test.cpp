#include "daemon/report/formats.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using testing::ElementsAre;

TEST(ReportFormats, AreFoundByTheirSlug) {
    for (const ReportFormat* format : report_formats) {
        EXPECT_EQ(find_format(format->slug), format);
    }
    EXPECT_EQ(find_format("xml"), nullptr);
    EXPECT_EQ(find_format(""), nullptr);
}

TEST(ReportFormats, AreListedWithTheDefaultFirst) {
    EXPECT_THAT(format_slugs(human_format), ElementsAre("human", "json", "nagios"));
    EXPECT_THAT(format_slugs(json_format), ElementsAre("json", "human", "nagios"));
}

TEST(ReportFormats, SayEverythingThatOthersReadOfThem) {
    const Report report = fabricated::report({fabricated::healthy_endpoint("a")});
    for (const ReportFormat* format : report_formats) {
        SCOPED_TRACE(format->slug);
        EXPECT_FALSE(format->content_type.empty());
        EXPECT_FALSE(format->render(report, {}, std::nullopt).empty());
        EXPECT_EQ(format->exit_status(report), 0);
        EXPECT_NE(format->usage_status, 0);
    }
}

}  // namespace
}  // namespace whylink::daemon
