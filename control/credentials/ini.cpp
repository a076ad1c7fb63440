#include "control/credentials/ini.hpp"

#include <algorithm>

namespace whylink::control {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

Ini parse_ini(std::string_view text) {
    Ini ini;
    IniSection* section = nullptr;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view whole = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string_view line = trimmed(whole);
        if (line.empty() || line.front() == '#' || line.front() == ';' || whole.front() == ' ' ||
            whole.front() == '\t') {
            continue;
        }
        if (line.front() == '[' && line.back() == ']') {
            section = &ini[std::string(trimmed(line.substr(1, line.size() - 2)))];
            continue;
        }
        const std::size_t equals = line.find('=');
        if (section != nullptr && equals != std::string_view::npos) {
            (*section)[std::string(trimmed(line.substr(0, equals)))] = trimmed(line.substr(equals + 1));
        }
    }
    return ini;
}

std::string value_of(const IniSection& section, std::string_view key) {
    const auto found = section.find(key);
    return found == section.end() ? std::string() : found->second;
}

}  // namespace whylink::control
