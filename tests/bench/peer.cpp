// The other side of the daemon's benchmark: the servers that it probes, and the load for a prober that has to
// be asked.
//
//     whylink-bench-peer tcp                             prints PORT, serves until killed
//     whylink-bench-peer tls NAME                        prints PORT and the CA's file, serves until killed
//     whylink-bench-peer ask HOST PORT MODULE RATE SECONDS < TARGETS
//                                                        prints asked, succeeded, seconds at p50 and p99
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "prober_load.hpp"
#include "servers.hpp"
#include "support/test_ca.hpp"

namespace {

using whylink::bench::Reach;
using whylink::bench::ServerProcess;

constexpr const char* usage = "usage: whylink-bench-peer tcp | tls NAME | ask HOST PORT MODULE RATE SECONDS";

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
        std::cerr << usage << '\n';
    } catch (const std::exception& error) {
        std::cerr << "whylink-bench-peer: " << error.what() << '\n';
    }
    return EXIT_FAILURE;
}
