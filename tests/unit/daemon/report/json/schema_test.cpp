#include "daemon/report/json/schema.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace whylink::daemon {
namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// With WHYLINK_UPDATE_DOCS in the environment the schema is rewritten.
TEST(ReportSchema, HasWhatIsMadeFromEnumsAndDescriptions) {
    const std::string path = WHYLINK_SOURCE_DIR "/daemon/report/report.schema.json";
    const std::string made = complete_schema(text_of(path));
    if (std::getenv("WHYLINK_UPDATE_DOCS") != nullptr) {
        std::ofstream(path) << made;
    }
    EXPECT_EQ(text_of(path), made) << "rewrite it with WHYLINK_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace whylink::daemon
