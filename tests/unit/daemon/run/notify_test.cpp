#include "daemon/run/notify.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

/// What systemd does: a datagram socket, at a path or ("@...") in the abstract name space (unix(7)).
class Listener {
  public:
    explicit Listener(const std::string& address) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        address.copy(name.sun_path, sizeof name.sun_path - 1);
        if (address.front() == '@') {
            name.sun_path[0] = '\0';
        }
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
        EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&name), length), 0) << std::strerror(errno);
    }
    ~Listener() { close(fd_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// sd_notify has sent when it returns: what is not there now does not come.
    std::optional<std::string> next() const {
        std::array<char, 65536> buffer{};
        const ssize_t size = recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size < 0) {
            return std::nullopt;
        }
        return std::string(buffer.data(), static_cast<std::size_t>(size));
    }

  private:
    int fd_;
};

class ServiceManagerTest : public ::testing::Test {
  protected:
    ServiceManagerTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "whylink-notify-XXXXXX").string();
        directory_ = mkdtemp(pattern.data());
    }
    ~ServiceManagerTest() override {
        for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
            unsetenv(name);
        }
        std::filesystem::remove_all(directory_);
    }

    void listen(const std::string& address) {
        listener_ = std::make_unique<Listener>(address);
        setenv("NOTIFY_SOCKET", address.c_str(), 1);
    }
    std::string path() const { return directory_ + "/notify"; }
    std::string heard() const { return listener_->next().value_or("(nothing)"); }

    std::unique_ptr<Listener> listener_;

  private:
    std::string directory_;
};

TEST_F(ServiceManagerTest, TellsWhatHappens) {
    listen(path());
    const ServiceManager manager;
    manager.ready("watching 3 targets");
    EXPECT_EQ(heard(), "READY=1\nSTATUS=watching 3 targets");
    manager.status("2 of 3 healthy");
    EXPECT_EQ(heard(), "STATUS=2 of 3 healthy");
    manager.feed_watchdog();
    EXPECT_EQ(heard(), "WATCHDOG=1");
    manager.stopping();
    EXPECT_EQ(heard(), "STOPPING=1");
    EXPECT_EQ(listener_->next(), std::nullopt);
}

TEST_F(ServiceManagerTest, ReachesAnAbstractAddress) {
    listen("@whylink-notify-test-" + std::to_string(getpid()));
    ServiceManager().stopping();
    EXPECT_EQ(heard(), "STOPPING=1");
}

TEST_F(ServiceManagerTest, AReloadCarriesTheTimeOfTheMonotonicClock) {
    listen(path());
    const auto usec = [] {
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * 1'000'000LL + now.tv_nsec / 1000;
    };
    const long long before = usec();
    ServiceManager().reloading();
    const long long after = usec();
    const std::string text = heard();
    const std::string prefix = "RELOADING=1\nMONOTONIC_USEC=";
    ASSERT_EQ(text.substr(0, prefix.size()), prefix);
    const long long told = std::stoll(text.substr(prefix.size()));
    EXPECT_GE(told, before);
    EXPECT_LE(told, after);
}

TEST_F(ServiceManagerTest, AStatusCannotSayAnythingElse) {
    listen(path());
    ServiceManager().status("name\nSTOPPING=1\r\xff");
    EXPECT_EQ(heard(), "STATUS=" + printable("name\nSTOPPING=1\r\xff"));
    EXPECT_EQ(printable("\n").find('\n'), std::string::npos);
}

TEST_F(ServiceManagerTest, ALongStatusDoesNotCostTheMessage) {
    listen(path());
    for (const std::size_t shift : {0U, 1U}) {
        std::string text(shift, 'a');
        for (int i = 0; i < 50'000; ++i) {
            text += "é";
        }
        ServiceManager().ready(text);
        const std::string message = heard();
        EXPECT_EQ(message.substr(0, 15), "READY=1\nSTATUS=");
        EXPECT_GT(message.size(), 500U);
        EXPECT_LE(message.size(), 4096U) << "systemd takes no more";
        EXPECT_EQ(message, valid_utf8(message)) << "cut within a character";
    }
}

TEST_F(ServiceManagerTest, WithoutSystemdNothingHappens) {
    ServiceManager().ready("unheard");
    listen(path());
    EXPECT_EQ(listener_->next(), std::nullopt);
}

TEST_F(ServiceManagerTest, NobodyListeningHarmsNothing) {
    for (const std::string& address : {path(), std::string("relative"), std::string("/"), std::string()}) {
        setenv("NOTIFY_SOCKET", address.c_str(), 1);
        const ServiceManager manager;
        manager.ready("unheard");
        manager.feed_watchdog();
    }
    listen(path());
    ServiceManager().feed_watchdog();
    EXPECT_EQ(heard(), "WATCHDOG=1");
}

TEST_F(ServiceManagerTest, FeedsTheWatchdogTwiceInItsTimeOut) {
    EXPECT_EQ(ServiceManager().watchdog_period(), std::nullopt);
    setenv("WATCHDOG_USEC", "30000000", 1);
    EXPECT_EQ(ServiceManager().watchdog_period(), 15s);
    setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
    EXPECT_EQ(ServiceManager().watchdog_period(), 15s);
    EXPECT_EQ(ServiceManager().watchdog_period(), 15s) << "the environment is kept";
    setenv("WATCHDOG_PID", std::to_string(getppid()).c_str(), 1);
    EXPECT_EQ(ServiceManager().watchdog_period(), std::nullopt) << "meant for another process";
}

TEST_F(ServiceManagerTest, FeedsTheWatchdogNeitherAllTheTimeNorNever) {
    for (const char* const text : {"1", "2", "1999"}) {
        setenv("WATCHDOG_USEC", text, 1);
        EXPECT_EQ(ServiceManager().watchdog_period(), 1ms) << text;
    }
    // Beyond what the steady clock can count, too.
    for (const char* const text : {"7200000001", "9223372036854775807", "18446744073709551614"}) {
        setenv("WATCHDOG_USEC", text, 1);
        EXPECT_EQ(ServiceManager().watchdog_period(), 1h) << text;
    }
}

TEST_F(ServiceManagerTest, AWatchdogThatMakesNoSenseIsNone) {
    for (const char* const text : {"", "0", "-5", "soon", "99999999999999999999999"}) {
        setenv("WATCHDOG_USEC", text, 1);
        EXPECT_EQ(ServiceManager().watchdog_period(), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace whylink::daemon
