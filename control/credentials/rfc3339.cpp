#include "control/credentials/rfc3339.hpp"

#include <ctime>

namespace whylink::control {

std::optional<std::chrono::system_clock::time_point> parse_rfc3339(const std::string& text) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (end == nullptr || (*end != 'Z' && *end != '.' && *end != '+')) {
        return std::nullopt;
    }
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace whylink::control
