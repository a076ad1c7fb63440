// Every bad/NAME.toml must give exactly the errors of bad/NAME.errors; a new case is two files.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
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

INSTANTIATE_TEST_SUITE_P(All, BadConfig, testing::ValuesIn(case_names()),
                         [](const auto& file) { return file.param; });

}  // namespace
}  // namespace whylink::config
