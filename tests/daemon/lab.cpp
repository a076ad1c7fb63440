#include "lab.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace whylink::daemon_test {

const lab::Certificates& certificates() {
    static const lab::Certificates made(host);
    return made;
}

lab::StreamBehaviour good_tls() {
    return lab::speaks(certificates().service("good"));
}

Server::Server(const lab::Topology& net, const std::string& address, std::uint16_t port,
               const lab::StreamBehaviour& behaviour)
    : place_{&net.server, lab::address_of(address), port} {
    start(behaviour);
}

void Server::stop() {
    loop_.reset();
}

void Server::start(const lab::StreamBehaviour& behaviour) {
    stop();
    loop_ = std::make_unique<lab::ServerLoop>();
    lab::start_stream_server(*loop_, place_, behaviour);
}

NameServer::NameServer(const lab::Topology& net, const std::string& address, const std::string& zone)
    : place_{&net.server, lab::address_of(address), 53} {
    start(zone);
}

void NameServer::stop() {
    loop_.reset();
}

void NameServer::start(const std::string& zone) {
    stop();
    loop_ = std::make_unique<lab::ServerLoop>();
    lab::start_dns_server(*loop_, place_, lab::DnsZone::parse(zone));
}

void write_file(const std::filesystem::path& path, const std::string& content) {
    std::filesystem::create_directories(path.parent_path());
    const std::filesystem::path made = path.string() + ".new";
    std::ofstream file(made, std::ios::binary);
    file << content << std::flush;
    if (!file) {
        throw std::runtime_error("cannot write " + made.string());
    }
    std::filesystem::rename(made, path);
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace whylink::daemon_test
