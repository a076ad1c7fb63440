// A file that exists as long as the object.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace whylink::fabricated {

class TemporaryFile {
  public:
    explicit TemporaryFile(const std::string& text = {}) {
        std::string name = (std::filesystem::temp_directory_path() / "whylink-XXXXXX").string();
        const int fd = mkstemp(name.data());
        if (fd == -1) {
            throw std::runtime_error("mkstemp " + name);
        }
        close(fd);
        path_ = name;
        std::ofstream(path_) << text;
    }
    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    std::string path() const { return path_.string(); }
    std::string text() const {
        std::ostringstream all;
        all << std::ifstream(path_).rdbuf();
        return all.str();
    }

  private:
    std::filesystem::path path_;
};

}  // namespace whylink::fabricated
