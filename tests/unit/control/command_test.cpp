#include "control/credentials/command.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

namespace whylink::control {
namespace {

using namespace std::chrono_literals;

std::variant<std::string, Environment::Unreadable> run(const std::string& script,
                                                       std::chrono::milliseconds limit = 60s) {
    return output_of({"sh", "-c", script}, std::chrono::steady_clock::now() + limit);
}

std::string printed(const std::string& script) {
    auto output = run(script);
    const auto* text = std::get_if<std::string>(&output);
    return text != nullptr ? *text : "(none)";
}

int error_of(const std::variant<std::string, Environment::Unreadable>& output) {
    const auto* fault = std::get_if<Environment::Unreadable>(&output);
    return fault != nullptr ? fault->error : -1;
}

/// Neither running nor a zombie of this process.
bool has_no_child() {
    return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

/// Gone, or not yet reaped by whoever took it over.
bool is_dead(pid_t process) {
    std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    return !std::getline(stat, text) || text.find(") Z ") != std::string::npos;
}

TEST(CommandOutput, IsWhatACommandPrints) {
    EXPECT_EQ(printed("echo one; echo two >&2"), "one\n");
    EXPECT_EQ(printed("cat"), "") << "it reads nothing";
    EXPECT_TRUE(has_no_child());
}

TEST(CommandOutput, IsNoneOfACommandThatFails) {
    EXPECT_EQ(error_of(run("echo half; exit 3")), 0);
    EXPECT_EQ(error_of(run("kill -9 $$")), 0);
    EXPECT_EQ(error_of(output_of({"no-such-command-of-whylink"}, std::chrono::steady_clock::now() + 60s)),
              ENOENT);
    EXPECT_TRUE(has_no_child());
}

TEST(CommandOutput, OfACommandThatDoesNotEndIsNone) {
    EXPECT_EQ(error_of(run("sleep 3600", 50ms)), ETIMEDOUT);
    EXPECT_EQ(error_of(run("echo all; exec >&-; sleep 3600", 50ms)), ETIMEDOUT)
        << "its output ended before it";
    EXPECT_EQ(error_of(run("yes")), EFBIG);
    EXPECT_TRUE(has_no_child());
}

TEST(CommandOutput, LeavesNothingRunning) {
    const auto file =
        std::filesystem::temp_directory_path() / ("whylink-child-" + std::to_string(::getpid()));
    EXPECT_EQ(error_of(run("sleep 3600 & echo $! > '" + file.string() + "'; exec >&-; wait", 1s)), ETIMEDOUT);
    pid_t grandchild = 0;
    std::ifstream(file) >> grandchild;
    std::filesystem::remove(file);
    ASSERT_GT(grandchild, 0);
    for (int i = 0; i < 1000 && !is_dead(grandchild); ++i) {
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_TRUE(is_dead(grandchild));
}

}  // namespace
}  // namespace whylink::control
