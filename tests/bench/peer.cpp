// The other side of the daemon's benchmark: the servers that it probes, and the load for a prober that has to
// be asked.
//
//     whylink-bench-peer tcp                             prints PORT, serves until killed
//     whylink-bench-peer tls NAME                        prints PORT and the CA's file, serves until killed
//     whylink-bench-peer ask HOST PORT MODULE RATE SECONDS < TARGETS
//                                                        prints asked, succeeded, seconds at p50 and p99
//     whylink-bench-peer bare PORT RATE SECONDS [NAME CA_FILE] < ADDRESSES
//                                                        the bare loop, with TLS when there is a name: prints the
//                                                        CPU time for each connection in µs
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "baseline.hpp"
#include "paced.hpp"
#include "prober_load.hpp"
#include "servers.hpp"
#include "support/test_ca.hpp"

namespace {

using whylink::bench::Reach;
using whylink::bench::ServerProcess;

constexpr const char* usage =
    "usage: whylink-bench-peer tcp | tls NAME | ask HOST PORT MODULE RATE SECONDS | bare PORT RATE SECONDS [NAME CA_FILE]";

[[noreturn]] void wait_to_be_killed() {
    for (;;) {
        ::pause();
    }
}

[[noreturn]] void serve_tcp() {
    const auto server = ServerProcess::tcp(Reach::every_address);
    std::cout << server.port() << std::endl;
    wait_to_be_killed();
}

[[noreturn]] void serve_tls(const std::string& name) {
    whylink::lab::TestCa ca("Benchmark CA");
    const auto issued = ca.issue_server(name);
    const auto server = ServerProcess::tls(issued.certificate_file, issued.key_file, Reach::every_address);
    std::cout << server.port() << ' ' << ca.certificate_file() << std::endl;
    wait_to_be_killed();
}

int ask(std::span<const std::string> arguments) {
    whylink::bench::ProberLoad load{.host = arguments[0],
                                    .port = std::stoi(arguments[1]),
                                    .module = arguments[2],
                                    .targets = {},
                                    .rate = std::stod(arguments[3]),
                                    .seconds = std::stod(arguments[4])};
    for (std::string target; std::getline(std::cin, target);) {
        load.targets.push_back(target);
    }
    if (load.targets.empty()) {
        std::cerr << "whylink-bench-peer: no targets on standard input\n";
        return EXIT_FAILURE;
    }
    const auto answers = whylink::bench::ask(load);
    if (answers.asked == 0) {
        std::cerr << "whylink-bench-peer: nothing to ask at this rate\n";
        return EXIT_FAILURE;
    }
    const auto at = [&](std::size_t percent) {
        return answers.seconds[(answers.seconds.size() - 1) * percent / 100];
    };
    std::cout << answers.asked << ' ' << answers.succeeded << ' ' << at(50) << ' ' << at(99) << std::endl;
    return EXIT_SUCCESS;
}

std::vector<sockaddr_in> peers_of(const std::string& port) {
    std::vector<sockaddr_in> peers;
    for (std::string address; std::getline(std::cin, address);) {
        sockaddr_in peer = whylink::bench::loopback(static_cast<std::uint16_t>(std::stoi(port)));
        if (::inet_pton(AF_INET, address.c_str(), &peer.sin_addr) != 1) {
            throw std::runtime_error("no IPv4 address: " + address);
        }
        peers.push_back(peer);
    }
    return peers;
}

int bare(std::span<const std::string> arguments) {
    const whylink::bench::Pace pace{
        .peers = peers_of(arguments[0]), .rate = std::stod(arguments[1]), .seconds = std::stod(arguments[2])};
    SSL_CTX* context = nullptr;
    const char* name = nullptr;
    if (arguments.size() == 5) {
        name = arguments[3].c_str();
        context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
        SSL_CTX_load_verify_file(context, arguments[4].c_str());
    }
    std::cout << 1e6 * whylink::bench::paced(pace, context, name) << std::endl;
    SSL_CTX_free(context);
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    try {
        if (arguments.size() == 1 && arguments[0] == "tcp") {
            serve_tcp();
        }
        if (arguments.size() == 2 && arguments[0] == "tls") {
            serve_tls(arguments[1]);
        }
        if (arguments.size() == 6 && arguments[0] == "ask") {
            return ask(std::span(arguments).subspan(1));
        }
        if ((arguments.size() == 4 || arguments.size() == 6) && arguments[0] == "bare") {
            return bare(std::span(arguments).subspan(1));
        }
        std::cerr << usage << '\n';
    } catch (const std::exception& error) {
        std::cerr << "whylink-bench-peer: " << error.what() << '\n';
    }
    return EXIT_FAILURE;
}
