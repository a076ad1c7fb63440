// The archive as tar(1) reads it, and its manifest.
#include "daemon/bundle/archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>

#include "tests/support/temporary_directory.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using fabricated::noon;
using testing::HasSubstr;

/// What a command prints.
std::string output_of(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::string text;
    std::array<char, 4096> piece{};
    while (const std::size_t count = fread(piece.data(), 1, piece.size(), pipe.get())) {
        text.append(piece.data(), count);
    }
    return text;
}

class ArchiveTest : public testing::Test {
  protected:
    void write(const std::vector<BundleFile>& files) {
        lab::make_file(file, tar_gz("whylink-orders-1", files, noon()));
    }
    std::string content(const std::string& name) const {
        return output_of("tar -xzOf " + file + " whylink-orders-1/" + name + " 2>&1");
    }

    lab::TemporaryDirectory directory;
    std::string file = directory / "bundle.tar.gz";
};

TEST_F(ArchiveTest, TarReadsWhatWasPutIn) {
    const std::string two_blocks(1024, 'x');
    write({{"SUMMARY.md", "# whylink\n"}, {"report.json", two_blocks}, {"evidence/empty", ""}});
    EXPECT_EQ(content("SUMMARY.md"), "# whylink\n");
    EXPECT_EQ(content("report.json"), two_blocks);
    EXPECT_EQ(content("evidence/empty"), "");
    EXPECT_EQ(output_of("tar -tzf " + file + " 2>&1"),
              "whylink-orders-1/SUMMARY.md\nwhylink-orders-1/report.json\nwhylink-orders-1/evidence/empty\n");
}

TEST_F(ArchiveTest, OnlyTheOwnerMayReadWhatIsUnpacked) {
    write({{"SUMMARY.md", "text"}});
    EXPECT_THAT(output_of("TZ=UTC tar -tvzf " + file + " 2>&1"), HasSubstr("-rw------- root/root"));
    EXPECT_THAT(output_of("TZ=UTC tar -tvzf " + file + " 2>&1"), HasSubstr("4 2026-01-01 12:00"));
}

TEST_F(ArchiveTest, ANameOfTwoHundredBytesIsKept) {
    for (const std::size_t size : {82U, 83U, 84U, 200U}) {
        const std::string name(size, 'n');
        write({{name, "packets"}, {"after", "it"}});
        EXPECT_EQ(content(name), "packets") << size;
        EXPECT_EQ(content("after"), "it") << size;
    }
}

TEST_F(ArchiveTest, TheSameFilesMakeTheSameBytes) {
    const std::vector<BundleFile> files{{"a", "1"}, {"b", "2"}};
    EXPECT_EQ(tar_gz("f", files, noon()), tar_gz("f", files, noon()));
}

TEST(Manifest, HasDigestSizeAndNameOfEachFile) {
    EXPECT_EQ(manifest_of({}), "");
    const std::vector<BundleFile> files{{"a", "abc"}, {"evidence/b", ""}};
    EXPECT_EQ(manifest_of(files),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 3 a\n"
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 evidence/b\n");
}

}  // namespace
}  // namespace whylink::daemon
