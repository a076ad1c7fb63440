// HTTP as the callers need it: requests out, responses in. The product's is curl_transport.hpp; tests have their own.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/http/call.hpp"

namespace whylink::control {

/// Bytes of a body that are read; a longer one is an error.
inline constexpr std::size_t max_body = 16UL << 20;
inline constexpr std::size_t max_header_bytes = 64UL << 10;

/// What came of a request without an HTTP status.
enum class Failure : std::uint8_t {
    none,
    resolve,  ///< the API's name has no address
    connect,  ///< refused, no route
    timeout,
    tls,  ///< certificate or handshake
    proxy,
    cut,  ///< ended within the answer
    too_large,
    redirect,  ///< never followed
    other,
};
consteval auto vocabulary(Failure) {
    return terms_by_name<Failure>();
}

struct HttpResponse {
    Failure failure = Failure::none;
    std::string error;  ///< of the library, redacted by the caller
    int status = 0;
    /// Names in lower case.
    std::vector<Pair> headers;
    std::string body;
    std::chrono::system_clock::time_point received_at{};

    /// Empty where there is none.
    std::string_view header(std::string_view name) const;
    /// How far this host's clock is ahead of `Date`; none without one.
    std::optional<std::chrono::seconds> clock_ahead() const;
};

class Transport {
  public:
    virtual ~Transport() = default;
    /// All at once, each within its own time-out and all before `until`; responses in the order of the requests. May be
    /// called from several threads. Never throws for what a peer does.
    virtual std::vector<HttpResponse> perform(std::span<const HttpRequest> requests,
                                              std::chrono::steady_clock::time_point until) = 0;
};

}  // namespace whylink::control
