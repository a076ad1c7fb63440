#include "world.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/dns_server.hpp"
#include "support/sandbox.hpp"

namespace whylink::netns_test {
namespace {

struct Chain {
    std::string name;
    std::string type;
    bool optional =
        false;  ///< made only where a row has a rule for it: NAT makes the kernel track connections
};

// Every hook that rows use, with their rules.
std::string ruleset(const std::vector<Row>& rows, std::string Row::*rules) {
    const std::vector<Chain> chains{{"prerouting", "filter hook prerouting priority -300"},
                                    {"input", "filter hook input priority 0"},
                                    {"forward", "filter hook forward priority 0"},
                                    {"output", "filter hook output priority 0"},
                                    {"nat_prerouting", "nat hook prerouting priority -100", true},
                                    {"nat_output", "nat hook output priority -100", true},
                                    {"route_output", "route hook output priority -150", true},
                                    {"tproxy_prerouting", "filter hook prerouting priority -150", true}};
    std::map<std::string, std::string> lines;
    for (const Row& row : rows) {
        std::istringstream stream(row.*rules);
        for (std::string line; std::getline(stream, line);) {
            const auto space = line.find(' ');
            lines[line.substr(0, space)] += line.substr(space + 1) + "\n";
        }
    }
    std::string text = "table inet lab {\n";
    for (const Chain& chain : chains) {
        if (!chain.optional || lines.contains(chain.name)) {
            text += "chain " + chain.name + " {\ntype " + chain.type + "; policy accept;\n" +
                    lines[chain.name] + "}\n";
        }
        lines.erase(chain.name);
    }
    if (!lines.empty()) {
        throw std::runtime_error("rules for an unknown chain: " + lines.begin()->first);
    }
    return text + "}\n";
}

std::string joined(const std::vector<Row>& rows, std::string Row::*text) {
    std::string all;
    for (const Row& row : rows) {
        all += row.*text + "\n";
    }
    return all;
}

void write_file(const std::filesystem::path& path, const std::string& content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path);
    file << content << std::flush;
    if (!file) {
        throw std::runtime_error("cannot write " + path.string());
    }
}

/// With WHYLINK_KEEP_REPORTS=DIRECTORY in the environment, for tests/same: what the program said of each row.
void keep_report(const std::string& row, const lab::Completed& completed) {
    if (const char* directory = std::getenv("WHYLINK_KEEP_REPORTS")) {
        const std::filesystem::path place = directory;
        write_file(place / (row + ".json"), completed.out);
        write_file(place / (row + ".err"),
                   completed.err + "exit status " + std::to_string(completed.status) + "\n");
    }
}

bool accepts(const std::string& address, std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    inet_pton(AF_INET, address.c_str(), &to.sin_addr);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool up = connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    close(fd);
    return up;
}

}  // namespace

World::World(const std::vector<Row>& rows) {
    set_rules(rows);
    for (const Row& row : rows) {
        start_servers(row);
    }
}

void World::set_rules(const std::vector<Row>& rows) {
    topology_.client.nft(ruleset(rows, &Row::client_rules));
    topology_.router.nft(ruleset(rows, &Row::router_rules));
    topology_.server.nft(ruleset(rows, &Row::server_rules));
    topology_.client.ip(joined(rows, &Row::client_ip));
    topology_.router.ip(joined(rows, &Row::router_ip));
    topology_.server.ip(joined(rows, &Row::server_ip));
}

void World::start_servers(const Row& row) {
    const lab::Netns* side = &topology_.server;
    for (const NameServer& resolver : row.resolvers) {
        lab::start_dns_server(loop_, {side, lab::address_of(resolver.address), 53},
                              lab::DnsZone::parse(resolver.zone));
    }
    for (const Server& server : row.servers) {
        lab::start_stream_server(loop_, {side, lab::address_of(server.address), server.port},
                                 server.behaviour);
    }
    for (const Server& server : row.own_servers) {
        lab::start_stream_server(loop_, {&topology_.client, lab::address_of(server.address), server.port},
                                 server.behaviour);
    }
    for (const std::uint16_t port : row.full_listeners) {
        full_listeners_.add(topology_, port);
    }
    for (const Daemon& daemon : row.daemons) {
        start_daemon(daemon, topology_.server);
    }
    for (const Daemon& daemon : row.own_daemons) {
        start_daemon(daemon, topology_.client);
    }
}

void World::start_daemon(const Daemon& daemon, const lab::Netns& side) {
    for (const auto& [path, content] : daemon.files) {
        write_file(path, content);
    }
    lab::Command command;
    command.argv = daemon.argv;
    command.netns = side.fd();
    daemons_.push_back(std::make_unique<lab::Background>(command));
    const lab::Background& started = *daemons_.back();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    bool up = false;
    side.enter([&] {
        while (!(up = accepts(daemon.ready_address, daemon.ready_port)) && started.running() &&
               std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    });
    if (!up) {
        throw std::runtime_error(daemon.argv.front() + " did not come up: " + started.log());
    }
}

lab::Completed World::check(const Row& row) const {
    const std::filesystem::path config = lab::scratch_directory() / "rows" / row.name / "whylink.toml";
    write_file(config, row.config);
    lab::Command command;
    command.argv = row.under;
    const std::vector<std::string> check{"check", "--config", config};
    const std::vector<std::string>& arguments = row.arguments.empty() ? check : row.arguments;
    command.argv.emplace_back(WHYLINK_PROGRAM);
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.argv.insert(command.argv.end(), {"--format", "json"});
    command.netns = topology_.client.fd();
    for (const auto& [path, content] : row.files) {
        if (path.starts_with(config.parent_path().string())) {
            write_file(path, content);
        } else {
            command.files[path] = content;
        }
    }
    command.max_open_files = row.max_open_files;
    const Visitors visitors(topology_, row.visitors);
    lab::Completed completed = lab::run(command);
    keep_report(row.name, completed);
    return completed;
}

}  // namespace whylink::netns_test
