// A file system made of a map, for what loading asks of one.
#pragma once

#include <cstring>
#include <map>
#include <set>
#include <string>

#include "config/files.hpp"

namespace whylink::config {

class MemoryFiles final : public Files {
  public:
    /// Paths by their text, as loading asks for them.
    std::map<std::string, std::string> texts;

    std::variant<std::string, FileFault> read(const std::filesystem::path& file) const override {
        const auto found = texts.find(file.string());
        if (found == texts.end()) {
            return FileFault{std::strerror(ENOENT)};
        }
        return found->second;
    }

    std::vector<std::string> list(const std::filesystem::path& directory, std::size_t limit) const override {
        const std::string prefix = directory.empty() ? "" : (directory / "").string();
        std::set<std::string> names;
        for (const auto& [path, text] : texts) {
            if (path.starts_with(prefix) && names.size() < limit) {
                names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
            }
        }
        return {names.begin(), names.end()};
    }

    std::optional<FileFault> fault(const std::filesystem::path& file) const override {
        return texts.contains(file.string()) ? std::nullopt : std::optional(FileFault{std::strerror(ENOENT)});
    }
};

}  // namespace whylink::config
