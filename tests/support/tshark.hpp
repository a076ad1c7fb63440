// What others read from a capture file: tshark and capinfos, run on it.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace whylink::lab {

/// A directory that is there as long as the object.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "whylink-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("mkdtemp " + name);
        path_ = name;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    std::string path() const { return path_.string(); }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

inline std::string file_text(const std::string& path) {
    std::ostringstream all;
    all << std::ifstream(path, std::ios::binary).rdbuf();
    return all.str();
}

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
    for (std::string line; std::getline(out, line);)
        reading.lines.push_back(line);
    std::ifstream err(directory / "err");
    for (std::string line; std::getline(err, line);) {
        if (!line.starts_with("Running as user \"root\""))
            reading.complaints += line + "\n";
    }
    return reading;
}

}  // namespace whylink::lab
