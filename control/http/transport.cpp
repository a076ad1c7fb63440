#include "control/http/transport.hpp"

#include <algorithm>
#include <ctime>
#include <string>

namespace whylink::control {

std::string_view HttpResponse::header(std::string_view name) const {
    const auto found = std::ranges::find(headers, name, &Pair::first);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::chrono::seconds> HttpResponse::clock_ahead() const {
    const std::string date(header("date"));
    std::tm parts{};
    // RFC 9110, IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT".
    const char* end = ::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') {
        return std::nullopt;
    }
    const auto theirs = std::chrono::system_clock::from_time_t(::timegm(&parts));
    return std::chrono::duration_cast<std::chrono::seconds>(received_at - theirs);
}

}  // namespace whylink::control
