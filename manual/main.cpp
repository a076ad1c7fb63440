// whylink-manual FOLDER VERSION DATE: writes the man pages and the completions into FOLDER. Part of the build; not installed.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <span>
#include <stdexcept>

#include "manual/completions.hpp"
#include "manual/pages.hpp"

namespace {

using namespace whylink;

void write(const std::filesystem::path& file, const std::string& text) {
    std::ofstream out(file);
    if (!(out << text << std::flush)) {
        throw std::runtime_error("cannot write " + file.string());
    }
}

void write_all(const std::filesystem::path& folder, const manual::Release& release) {
    const daemon::CommandDescription program = daemon::describe_command_line();
    std::filesystem::create_directories(folder);
    write(folder / "whylink.1", manual::command_page(program, release));
    write(folder / "whylink.toml.5", manual::configuration_page(release));
    write(folder / "whylink-metrics.7", manual::metrics_page(release));
    write(folder / "whylink.bash", manual::bash_completion(program));
    write(folder / "_whylink", manual::zsh_completion(program));
    write(folder / "whylink.fish", manual::fish_completion(program));
}

}  // namespace

int main(int argc, char** argv) {
    const std::span arguments(argv, static_cast<std::size_t>(argc));
    if (arguments.size() != 4) {
        std::fputs("usage: whylink-manual FOLDER VERSION DATE\n", stderr);
        return 2;
    }
    try {
        write_all(arguments[1], {arguments[2], arguments[3]});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "whylink-manual: %s\n", error.what());
        return 1;
    }
    return 0;
}
