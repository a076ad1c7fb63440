// What GET /evidence/FILE gives away, and what it does not.
#include "daemon/page/evidence_download.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "daemon/evidence/evidence_file.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon::page {
namespace {

class EvidenceDownload : public testing::Test {
  protected:
    std::filesystem::path path(const std::string& file) const {
        return std::filesystem::path(directory.path()) / file;
    }
    http::Response get(const std::string& file) const { return evidence_download(directory.path(), file); }

    lab::TemporaryDirectory directory;
    std::string name = evidence_name(fabricated::noon(), "orders", Cause::syn_unanswered);
};

TEST_F(EvidenceDownload, IsTheFileToBeSaved) {
    std::ofstream(path(name)) << std::string("\0packets\n", 9);
    const http::Response response = get(name);
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, std::string("\0packets\n", 9));
    EXPECT_THAT(response.headers, testing::Contains(testing::Pair("Content-Disposition",
                                                                  "attachment; filename=\"" + name + "\"")));
}

TEST_F(EvidenceDownload, NothingElseIsGivenAway) {
    std::ofstream(path("history.db")) << "no";
    std::ofstream(path("secret.pcapng")) << "no";
    std::filesystem::create_directory(path("sub"));
    std::ofstream(path("sub/" + name)) << "no";
    for (const std::string& other : {std::string(), std::string("."), std::string(".."), name,
                                     std::string("history.db"), std::string("secret.pcapng"), "sub/" + name,
                                     "../" + name, "/" + name, name + std::string("\0x", 2)}) {
        EXPECT_EQ(get(other).status, 404U) << other;
    }
}

TEST_F(EvidenceDownload, NeitherLinksNorPipesAreFollowed) {
    std::ofstream(path("target")) << "no";
    std::filesystem::create_symlink(path("target"), path(name));
    EXPECT_EQ(get(name).status, 404U);
    std::filesystem::remove(path(name));
    ASSERT_EQ(mkfifo(path(name).c_str(), 0600), 0);
    EXPECT_EQ(get(name).status, 404U);
    std::filesystem::remove(path(name));
    std::filesystem::create_directory(path(name));
    EXPECT_EQ(get(name).status, 404U);
}

TEST_F(EvidenceDownload, AVeryLargeOneIsRefused) {
    std::ofstream(path(name)) << "x";
    std::filesystem::resize_file(path(name), max_download + 1);
    EXPECT_EQ(get(name).status, 413U);
}

TEST_F(EvidenceDownload, WithoutTheDirectoryThereIsNone) {
    EXPECT_EQ(evidence_download("/nowhere/at/all", name).status, 404U);
}

}  // namespace
}  // namespace whylink::daemon::page
