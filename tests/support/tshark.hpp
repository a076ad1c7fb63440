// What others read from a capture file: tshark and capinfos, run on it.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.hpp"

namespace whylink::lab {

struct Reading {
    int status = -1;  ///< of exit
    std::vector<std::string> lines;
    std::string complaints;  ///< standard error, without the remark on running as root
};

/// Runs `program` with `options`, as a shell takes them, on a file of these bytes.
inline Reading read_capture(const std::string& bytes, const std::string& program,
                            const std::string& options = {}) {
    const TemporaryDirectory directory;
    std::ofstream(directory / "packets.pcapng", std::ios::binary) << bytes;
    const std::string command = "cd '" + directory.path() + "' && " + program + " " + options +
                                (program == "tshark" ? " -n -r" : "") + " packets.pcapng >out 2>err";
    const int ended = std::system(command.c_str());
    Reading reading;
    reading.status = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
    std::ifstream out(directory / "out");
    for (std::string line; std::getline(out, line);) {
        reading.lines.push_back(line);
    }
    std::ifstream err(directory / "err");
    for (std::string line; std::getline(err, line);) {
        if (!line.starts_with("Running as user \"root\"")) {
            reading.complaints += line + "\n";
        }
    }
    return reading;
}

}  // namespace whylink::lab
