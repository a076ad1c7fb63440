// Every bad/NAME.toml must give exactly the errors of bad/NAME.errors; a new case is two files.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace whylink::config {
namespace {

namespace fs = std::filesystem;

fs::path directory() {
    return fs::path(WHYLINK_CONFIG_TEST_DIR) / "bad";
}

std::vector<std::string> case_names() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory())) {
        if (entry.path().extension() == ".toml") {
            names.push_back(entry.path().stem().string());
        }
    }
    std::ranges::sort(names);
    return names;
}

std::string file_text(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// As the errors would read in the directory itself.
std::string errors_of(const std::string& name) {
    std::string text;
    for (const Error& error : load_file(directory() / (name + ".toml")).errors) {
        text += error.to_string() + "\n";
    }
    const std::string prefix = (directory() / "").string();
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
        text.erase(at, prefix.size());
    }
    return text;
}

class BadConfig : public testing::TestWithParam<std::string> {};

TEST_P(BadConfig, GivesExactlyTheseErrors) {
    const std::string expected = file_text(directory() / (GetParam() + ".errors"));
    EXPECT_NE(expected, "") << "a bad config must have at least one error";
    EXPECT_EQ(errors_of(GetParam()), expected);
}

/// Behind the place: "KEY: what is wrong; what is right", and short enough to be read once.
TEST_P(BadConfig, SaysWhatIsWrongAndWhatIsRight) {
    constexpr std::ptrdiff_t max_words = 25;
    for (const Error& error : load_file(directory() / (GetParam() + ".toml")).errors) {
        std::istringstream words(error.message);
        EXPECT_LE(std::distance(std::istream_iterator<std::string>(words), {}), max_words) << error.message;
        const bool has_form = error.message.find(": ") < error.message.find("; ") &&
                              error.message.find("; ") != std::string::npos;
        EXPECT_TRUE(has_form || error.message.starts_with("syntax error") ||
                    error.message.starts_with("nothing is configured; "))
            << error.message;
    }
}

INSTANTIATE_TEST_SUITE_P(All, BadConfig, testing::ValuesIn(case_names()),
                         [](const auto& file) { return file.param; });

}  // namespace
}  // namespace whylink::config
