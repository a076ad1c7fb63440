#include "daemon/run/left_out.hpp"

#include <fmt/format.h>

#include "config/choices.hpp"

namespace whylink::daemon {

std::optional<std::string> left_out(const config::Endpoint& endpoint) {
    const bool negotiates_inside =
        endpoint.app == config::App::postgres || endpoint.app == config::App::mysql;
    if (endpoint.tls.mode != config::TlsMode::required || !negotiates_inside)
        return std::nullopt;
    return fmt::format(
        "{}: only the connection is checked: this version does not speak {}, inside which TLS is negotiated",
        endpoint.name, config::word(endpoint.app));
}

}  // namespace whylink::daemon
