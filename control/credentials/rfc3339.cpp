#include "control/credentials/rfc3339.hpp"

#include <ctime>

namespace whylink::control {

std::optional<std::chrono::system_clock::time_point> parse_rfc3339(const std::string& text) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (end == nullptr || (*end != 'Z' && *end != '.' && *end != '+')) {
        return std::nullopt;
    }
    // A clock counts nanoseconds, which last until 2262.
    constexpr int first_year = 1970 - 1900;
    constexpr int last_year = 2261 - 1900;
    if (parts.tm_year < first_year || parts.tm_year > last_year) {
        return std::nullopt;
    }
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace whylink::control
