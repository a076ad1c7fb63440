// SIGTERM at bad moments. The harness expects status 0 and a log without a word of a sanitizer.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "daemon.hpp"
#include "lab.hpp"

namespace whylink::daemon_test {
namespace {

TEST(Stop, EndsWithHundredsOfRoundsUnderWay) {
    const lab::Topology net;
    net.router.nft(
        "table inet lab {\n chain forward {\n type filter hook forward priority 0;\n"
        "  ip daddr 10.0.0.70 drop\n }\n}\n");
    const NameServer silent_resolver(net, "10.0.0.53", "ALL FAULT silent\n");
    const Server silent_tls(net, "10.0.0.1", 9440, lab::silent());
    std::string config = head({}, "timeout = \"5m\"\n");
    constexpr int each = 100;
    for (int i = 0; i < each; ++i) {
        const std::string number = std::to_string(i);
        config += plain("dropped-" + number, "10.0.0.70", 5432) +
                  secure("silent-" + number, "10.0.0.1", 9440) + plain("unresolved-" + number, host, 5432);
    }
    Daemon daemon(net, config);
    daemon.await("all rounds", [](const Metrics& metrics) {
        return metrics.value("whylink_rounds_under_way") == 3 * each;
    });
    daemon.stop();
}

/// A pipe that takes nothing any more, and that nobody reads.
class StalledPipe {
  public:
    StalledPipe() {
        if (pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
            throw std::runtime_error("pipe2");
        }
        const std::array<char, 4096> filling{};
        while (write(ends_[1], filling.data(), filling.size()) > 0) {
        }
        while (write(ends_[1], filling.data(), 1) > 0) {
        }
        fcntl(ends_[1], F_SETFL, 0);  // blocks again, as standard error does
    }
    ~StalledPipe() {
        close(ends_[0]);
        close(ends_[1]);
    }
    StalledPipe(const StalledPipe&) = delete;
    StalledPipe& operator=(const StalledPipe&) = delete;
    int write_end() const { return ends_[1]; }

  private:
    std::array<int, 2> ends_{};
};

TEST(Stop, EndsThoughNobodyReadsTheLog) {
    const lab::Topology net;
    const StalledPipe pipe;
    Daemon daemon(net, head("log_level = \"trace\"\n") + plain("t", "10.0.0.1", 81),
                  {.error = pipe.write_end()});
    const Metrics metrics = daemon.await_ready();
    EXPECT_EQ(metrics.value("whylink_healthy"), 0) << "rounds and HTTP go on";
    daemon.stop();
}

TEST(Stop, EndsThoughClientsHang) {
    const lab::Topology net;
    Daemon daemon(net, head() + plain("t", "10.0.0.1", 81));
    daemon.await_ready();
    std::vector<std::unique_ptr<Connection>> clients;
    for (const char* said :
         {"", "G", "GET /metrics HTTP/1.1\r\nHos", "GET /metrics HTTP/1.1\r\nHost: localhost\r\n",
          "POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
          "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"}) {
        clients.push_back(std::make_unique<Connection>(net.client, http_port));
        ASSERT_TRUE(clients.back()->connected());
        ASSERT_TRUE(clients.back()->send(said));
    }
    EXPECT_TRUE(daemon.ready());
    daemon.signal(SIGINT);
    EXPECT_EQ(daemon.wait(), 0);
}

}  // namespace
}  // namespace whylink::daemon_test
