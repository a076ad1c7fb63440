#include "config/include.hpp"

#include <gtest/gtest.h>

#include "memory_files.hpp"

namespace whylink::config {
namespace {

std::vector<std::string> expanded(const std::string& pattern, const Files& files,
                                  const std::string& base = "etc") {
    std::vector<std::string> result;
    for (const auto& path : expand_include(base, pattern, files).files) {
        result.push_back(path.string());
    }
    return result;
}

using Paths = std::vector<std::string>;

class Include : public testing::Test {
  protected:
    Include() {
        for (const char* path :
             {"etc/conf.d/b.toml", "etc/conf.d/a.toml", "etc/conf.d/.hidden.toml", "etc/conf.d/a.toml~",
              "etc/conf.d/sub/c.toml", "etc/other.d/b.toml", "/abs/x.toml"}) {
            files.texts[path] = "";
        }
    }
    MemoryFiles files;
};

TEST_F(Include, MatchesSortedAndWithoutHiddenFiles) {
    EXPECT_EQ(expanded("conf.d/*.toml", files), (Paths{"etc/conf.d/a.toml", "etc/conf.d/b.toml"}));
    EXPECT_EQ(expanded("conf.d/[ab].toml", files), (Paths{"etc/conf.d/a.toml", "etc/conf.d/b.toml"}));
    EXPECT_EQ(expanded("conf.d/?.toml", files).size(), 2U);
    EXPECT_EQ(expanded("conf.d/.*.toml", files), (Paths{"etc/conf.d/.hidden.toml"}));
}

TEST_F(Include, MatchesDirectoriesToo) {
    EXPECT_EQ(expanded("*.d/b.toml", files), (Paths{"etc/conf.d/b.toml", "etc/other.d/b.toml"}));
    EXPECT_EQ(expanded("*/*/c.toml", files), (Paths{"etc/conf.d/sub/c.toml"}));
}

TEST_F(Include, TakesAbsolutePatternsAsTheyAre) {
    EXPECT_EQ(expanded("/abs/*.toml", files), (Paths{"/abs/x.toml"}));
    EXPECT_EQ(expanded("/abs/x.toml", files), (Paths{"/abs/x.toml"}));
}

TEST_F(Include, ALiteralPathStandsWhetherItExistsOrNot) {
    const Included found = expand_include("etc", "conf.d/none.toml", files);
    EXPECT_TRUE(found.literal);
    EXPECT_EQ(found.files, (std::vector<std::filesystem::path>{"etc/conf.d/none.toml"}));
}

TEST_F(Include, NoMatchIsNoFile) {
    const Included found = expand_include("etc", "none.d/*.toml", files);
    EXPECT_FALSE(found.literal);
    EXPECT_TRUE(found.files.empty());
}

TEST_F(Include, AWildcardInTheDirectoryOfTheConfigIsAName) {
    files.texts["e*c/conf.d/q.toml"] = "";
    EXPECT_EQ(expanded("conf.d/*.toml", files, "e*c"), (Paths{"e*c/conf.d/q.toml"}));
}

/// Every directory holds as many names as are asked for.
class EndlessFiles final : public Files {
  public:
    std::variant<std::string, FileFault> read(const std::filesystem::path& /*file*/) const override {
        return "";
    }
    std::vector<std::string> list(const std::filesystem::path& /*directory*/,
                                  std::size_t limit) const override {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < std::min<std::size_t>(limit, 400); ++i) {
            names.push_back(std::to_string(i));
        }
        return names;
    }
    std::optional<FileFault> fault(const std::filesystem::path& /*file*/) const override {
        return std::nullopt;
    }
};

TEST_F(Include, LooksAtABoundedNumberOfFiles) {
    EXPECT_TRUE(expand_include("", "/*/*/*/*/*/*", EndlessFiles{}).too_many);
    EXPECT_FALSE(expand_include("", "/*", EndlessFiles{}).too_many);
}

}  // namespace
}  // namespace whylink::config
