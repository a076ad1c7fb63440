#include "checks/texts/files.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace whylink::checks {

const config::EmbeddedToml& text_file(std::string_view name, std::span<const config::EmbeddedToml> files) {
    const auto file = std::ranges::find(files, name, &config::EmbeddedToml::name);
    if (file == files.end()) {
        throw std::logic_error("no text file " + std::string(name));
    }
    return *file;
}

}  // namespace whylink::checks
