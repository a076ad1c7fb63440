// whylink-demo: lets whylink diagnose endpoints that are broken on purpose, in network namespaces of its own.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "scenery.hpp"
#include "support/dns_server.hpp"
#include "support/process.hpp"
#include "support/sandbox.hpp"
#include "support/topology.hpp"

namespace whylink::demo {
namespace {

class Stage {
  public:
    explicit Stage(const std::vector<Scene>& scenes) {
        std::string firewall;
        std::string names;
        for (const Scene& scene : scenes) {
            firewall += scene.firewall + "\n";
            names += scene.zone + "\n";
            for (const auto& server : scene.servers) {
                lab::start_stream_server(loop_,
                                         {&topology_.server, lab::address_of(server.address), server.port},
                                         server.behaviour);
            }
        }
        topology_.router.nft("table inet demo {\nchain forward {\ntype filter hook forward priority 0;\n" +
                             firewall + "}\n}\n");
        lab::start_dns_server(loop_, {&topology_.server, lab::address_of(resolver_address), 53},
                              lab::DnsZone::parse(names));
    }

    lab::Completed check(const std::string& config, const std::string& format, bool show) const {
        lab::Command command;
        command.argv = {WHYLINK_PROGRAM, "check", "--config", config, "--format", format};
        command.netns = topology_.client.fd();
        command.inherit_output = show;
        return lab::run(command);
    }

  private:
    lab::Topology topology_;
    lab::ServerLoop loop_;
};

std::map<std::string, std::string> causes_in(const std::string& text) {
    std::map<std::string, std::string> causes;
    const auto report = nlohmann::json::parse(text);
    for (const char* kind : {"endpoints", "zones"}) {
        for (const auto& target : report.at(kind)) {
            causes[target.at("name")] = target.at("diagnosis").at("cause");
        }
    }
    return causes;
}

// How many diagnoses are not the intended ones; each is named on standard error.
std::size_t count_mistakes(const std::vector<Scene>& scenes, const std::string& report) {
    const auto causes = causes_in(report);
    std::size_t mistakes = 0;
    for (const Scene& scene : scenes) {
        const auto found = causes.find(scene.name);
        const std::string cause = found == causes.end() ? "nothing" : found->second;
        if (cause != scene.cause) {
            std::cerr << "whylink-demo: " << scene.name << " is " << scene.cause << ", and was called "
                      << cause << "\n";
            ++mistakes;
        }
    }
    return mistakes;
}

int show() {
    lab::TestCa ca("Demo CA");
    const auto all = scenes(ca);
    const Stage stage(all);
    const std::string config = lab::scratch_directory() / "whylink.toml";
    std::ofstream(config) << config_text(all, ca.certificate_file());
    std::cout << all.size()
              << " endpoints and zones, most of them broken on purpose, in network namespaces of their own.\n"
              << std::endl;
    const auto shown = stage.check(config, "human", true);
    if (shown.status > 1) {
        std::cerr << "whylink-demo: whylink ended with status " << shown.status << "\n";
        return 1;
    }
    const auto report = stage.check(config, "json", false);
    const std::size_t mistakes = count_mistakes(all, report.out);
    if (mistakes == 0) {
        std::cout << "\nAll " << all.size() << " diagnoses are as intended." << std::endl;
    }
    return mistakes == 0 ? 0 : 1;
}

int run() {
    if (const auto refused = lab::enter_sandbox()) {
        std::cerr << "whylink-demo: " << *refused << "\n";
        return 1;
    }
    try {
        return show();
    } catch (const std::exception& error) {
        std::cerr << "whylink-demo: " << error.what() << "\n";
        return 1;
    }
}

}  // namespace
}  // namespace whylink::demo

int main(int argc, char** argv) {
    const std::string argument = argc > 1 ? argv[1] : "--once";
    if (argc > 2 || (argument != "--once" && argument != "--help")) {
        std::cerr << "usage: whylink-demo [--once]\n";
        return 2;
    }
    if (argument == "--help") {
        std::cout
            << "usage: whylink-demo [--once]\n\n"
               "Checks endpoints and zones that are broken on purpose, in network namespaces of its own, "
               "and\n"
               "ends with status 0 when every diagnosis is as intended. Needs root. Leaves nothing behind.\n";
        return 0;
    }
    return whylink::demo::run();
}
