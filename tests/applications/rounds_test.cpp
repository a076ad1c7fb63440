// A thousand rounds and more on each real server, and then its own client comes: it must be served as on the
// first day.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "../daemon/daemon.hpp"
#include "../daemon/lab.hpp"
#include "databases.hpp"
#include "expand.hpp"
#include "scene.hpp"
#include "support/sandbox.hpp"
#include "web_servers.hpp"

namespace whylink::netns_test {

const lab::Certificates& certificates() {
    return daemon_test::certificates();
}

namespace {

using daemon_test::Labels;
using daemon_test::Metrics;

constexpr int endpoints_each = 100;
constexpr double rounds = 1000;
constexpr std::chrono::seconds long_enough{240};
constexpr const char* server_address = "10.0.1.1";

struct Kind {
    std::string name;
    Daemon daemon;
    Asked asked;
    std::vector<std::string> client;  ///< its own client's command
    std::string served;               ///< what that prints
};

Daemon from(const std::string& program, const std::string& file, const std::string& text,
            std::uint16_t port) {
    std::vector<std::string> argv{program, "{dir}/conf"};
    if (!file.empty()) {
        argv.insert(argv.begin() + 1, file);
    }
    return {.argv = argv, .files = {{"{dir}/conf", text}}, .ready_address = "{a}", .ready_port = port};
}

std::vector<Kind> kinds() {
    const Daemon database = mariadb(
        "--skip-name-resolve=0 --max-connect-errors=10 --max-connections=600 --performance-schema=1 "
        "--log-warnings=2 "
        "--ssl-cert={server_cert} --ssl-key={server_key}",
        "CREATE USER app@'%' IDENTIFIED BY 'x';");
    const std::vector<std::string> as_app{"mariadb",        "-h", "{a}", "-u", "app", "-px", "-N", "-e",
                                          "select 'served'"};
    const std::vector<std::string> as_postgres{"psql", "-XAt",     "-h", "{a}",
                                               "-U",   "postgres", "-c", "select 'served'"};
    return {
        {"nginx",
         nginx("listen {a}:8080; return 200 served;", 8080),
         {"http", 8080},
         {"curl", "-sS", "http://{a}:8080/"},
         "served"},
        {"nginx_tls",
         nginx("listen {a}:8443 ssl; return 200 served;", 8443),
         {"http", 8443, {}, with_tls},
         {"curl", "-sSk", "https://{a}:8443/"},
         "served"},
        {"haproxy",
         haproxy_http(
             "frontend f\n bind {a}:8081\n http-request return status 200 content-type text/plain string served\n",
             8081),
         {"http", 8081},
         {"curl", "-sS", "http://{a}:8081/"},
         "served"},
        {"redis",
         from("redis-server", "", "bind {a}\ndir {dir}\nsave \"\"\nrequirepass x\nmaxclients 600\n", 6379),
         {"redis", 6379},
         {"redis-cli", "-h", "{a}", "-a", "x", "--no-auth-warning", "ping"},
         "PONG"},
        {"mosquitto",
         from("mosquitto", "-c", "user root\nlistener 1883 {a}\nallow_anonymous true\n", 1883),
         {"mqtt", 1883},
         {"mosquitto_pub", "-h", "{a}", "-t", "t", "-m", "m", "-q", "1", "-d"},
         "PUBACK"},
        {"postgres",
         postgres("host all postgres all trust\nhost all all all scram-sha-256\n",
                  "ssl = on\nmax_connections = 600\n"),
         {"postgres", postgres_port},
         as_postgres,
         "served"},
        {"postgres_tls", {}, {"postgres", postgres_port, {}, with_tls}, as_postgres, "served"},
        {"mariadb", database, {"mysql", mysql_port}, as_app, "served"},
        {"mariadb_tls", {}, {"mysql", mysql_port, {}, with_tls}, as_app, "served"},
    };
}

std::string endpoints(const Kind& kind) {
    std::string text;
    for (int i = 0; i < endpoints_each; ++i) {
        text +=
            "[[endpoint]]\nname = \"" + kind.name + "-" + std::to_string(i) +
            "\"\nhost = \"{a}\"\nport = " + std::to_string(kind.asked.port) + "\napp = \"" + kind.asked.app +
            "\"\n" +
            (kind.asked.tls.empty() ? "tls = false\n" : kind.asked.tls + "server_name = \"db.corp.test\"\n");
    }
    return text;
}

bool is_of(const daemon_test::Series& series, const Kind& kind) {
    const std::string& name = series.labels.at("name");
    return name.substr(0, name.find('-')) == kind.name;
}

double app_probes(const Metrics& metrics, const Kind& kind, const Labels& labels) {
    double sum = 0;
    Labels wanted = labels;
    wanted["stage"] = "app";
    for (const auto& series : metrics.all("whylink_probes_total", wanted)) {
        sum += is_of(series, kind) ? series.value : 0;
    }
    return sum;
}

std::size_t descriptors(pid_t pid) {
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class ApplicationRounds : public testing::Test {
  protected:
    ApplicationRounds() : values_(values_of_row(1, lab::scratch_directory() / "rows" / "rounds")) {
        values_.merge(certificates().files());
        for (const Kind& kind : kinds_) {
            if (!kind.daemon.argv.empty()) {
                start(kind);
            }
        }
    }

    std::string expanded(const std::string& text) const { return expand(text, values_); }

    /// In the namespace of the servers; its output.
    std::string server_side(std::vector<std::string> argv) const { return ask(std::move(argv), net_.server); }
    std::string ask(std::vector<std::string> argv, const lab::Netns& side) const {
        for (std::string& word : argv) {
            word = expanded(word);
        }
        lab::Command command;
        command.argv = std::move(argv);
        command.netns = side.fd();
        const lab::Completed done = lab::run(command);
        EXPECT_EQ(done.status, 0) << command.argv.front() << ": " << done.err;
        return done.out;
    }
    std::string of_mariadb(const std::string& statement) const {
        return server_side({"mariadb", "-S", "{dir}/mariadb/socket", "-u", "root", "-N", "-e", statement});
    }

    lab::Topology net_;
    std::vector<Kind> kinds_ = kinds();
    std::map<std::string, std::unique_ptr<lab::Background>> servers_;

  private:
    /// Each has a folder of its own.
    Values values_for(const Kind& kind) const {
        Values values = values_;
        values["dir"] += "/" + kind.name;
        return values;
    }

    void start(const Kind& kind) {
        Row row;
        row.daemons = {kind.daemon};
        row = expand(row, values_for(kind));
        const Daemon& daemon = row.daemons.front();
        std::filesystem::create_directories(values_for(kind).at("dir"));
        for (const auto& [path, text] : daemon.files) {
            daemon_test::write_file(path, text);
        }
        lab::Command command;
        command.argv = daemon.argv;
        command.netns = net_.server.fd();
        // MariaDB counts the errors of a host once it knows its name.
        command.files = {{"/etc/hosts", "127.0.0.1 localhost\n10.77.0.2 client.corp.test\n"}};
        servers_[kind.name] = std::make_unique<lab::Background>(command);
        bool up = false;
        net_.server.enter([&] { up = daemon_test::poll_until([&] { return accepts(daemon.ready_port); }); });
        if (!up) {
            throw std::runtime_error(kind.name + " did not come up: " + servers_[kind.name]->log());
        }
    }

    static bool accepts(std::uint16_t port) {
        lab::Command command;
        command.argv = {"python3", "-c",
                        "import socket; socket.create_connection((\"" + std::string(server_address) + "\", " +
                            std::to_string(port) + "))"};
        return lab::run(command).status == 0;
    }

    Values values_;
};

TEST_F(ApplicationRounds, LeaveEveryServerServing) {
    std::string config = daemon_test::head({}, "timeout = \"5s\"\n");
    for (const Kind& kind : kinds_) {
        config += endpoints(kind);
    }
    Metrics metrics;
    {
        const daemon_test::Daemon daemon(net_, expanded(config));
        daemon.await_ready();
        const auto deadline = std::chrono::steady_clock::now() + long_enough;
        const auto done = [&] {
            metrics = daemon.metrics();
            return std::ranges::all_of(kinds_, [&](const Kind& kind) {
                return app_probes(metrics, kind, {{"outcome", "ok"}}) >= rounds;
            });
        };
        while (!done() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(std::chrono::milliseconds(500));
        }
        for (const Kind& kind : kinds_) {
            EXPECT_GE(app_probes(metrics, kind, {{"outcome", "ok"}}), rounds) << kind.name;
            EXPECT_EQ(app_probes(metrics, kind, {}), app_probes(metrics, kind, {{"outcome", "ok"}}) +
                                                         app_probes(metrics, kind, {{"outcome", "timeout"}}))
                << kind.name;
        }
        for (const Kind& kind : kinds_) {
            EXPECT_THAT(ask(kind.client, net_.client), testing::HasSubstr(kind.served)) << kind.name;
        }

        EXPECT_EQ(
            of_mariadb("select coalesce(sum(SUM_CONNECT_ERRORS), 0) from performance_schema.host_cache"),
            "0\n");
        EXPECT_THAT(of_mariadb("select count(*) from performance_schema.host_cache"), testing::Not("0\n"))
            << "it knows the client";
        // What it holds is the rounds under way, whose number does not grow.
        EXPECT_LT(descriptors(daemon.pid()), 64 + kinds_.size() * endpoints_each);
    }
    EXPECT_TRUE(daemon_test::poll_until([&] {
        return server_side({"psql", "-XAt", "-h", "{a}", "-U", "postgres", "-c",
                            "select count(*) from pg_stat_activity where client_addr = '10.77.0.2'"}) ==
               "0\n";
    }));
    EXPECT_THAT(server_side({"redis-cli", "-h", "{a}", "-a", "x", "--no-auth-warning", "client", "list"}),
                testing::Not(testing::HasSubstr("addr=10.77.0.2")));
    // The side that closes first keeps its port for a minute. PostgreSQL takes a reset for a fault, so that
    // it is whylink there, and nowhere else.
    for (const char* port : {"6379", "8080", "8081", "8443", "1883", "3306"}) {
        const std::string waiting =
            ask({"ss", "-Htn", "state", "time-wait", "dport", "=", std::string(":") + port}, net_.client);
        EXPECT_LT(std::ranges::count(waiting, '\n'), endpoints_each) << port;
    }
    if (std::getenv("WHYLINK_SHOW_LOGS") != nullptr) {
        for (const auto& [name, server] : servers_) {
            const std::string log = server->log();
            std::cout << "== " << name << ": " << std::ranges::count(log, '\n') << " lines\n"
                      << log.substr(log.size() > 1500 ? log.size() - 1500 : 0) << "\n";
        }
    }
}

}  // namespace
}  // namespace whylink::netns_test
