// The daemon runs out of file descriptors while it runs: that is this host's fault and nobody else's.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "daemon.hpp"
#include "lab.hpp"

namespace whylink::daemon_test {
namespace {

std::string process_file(pid_t pid, const std::string& name) {
    return "/proc/" + std::to_string(pid) + "/" + name;
}

/// The number that the next descriptor would get (open(2): the lowest that is free).
rlim_t next_descriptor(pid_t pid) {
    std::set<rlim_t> used;
    for (const auto& entry : std::filesystem::directory_iterator(process_file(pid, "fd"))) {
        used.insert(std::stoul(entry.path().filename()));
    }
    rlim_t next = 0;
    while (used.contains(next)) {
        ++next;
    }
    return next;
}

/// Seconds of CPU, user and system (proc(5), /proc/PID/stat).
double cpu_time(pid_t pid) {
    std::ifstream file(process_file(pid, "stat"));
    std::string text;
    std::getline(file, text);
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) {
        fields >> skipped;
    }
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// No further descriptors for a process that runs, until it is let.
class Starvation {
  public:
    explicit Starvation(pid_t pid) : pid_(pid) {
        if (prlimit(pid, RLIMIT_NOFILE, nullptr, &before_) != 0) {
            throw std::runtime_error("prlimit");
        }
        limit_ = before_.rlim_cur;
    }
    ~Starvation() { end(); }
    Starvation(const Starvation&) = delete;
    Starvation& operator=(const Starvation&) = delete;

    /// To be called again and again: what rounds held at the first time they give back.
    void tighten() {
        limit_ = std::min(limit_, next_descriptor(pid_));
        set(limit_);
    }
    void end() { set(before_.rlim_cur); }

  private:
    void set(rlim_t limit) {
        const rlimit now{limit, before_.rlim_max};
        if (prlimit(pid_, RLIMIT_NOFILE, &now, nullptr) != 0) {
            throw std::runtime_error("prlimit");
        }
    }

    pid_t pid_;
    rlimit before_{};
    rlim_t limit_ = 0;
};

const std::vector<std::string> names{"a", "b", "c", "d"};

bool told_of_limit(const Daemon& daemon, const std::string& name) {
    const auto records = daemon.log("change");
    return std::ranges::any_of(records, [&name](const LogRecord& record) {
        return record.text("name") == name && record.text("cause") == "local_limit" && record.level == "warn";
    });
}

TEST(Descriptors, RunOut) {
    const lab::Topology net;
    const Server server(net, "10.0.0.1", 5432, lab::silent());
    std::string config = head({}, "failure_threshold = 1\n");
    for (const std::string& name : names) {
        config += plain(name, "10.0.0.1", 5432);
    }
    const Daemon daemon(net, config);
    EXPECT_EQ(daemon.await_ready().sum("whylink_healthy"), 4);
    const auto before = daemon.report();

    Starvation starvation(daemon.pid());
    EXPECT_TRUE(poll_until([&] {
        starvation.tighten();
        return std::ranges::all_of(names,
                                   [&](const std::string& name) { return told_of_limit(daemon, name); });
    })) << daemon.log_text();
    // Somebody waits to be accepted, which fails at once and again and again.
    const Connection waiting(net.client, http_port);
    ASSERT_TRUE(waiting.send("GET /-/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    daemon.await_record("why nobody is accepted", [](const LogRecord& record) {
        return record.event == "http" && record.message.find("cannot accept") != std::string::npos;
    });
    const double cpu_before = cpu_time(daemon.pid());
    constexpr std::chrono::seconds watched(2);
    const auto begun = std::chrono::steady_clock::now();
    poll_until([&] { return std::chrono::steady_clock::now() - begun > watched; });
    EXPECT_LT(cpu_time(daemon.pid()) - cpu_before, 0.25 * static_cast<double>(watched.count()))
        << "it spins: this is no bound on how fast anything is";

    starvation.end();
    const auto answered = waiting.read_all();
    ASSERT_TRUE(answered.has_value());
    EXPECT_TRUE(answered->starts_with("HTTP/1.1 200 ")) << *answered;
    daemon.await("recovery", [](const Metrics& metrics) {
        return metrics.sum("whylink_diagnosis", {{"cause", "healthy"}}) == 4;
    });
    EXPECT_EQ(daemon.metrics().sum("whylink_healthy"), 4);
    const auto after = daemon.report();
    for (const std::string& name : names) {
        EXPECT_EQ(after.at(name).health_since, before.at(name).health_since) << "its health never changed";
    }
    for (const LogRecord& record : daemon.log("change")) {
        EXPECT_EQ(record.text("healthy"), "true") << record.message;
    }
}

}  // namespace
}  // namespace whylink::daemon_test
