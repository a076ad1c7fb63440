// `--pcap FILE`, `--record FILE`: a file of the user's choice.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

#include <filesystem>
#include <future>
#include <string>

#include "daemon/evidence/store.hpp"
#include "tests/support/small_disk.hpp"

namespace whylink::daemon {
namespace {

namespace fs = std::filesystem;
using lab::file_text;
using lab::listing;
using lab::make_file;
using lab::on_small_disk;
using lab::permissions;
using lab::TemporaryDirectory;
using testing::ElementsAre;

TEST(PrivateFile, IsForItsOwnerAloneWhateverTheUmask) {
    const TemporaryDirectory directory;
    const mode_t before = umask(0);
    EXPECT_EQ(write_private_file(directory / "a.pcapng", "packets"), std::nullopt);
    umask(before);
    EXPECT_EQ(file_text(directory / "a.pcapng"), "packets");
    EXPECT_EQ(permissions(directory / "a.pcapng"), 0600U);
    EXPECT_THAT(listing(directory.path()), ElementsAre("a.pcapng"));
}

TEST(PrivateFile, ReplacesOneThatIsThereAndTakesItFromEverybodyElse) {
    const TemporaryDirectory directory;
    make_file(directory / "a", "what was there before, which is longer");
    fs::permissions(directory / "a", fs::perms(0644));
    const std::string reader = directory / "reader";
    fs::create_hard_link(directory / "a", reader);
    EXPECT_EQ(write_private_file(directory / "a", "packets"), std::nullopt);
    EXPECT_EQ(file_text(directory / "a"), "packets");
    EXPECT_EQ(permissions(directory / "a"), 0600U);
    EXPECT_EQ(file_text(reader), "what was there before, which is longer")
        << "whoever has it open has the old one";
}

TEST(PrivateFile, GoesWhereALinkLeads) {
    const TemporaryDirectory directory;
    fs::create_directory(directory / "target");
    make_file(directory / "target/a", "before");
    fs::create_symlink("target/a", directory / "link");
    EXPECT_EQ(write_private_file(directory / "link", "packets"), std::nullopt);
    EXPECT_TRUE(fs::is_symlink(directory / "link"));
    EXPECT_EQ(file_text(directory / "target/a"), "packets");
    EXPECT_THAT(listing(directory / "target"), ElementsAre("a"));
}

TEST(PrivateFile, GoesIntoAPipe) {
    const TemporaryDirectory directory;
    const std::string pipe = directory / "pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    std::future<std::string> reader = std::async(std::launch::async, [&] { return file_text(pipe); });
    const std::string bytes(300'000, 'x');
    EXPECT_EQ(write_private_file(pipe, bytes), std::nullopt);
    EXPECT_EQ(reader.get(), bytes);
    EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(PrivateFile, SaysWhyItCannotBeWritten) {
    const TemporaryDirectory directory;
    make_file(directory / "file", "x");
    const auto fault = [&](const std::string& file) {
        return write_private_file(file, "packets").value_or("none");
    };
    EXPECT_EQ(fault(directory.path()), "cannot write " + directory.path() + ": Is a directory");
    EXPECT_EQ(fault(directory / "missing/a"),
              "cannot write " + (directory / "missing/a") + ": No such file or directory");
    EXPECT_EQ(fault(directory / "file/a"), "cannot write " + (directory / "file/a") + ": Not a directory");
    EXPECT_EQ(fault(""), "cannot write : No such file or directory");
    EXPECT_EQ(fault("/dev/full"), "cannot write /dev/full: No space left on device");
    EXPECT_THAT(listing(directory.path()), ElementsAre("file"));
}

TEST(PrivateFile, LeavesWhatWasThereWhenTheDiskIsFull) {
    const auto without_root = on_small_disk("size=1m", [](const std::string& disk) {
        make_file(disk + "/a", "before");
        for (const std::string name : {"/a", "/b"}) {
            EXPECT_EQ(write_private_file(disk + name, std::string(2U << 20U, 'x')),
                      "cannot write " + disk + name + ": No space left on device");
        }
        EXPECT_THAT(listing(disk), ElementsAre("a"));
        EXPECT_EQ(file_text(disk + "/a"), "before");
    });
    if (without_root) {
        GTEST_SKIP() << without_root.message();
    }
}

TEST(PrivateFile, LeavesOneThatMayNotBeWritten) {
    const auto without_root = on_small_disk("size=1m,mode=0777", [](const std::string& disk) {
        make_file(disk + "/a", "before");
        setfsuid(65534);
        EXPECT_EQ(write_private_file(disk + "/a", "packets"),
                  "cannot write " + disk + "/a: Permission denied");
        EXPECT_EQ(file_text(disk + "/a"), "before");
    });
    if (without_root) {
        GTEST_SKIP() << without_root.message();
    }
}

}  // namespace
}  // namespace whylink::daemon
