#include "once.hpp"

#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "stage.hpp"
#include "support/sandbox.hpp"

namespace whylink::demo {
namespace {

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

}  // namespace

int check_once() {
    lab::TestCa ca("Demo CA");
    const auto all = scenes(ca);
    const Stage stage(all);
    const std::string config = lab::scratch_directory() / "whylink.toml";
    std::ofstream(config) << config_text(all, ca.certificate_file());
    std::cout << all.size()
              << " endpoints and zones, most of them broken on purpose, in network namespaces of their own.\n"
              << std::endl;
    const auto shown = stage.whylink({"check", "--config", config, "--format", "human"}, true);
    if (shown.status > 1) {
        std::cerr << "whylink-demo: whylink ended with status " << shown.status << "\n";
        return 1;
    }
    const auto report = stage.whylink({"check", "--config", config, "--format", "json"}, false);
    const std::size_t mistakes = count_mistakes(all, report.out);
    if (mistakes == 0) {
        std::cout << "\nAll " << all.size() << " diagnoses are as intended." << std::endl;
    }
    return mistakes == 0 ? 0 : 1;
}

}  // namespace whylink::demo
